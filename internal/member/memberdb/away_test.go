package memberdb

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestOnlyADatabaseThatMayAnswerLaterIsAway(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want bool
	}{
		{"the server has hung up", io.ErrUnexpectedEOF, true},
		{"the connection was reset", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, true},
		{"the driver knows that it is broken", driver.ErrBadConn, true},
		{"MySQL's driver knows it, too", mysql.ErrInvalidConn, true},
		{"pg_terminate_backend", &pgconn.PgError{Code: "57P01"}, true},
		{"PostgreSQL is starting", &pgconn.PgError{Code: "57P03"}, true},
		{"PostgreSQL has too many clients", &pgconn.PgError{Code: "53300"}, true},
		{"PgBouncer has no server", &pgconn.PgError{Code: "08P01", Severity: "FATAL", Message: "server login failed"}, true},
		{"MySQL has too many connections", &mysql.MySQLError{Number: 1040}, true},
		{"KILL", &mysql.MySQLError{Number: 1927}, true},
		{"wait_timeout", &mysql.MySQLError{Number: 4031}, true},
		{"no server", fmt.Errorf("connect: %w", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), true},
		{"no name yet", &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}, true},
		{"no answer", timeoutError(1), true},

		{"no error", nil, false},
		{"a port that can't be", &net.OpError{Op: "dial", Err: &net.AddrError{Err: "invalid port"}}, false},
		{"a network that can't be", &net.OpError{Op: "dial", Err: net.UnknownNetworkError("tpc")}, false},
		{"a socket of somebody else's", &net.OpError{Op: "dial", Err: syscall.EACCES}, false},
		{"a table is missing", &pgconn.PgError{Code: "42P01"}, false},
		{"a table is missing in MySQL", &mysql.MySQLError{Number: 1146}, false},
		{"a wrong password", &pgconn.PgError{Code: "28P01"}, false},
		{"a wrong password at PgBouncer", &pgconn.PgError{Code: "08P01", Severity: "FATAL", Message: "password authentication failed"}, false},
		{"a wrong password in MySQL", &mysql.MySQLError{Number: 1045}, false},
		{"a wrong number of parameters", &pgconn.PgError{Code: "08P01", Severity: "ERROR"}, false},
		{"no TLS", errors.New("server refused TLS connection"), false},
	} {
		if got := isAway(test.err); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func FuzzMasked(f *testing.F) {
	f.Add("cannot parse `user=kim password=open sesame`", "open sesame")
	f.Add("lookup ss%21word@db: no such host", "pa@ss%2521word")
	f.Add("비밀번호가 틀립니다", "비밀번호")
	f.Fuzz(func(t *testing.T, text, password string) {
		got := secretsOf("postgres://kim:"+password+"@db/shop", password, true).mask(errors.New(text))
		for _, piece := range strings.Split(got, "…") {
			for i := 0; i+4 <= len(piece); i++ {
				if strings.Contains(password, piece[i:i+4]) {
					t.Errorf("%q has %q of the password %q", got, piece[i:i+4], password)
				}
			}
		}
	})
}
