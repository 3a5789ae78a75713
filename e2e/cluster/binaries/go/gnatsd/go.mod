module nats-operator.local/gnatsd

go 1.26.0

tool github.com/nats-io/gnatsd

require (
	github.com/nats-io/gnatsd v1.0.4 // indirect
	github.com/nats-io/nuid v1.0.1 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
