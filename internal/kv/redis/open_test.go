package redis_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocsso/internal/kv/redis"
	"ocsso/internal/kv/redis/redistest"
)

const password = "correct-horse-battery-staple"

// allowedTo are the settings of a server with this user, who may do what a store with the options
// needs and nothing else.
func allowedTo(user string, o redis.Options) []string {
	commands := redistest.ForAll
	switch o.Mode {
	case redis.Cluster:
		commands += " " + redistest.ForClusters
	case redis.Sentinel:
		commands += " " + redistest.ForSentinels
	}
	return append([]string{
		"--user", user, "on", ">" + password, "~ocsso:*", "resetchannels", "-@all",
	}, strings.Fields(commands)...)
}

// wantNothingDenied checks that no command of a user was refused.
func wantNothingDenied(t *testing.T, server *redistest.Server) {
	t.Helper()
	if log := server.Ask("ACL", "LOG"); log != "" {
		t.Errorf("got %s in the log of refusals, want nothing", log)
	}
}

func TestStoreWithAPassword(t *testing.T) {
	t.Parallel()
	s := open(t, redistest.Start(t, "--requirepass", password), redis.Options{Password: password})
	put(t, s, "key", "value")
	want(t, s, "key", "value")
}

func TestStoreAsAUserWhoMayDoNoMoreThanItTakes(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, allowedTo("ocsso", redis.Options{})...)
	t.Run("suite", func(t *testing.T) {
		testStore(t, server, redis.Options{Username: "ocsso", Password: password, KeyPrefix: "ocsso:"})
	})
	wantNothingDenied(t, server)
}

func TestStoreWithTLS(t *testing.T) {
	t.Parallel()
	settings, trusted := certificate(t)
	s := open(t, redistest.Start(t, settings...), redis.Options{TLS: &tls.Config{RootCAs: trusted}})
	put(t, s, "key", "value")
	want(t, s, "key", "value")
}

// certificate returns the settings of a server that shows net/http's certificate of tests, and a
// pool that trusts it.
func certificate(t *testing.T) (settings []string, trusted *x509.CertPool) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	trusted = x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	private, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: server.Certificate().Raw},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{
		"--tls-cert-file", filepath.Join(dir, "cert.pem"), "--tls-key-file", filepath.Join(dir, "key.pem"),
		"--tls-ca-cert-file", filepath.Join(dir, "cert.pem"), "--tls-auth-clients", "no",
	}, trusted
}

func TestWhatCannotBeUsedIsAnErrorThatSaysWhatWasTried(t *testing.T) {
	plain := redistest.Start(t)
	locked := redistest.Start(t, "--requirepass", password)
	users := redistest.Start(t, append(allowedTo("ocsso", redis.Options{}), "--user", "reader", "on", "nopass", "~*", "+@all", "-set",
		"--user", "counter", "on", "nopass", "~*", "+@all", "-eval")...)
	settings, _ := certificate(t)
	encrypted := redistest.Start(t, settings...)
	sentinel := redistest.StartSentinel(t, "main", plain)
	for _, tt := range []struct {
		name   string
		server *redistest.Server
		o      redis.Options
		want   []string
	}{
		{"something else answers", answering(t, "HTTP/1.1 400 Bad Request\r\n\r\n"), redis.Options{}, []string{"unknown message type"}},
		{"it is too old", answering(t, "-ERR syntax error\r\n"), redis.Options{Password: password}, []string{"Redis 6 or later"}},
		{"the password is missing", locked, redis.Options{}, []string{"without a password", "NOAUTH"}},
		{"the password is wrong", locked, redis.Options{Password: password + "r"}, []string{"with a password", "WRONGPASS"}},
		{"the user is unknown", plain, redis.Options{Username: "ocsso", Password: password}, []string{`as user "ocsso"`, "WRONGPASS"}},
		{"the user may not use the prefix", users, redis.Options{Username: "ocsso", Password: password, KeyPrefix: "else:"}, []string{"NOPERM"}},
		{"the user may not count", users, redis.Options{Username: "counter"}, []string{"NOPERM", "eval"}},
		{"the user may not write", users, redis.Options{Username: "reader"}, []string{"NOPERM"}},
		{"the certificate is not trusted", encrypted, redis.Options{TLS: &tls.Config{}}, []string{"with TLS", "certificate"}},
		{"it is no cluster", plain, redis.Options{Mode: redis.Cluster}, []string{"cluster", "not part of a cluster"}},
		{"it is no sentinel", plain, redis.Options{Mode: redis.Sentinel, Master: "main"}, []string{`sentinel with master "main"`, "unknown command"}},
		{"the sentinels know no such master", sentinel, redis.Options{Mode: redis.Sentinel, Master: "other"}, []string{"No such master"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := redis.Open(context.Background(), at(tt.server, tt.o))
			if err == nil {
				s.Close()
				t.Fatal("got no error, want one")
			}
			for _, want := range append(tt.want, tt.server.Address) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got error %q, want %q in it", err, want)
				}
			}
			if strings.Contains(err.Error(), password) {
				t.Errorf("got error %q, want the password left out", err)
			}
		})
	}
}

// TestAServerThatIsNotThereYetIsUsedOnceItIs opens stores whose servers may still come.
func TestAServerThatIsNotThereYetIsUsedOnceItIs(t *testing.T) {
	settings, _ := certificate(t)
	gone, master := redistest.Start(t), redistest.Start(t)
	gone.Kill()
	sentinel := redistest.StartSentinel(t, "main", gone)
	for _, tt := range []struct {
		name string
		o    redis.Options
		want []string
	}{
		{"nobody listens", at(gone, redis.Options{}), []string{"single, without TLS, without a password", "connection refused"}},
		{"nobody answers", at(answering(t, ""), redis.Options{}), []string{"no answer in time"}},
		{"it is loading", at(answering(t, "-LOADING Redis is loading the dataset in memory\r\n"), redis.Options{}), []string{"LOADING"}},
		{"the server has TLS, or is a proxy", at(redistest.Start(t, settings...), redis.Options{}), []string{"without TLS", "does it want TLS"}},
		{"the server has no TLS, or hangs", at(master, redis.Options{TLS: &tls.Config{}}), []string{"with TLS", "no answer in time"}},
		{"the name is not known", redis.Options{Addresses: []string{"redis.invalid:6379"}, Mode: redis.Single}, []string{"redis.invalid"}},
		{"no node of a cluster listens", at(gone, redis.Options{Mode: redis.Cluster}), []string{"connection refused"}},
		{"no sentinel listens", at(gone, redis.Options{Mode: redis.Sentinel, Master: "main"}), []string{"connection refused"}},
		{"the master does not listen", at(sentinel, redis.Options{Mode: redis.Sentinel, Master: "main"}), []string{"connection refused"}},
		{"its memory is full", at(redistest.Start(t, "--maxmemory", "1", "--maxmemory-policy", "noeviction"), redis.Options{}), []string{"OOM"}},
		{"it is a replica", at(redistest.Start(t, "--replicaof", "127.0.0.1", "1"), redis.Options{}), []string{"READONLY"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := redis.Open(context.Background(), tt.o)
			if err != nil {
				t.Fatalf("got %v, want a store that waits for it", err)
			}
			defer s.Close()
			start := time.Now()
			err = s.Probe(context.Background())
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("probe: got %v, want an error with %q", err, want)
				}
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("probe: took %v, want a second at most", took)
			}
		})
	}
	waiting := []*redis.Store{open(t, gone, redis.Options{}), open(t, sentinel, redis.Options{Mode: redis.Sentinel, Master: "main"})}
	full := open(t, master, redis.Options{})
	gone.Restart()
	for _, s := range append(waiting, full) {
		wantBack(t, s)
		put(t, s, "key", "value")
		want(t, s, "key", "value")
	}
}

// TestAServerThatWantsAClientCertificateSaysSo takes either outcome: the server's reason may arrive
// before or after the connection is gone.
func TestAServerThatWantsAClientCertificateSaysSo(t *testing.T) {
	settings, trusted := certificate(t)
	settings[len(settings)-1] = "yes" // --tls-auth-clients
	s, err := redis.Open(context.Background(), at(redistest.Start(t, settings...), redis.Options{TLS: &tls.Config{RootCAs: trusted}}))
	if err == nil {
		defer s.Close()
		err = s.Probe(context.Background())
	}
	if err == nil || !strings.Contains(err.Error(), "certificate required") && !strings.Contains(err.Error(), "a certificate of this server") {
		t.Errorf("got %v, want an error that asks for a certificate", err)
	}
}

// answering listens and answers each command with text.
func answering(t *testing.T, text string) *redistest.Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					if strings.HasPrefix(lines.Text(), "*") { // a command begins
						io.WriteString(conn, text)
					}
				}
			}()
		}
	}()
	return &redistest.Server{Address: listener.Addr().String()}
}
