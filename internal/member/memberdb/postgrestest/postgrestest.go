// Package postgrestest runs real PostgreSQL servers for tests: Debian's postgresql, on a free port of
// 127.0.0.1, in a folder that goes with the server.
package postgrestest

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"ocsso/internal/proctest"
)

// A Server is one PostgreSQL.
type Server struct {
	Port string // on 127.0.0.1

	folder  string
	process *exec.Cmd
	kill    func() // nil while it doesn't run
}

// Password is that of the user ocsso.
const Password = "a-password"

// New makes a server that doesn't run yet. Remove it.
func New() (*Server, error) {
	folder, err := os.MkdirTemp("/tmp", "ocsso-postgres-") // a socket's path must be short
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder}
	if err := s.initialize(); err != nil {
		s.Remove()
		return nil, err
	}
	return s, nil
}

func (s *Server) initialize() (err error) {
	if s.Port, err = proctest.FreePort(); err != nil {
		return err
	}
	account, err := unprivileged()
	if err != nil {
		return err
	}
	if account != nil {
		if err := os.Chown(s.folder, int(account.Uid), int(account.Gid)); err != nil {
			return err
		}
	}
	if err := s.write("password", Password); err != nil {
		return err
	}
	initdb, err := s.command("initdb", "-D", "data", "-U", "ocsso", "-A", "scram-sha-256", "--pwfile", "password", "-E", "UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return err
	}
	if output, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, output)
	}
	return nil
}

// Create is New for one test, which removes the server.
func Create(t testing.TB) *Server {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Remove)
	return s
}

// Start is Create and Run.
func Start(t testing.TB) *Server {
	t.Helper()
	s := Create(t)
	if err := s.Run(); err != nil {
		t.Fatal(err)
	}
	return s
}

// Run runs the server and returns when it serves.
func (s *Server) Run() (err error) {
	s.process, err = s.command("postgres", "-D", "data", "-F", "-k", s.folder, "-p", s.Port, "-c", "listen_addresses=127.0.0.1")
	if err != nil {
		return err
	}
	s.kill, err = proctest.Serve(s.process, "database system is ready to accept connections")
	return err
}

// Stop ends the server and its connections at once.
func (s *Server) Stop() {
	if s.kill != nil {
		s.process.Process.Signal(syscall.SIGINT) // its "fast shutdown"
		s.process.Wait()
		s.kill()
		s.kill = nil
	}
}

// Remove stops the server and removes what it has written.
func (s *Server) Remove() {
	s.Stop()
	os.RemoveAll(s.folder)
}

// DSN names the database that every server has.
func (s *Server) DSN() string { return dsn(s.Port) }

func dsn(port string) string {
	return "postgres://ocsso:" + Password + "@127.0.0.1:" + port + "/postgres?sslmode=disable"
}

// Pool runs PgBouncer in front of the server until the test ends, and returns its DSN. In its
// transaction mode each statement may go to another connection.
func (s *Server) Pool(t testing.TB) string {
	t.Helper()
	port, err := proctest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	settings := fmt.Sprintf(`[databases]
postgres = host=127.0.0.1 port=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
unix_socket_dir =
auth_type = plain
auth_file = users
pool_mode = transaction
`, s.Port, port)
	if err := errors.Join(s.write("pgbouncer.ini", settings), s.write("users", `"ocsso" "`+Password+`"`)); err != nil {
		t.Fatal(err)
	}
	pooler, err := s.command("pgbouncer", "pgbouncer.ini")
	if err != nil {
		t.Fatal(err)
	}
	stop, err := proctest.Serve(pooler, "process up")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return dsn(port)
}

func (s *Server) write(name, text string) error {
	return os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o644)
}

// command is a program of Debian's, run in the folder as a user whom PostgreSQL accepts.
func (s *Server) command(name string, args ...string) (*exec.Cmd, error) {
	path, _ := exec.LookPath(name)
	for _, folder := range []string{"/usr/lib/postgresql/*/bin", "/usr/sbin"} { // not in everybody's PATH
		if found, _ := filepath.Glob(filepath.Join(folder, name)); found != nil {
			path = cmp.Or(path, found[len(found)-1])
		}
	}
	if path == "" {
		return nil, fmt.Errorf("this test needs real databases, and there is no %s: apt-get install postgresql pgbouncer", name)
	}
	account, err := unprivileged()
	if err != nil {
		return nil, err
	}
	command := exec.Command(path, args...)
	command.Dir = s.folder
	command.SysProcAttr = &syscall.SysProcAttr{Credential: account}
	return command, nil
}

// unprivileged returns the user nobody for tests that run as root, which PostgreSQL refuses.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, errUID := strconv.ParseUint(nobody.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(nobody.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(errUID, errGID)
}
