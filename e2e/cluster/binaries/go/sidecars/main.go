// Stands in for the two sidecars of a server, by the name that it is called by, so that tests need no foreign images:
// nats-server-config-reloader (of nack) and prometheus-nats-exporter. It keeps to their command lines, as far as the operator
// uses them, and does what they are for in the simplest way.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	run := export
	if filepath.Base(os.Args[0]) == "nats-server-config-reloader" {
		run = reload
	}
	log.Fatal(run())
}

// reload sends SIGHUP to the process of the pid file when one of the files changes; as the real one it ends where one is missing.
func reload() error {
	var files []string
	pidFile := flag.String("pid", "", "file with the process id of the server")
	flag.Func("config", "file that is watched; may be given more than once", func(file string) error {
		files = append(files, file)
		return nil
	})
	flag.Parse()
	known := map[string][32]byte{}
	for {
		changed := false
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(content)
			before, seen := known[file]
			changed = changed || (seen && before != sum)
			known[file] = sum
		}
		if changed {
			if err := hangUp(*pidFile); err != nil {
				return err
			}
		}
		time.Sleep(250 * time.Millisecond)
	}
}

func hangUp(pidFile string) error {
	text, err := os.ReadFile(pidFile)
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return err
	}
	// what is process 1 holds the namespaces of a pod, or is this program where it sees no other one
	if pid == 1 {
		return errors.New("process 1 is not the server: the containers share no process namespace")
	}
	if err := syscall.Kill(pid, syscall.SIGHUP); err != nil {
		return fmt.Errorf("SIGHUP to %d: %w", pid, err)
	}
	log.Printf("sent SIGHUP to %d", pid)
	return nil
}

// export serves the numbers of /varz in the text format of Prometheus.
func export() error {
	port := flag.Int("port", 7777, "port of /metrics")
	for _, name := range []string{"connz", "routez", "subz", "varz", "gatewayz", "leafz"} {
		flag.Bool(name, false, "serve these numbers too; only those of varz are")
	}
	flag.String("jsz", "", "serve those of JetStream too; they are not")
	flag.Parse()
	url := flag.Arg(0)
	http.HandleFunc("/metrics", func(answer http.ResponseWriter, _ *http.Request) {
		if err := write(answer, url); err != nil {
			http.Error(answer, err.Error(), http.StatusServiceUnavailable)
		}
	})
	return http.ListenAndServe(fmt.Sprintf(":%d", *port), nil)
}

func write(answer http.ResponseWriter, url string) error {
	response, err := http.Get(url + "/varz")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var varz map[string]any
	if err := json.NewDecoder(response.Body).Decode(&varz); err != nil {
		return err
	}
	var lines []string
	for name, value := range varz {
		if number, isNumber := value.(float64); isNumber {
			lines = append(lines, fmt.Sprintf("gnatsd_varz_%s{server_id=%q} %g", name, url, number))
		}
	}
	slices.Sort(lines)
	fmt.Fprintln(answer, strings.Join(lines, "\n"))
	return nil
}
