package bench

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// bareAnswer names, in the environment of a process, the file with the answer that it is to give: see TestMain.
const bareAnswer = "OCSSO_BENCH_ANSWER"

// TestMain lets this test binary be the server to compare with.
func TestMain(m *testing.M) {
	if file := os.Getenv(bareAnswer); file != "" {
		fmt.Fprintln(os.Stderr, serveBare(file, os.Args[1]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// serveBare answers every request with the header and body of the answer in file, and does nothing else: what net/http can do.
func serveBare(file, address string) error {
	answer, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(answer)), nil)
	if err != nil {
		return err
	}
	content := []byte(body(answer))
	return http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		header := w.Header()
		for name, values := range response.Header {
			header[name] = values
		}
		w.Write(content)
	}))
}

// A process is a server on a core of its own.
type process struct {
	b       testing.TB
	address string
	command *exec.Cmd
	logFile string
}

// startBare starts a server that gives this answer.
func startBare(b testing.TB, answer []byte) *process {
	b.Helper()
	file := filepath.Join(b.TempDir(), "answer")
	if err := os.WriteFile(file, answer, 0o600); err != nil {
		b.Fatal(err)
	}
	p := &process{b: b, address: freeAddress(b)}
	p.start(exec.Command(os.Args[0], p.address), bareAnswer+"="+file)
	return p
}

// build makes the command as people build it, and returns its path.
func build(b testing.TB) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "ocsso")
	command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", binary, "ocsso/cmd/ocsso")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, output)
	}
	return binary
}

// password is every member's, and cheapHash its hash at next to no cost. dearHash is one at the cost that ships.
const (
	password  = "correct horse battery"
	cheapHash = "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlcyEhIQ$mWg+r5Ew/lbKrJrNu0ni920594rrnlGEoayKKqzg6xA"
	dearHash  = "$argon2id$v=19$m=19456,t=2,p=1$6aERvJEjE7CzbIp5Zzdpxw$gRUuPLY9RUmAmIMvpeV9r5+I1yo6pJqDWrPvJKLrCAM"
)

// helpCenter is never called.
const helpCenter = "https://help.example.com"

// newServer returns `ocsso serve` with this store section, not yet started.
func newServer(b testing.TB, binary, store string) *process {
	b.Helper()
	dir := b.TempDir()
	p := &process{b: b, address: freeAddress(b)}
	config := fmt.Sprintf(`
server: {listen: %q, admin_listen: "", public_url: "http://%s"}
help_center: {base_url: %q, services: [hangame], organization_key: 4f1d0c6b9e7a48f2a3c5d8e1b2f60718}
session: {keys: [%q]}
login: {limits: {per_address: 100000/1s, per_member: 100000/1s}}
members: {file: {path: %q}}
store: %s
`, p.address, p.address, helpCenter, base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("0123456789abcdef"), 4)), filepath.Join(dir, "members.yaml"), store)
	members := fmt.Sprintf(`members:
  - {usercode: minji, password_hash: %q, username: 김민지, email: minji@example.com, phone: "010-1234-5678", memberno: "1001"}
  - {usercode: flooded, password_hash: %q}
`, cheapHash, dearHash)
	for name, content := range map[string]string{"config.yaml": config, "members.yaml": members} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	p.command = exec.Command(binary, "serve", "--config", filepath.Join(dir, "config.yaml"))
	return p
}

// startServer starts `ocsso serve` with this store section.
func startServer(b testing.TB, binary, store string) *process {
	b.Helper()
	p := newServer(b, binary, store)
	p.start(p.command)
	return p
}

// serverCore is the core that servers have; make bench gives the generator another, where there is one.
const serverCore = "0"

// start runs command on the servers' core and returns when it answers. Its log goes to a file, as a service's does.
func (p *process) start(command *exec.Cmd, environment ...string) {
	p.b.Helper()
	if pin, err := exec.LookPath("taskset"); err == nil {
		command = exec.Command(pin, append([]string{"--cpu-list", serverCore, command.Path}, command.Args[1:]...)...)
	}
	log, err := os.Create(filepath.Join(p.b.TempDir(), "log"))
	if err != nil {
		p.b.Fatal(err)
	}
	defer log.Close()
	command.Env = append(os.Environ(), environment...)
	command.Stderr = log
	if err := command.Start(); err != nil {
		p.b.Fatal(err)
	}
	p.command, p.logFile = command, log.Name()
	p.b.Cleanup(p.stop)
	p.await()
}

// await returns when something listens, and looks as often as it can.
func (p *process) await() {
	p.b.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		conn, err := net.Dial("tcp", p.address)
		if err == nil {
			conn.Close()
			return
		}
		runtime.Gosched()
	}
	p.b.Fatalf("the server doesn't listen; its log:\n%s", p.log())
}

func (p *process) stop() {
	p.command.Process.Kill()
	p.command.Wait()
}

func (p *process) log() string {
	data, err := os.ReadFile(p.logFile)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// cpu is the processor time that the process has used, from Linux's own count for each thread, in nanoseconds.
func (p *process) cpu() time.Duration {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.command.Process.Pid))
	if err != nil {
		p.b.Fatal(err)
	}
	var total time.Duration
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // a thread that has ended
		}
		ns, err := strconv.ParseInt(strings.Fields(string(data))[0], 10, 64)
		if err != nil {
			p.b.Fatal(err)
		}
		total += time.Duration(ns)
	}
	return total
}

// resident is the resident memory of the process, in MB of a million bytes.
func (p *process) resident() float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		p.b.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.Fields(value)[0])
			if err != nil {
				p.b.Fatal(err)
			}
			return float64(kib) * 1024 / 1e6
		}
	}
	p.b.Fatal("no VmRSS")
	return 0
}

// freeAddress is a loopback address that was free a moment ago.
func freeAddress(b testing.TB) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
