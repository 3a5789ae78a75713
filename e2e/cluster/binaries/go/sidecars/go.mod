module nats-operator.local/sidecars

go 1.26.0
