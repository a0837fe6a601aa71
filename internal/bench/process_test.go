package bench

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"ocsso/internal/kv/redis/redistest"
)

// The cores that a server may use. make bench puts the load generator on core 1 where there is one.
const (
	oneCore  = "0"
	twoCores = "0-1"
)

// A process is a server.
type process struct {
	b       testing.TB
	address string
	cores   string
	args    []string
	env     []string
	command *exec.Cmd // of the last start
}

// build makes the command as people build it, and returns its path.
func build(b testing.TB) string {
	binary := filepath.Join(b.TempDir(), "ocsso")
	command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", binary, "../../cmd/ocsso")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, output)
	}
	return binary
}

// minji's password is cheap to check, so that many sessions are soon started. The other member's
// costs what hash-password makes it cost.
const (
	password  = "correct horse battery"
	cheapHash = "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlcyEhIQ$mWg+r5Ew/lbKrJrNu0ni920594rrnlGEoayKKqzg6xA"
)

// helpCenter is never called.
const helpCenter = "https://help.example.com"

// startServer starts `ocsso serve` with this store section.
func startServer(b testing.TB, binary, cores, store string) *process {
	dir, address := b.TempDir(), "127.0.0.1:"+redistest.FreePort(b)
	hash := exec.Command(binary, "hash-password")
	hash.Stdin = strings.NewReader(password + "\n")
	dearHash, err := hash.Output()
	if err != nil {
		b.Fatal(err)
	}
	key := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("0123456789abcdef"), 4))
	membersFile, configFile := filepath.Join(dir, "members.yaml"), filepath.Join(dir, "config.yaml")
	for name, content := range map[string]string{
		configFile: fmt.Sprintf(`
server: {listen: %q, admin_listen: "", public_url: "http://%s"}
help_center: {base_url: %q, services: [hangame], organization_key: 4f1d0c6b9e7a48f2a3c5d8e1b2f60718}
session: {keys: [%q]}
login: {limits: {per_address: 100000/1s, per_member: 100000/1s}}
members: {file: {path: %q}}
store: %s
`, address, address, helpCenter, key, membersFile, store),
		membersFile: fmt.Sprintf(`
members:
  - {usercode: minji, password_hash: %q,
     username: 김민지, email: minji@example.com, phone: "010-1234-5678", memberno: "1001"}
  - {usercode: dear, password_hash: %q}
`, cheapHash, bytes.TrimSpace(dearHash)),
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	p := &process{b: b, address: address, cores: cores, args: []string{binary, "serve", "--config", configFile}}
	p.start()
	return p
}

// start runs the server and returns when it listens. It may be called again after stop.
func (p *process) start() {
	args := p.args
	if pin, err := exec.LookPath("taskset"); err == nil {
		args = append([]string{pin, "--cpu-list", p.cores}, args...)
	}
	p.command = exec.Command(args[0], args[1:]...)
	p.command.Env = append(os.Environ(), p.env...)
	p.command.Stderr = p.b.Output()
	if err := p.command.Start(); err != nil {
		p.b.Fatal(err)
	}
	p.b.Cleanup(p.stop)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		conn, err := net.Dial("tcp", p.address)
		if err == nil {
			conn.Close()
			return
		}
		runtime.Gosched()
	}
	p.b.Fatal("the server doesn't listen")
}

func (p *process) stop() {
	p.command.Process.Kill()
	p.command.Wait()
}

// resident is the resident memory of the process, in MB of a million bytes.
func (p *process) resident() float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		p.b.Fatal(err)
	}
	_, line, _ := strings.Cut(string(data), "VmRSS:")
	kib, err := strconv.Atoi(strings.Fields(line)[0])
	if err != nil {
		p.b.Fatal(err)
	}
	return float64(kib) * 1024 / 1e6
}
