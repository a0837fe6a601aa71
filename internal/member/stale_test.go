package member

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestOnlyAConnectionOfNoUseIsReplaced(t *testing.T) {
	for _, test := range []struct {
		name string
		own  error
		want bool
	}{
		{"the server has hung up", io.ErrUnexpectedEOF, true},
		{"the connection was reset", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, true},
		{"the driver knows that it is broken", driver.ErrBadConn, true},
		{"MySQL's driver knows it, too", mysql.ErrInvalidConn, true},
		{"pg_terminate_backend", &pgconn.PgError{Code: "57P01"}, true},
		{"cached plan must not change result type", &pgconn.PgError{Code: "0A000"}, true},
		{"a pooler has another connection now", &pgconn.PgError{Code: "26000"}, true},
		{"KILL", &mysql.MySQLError{Number: 1927, SQLState: [5]byte([]byte("70100"))}, true},
		{"wait_timeout", &mysql.MySQLError{Number: 4031, SQLState: [5]byte([]byte("HY000"))}, true},
		{"no server", fmt.Errorf("connect: %w", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), false},
		{"a table is missing", &pgconn.PgError{Code: "42P01"}, false},
		{"a table is missing in MySQL", &mysql.MySQLError{Number: 1146, SQLState: [5]byte([]byte("42S02"))}, false},
		{"a wrong password", &pgconn.PgError{Code: "28P01"}, false},
		{"the server is starting", &pgconn.PgError{Code: "57P03"}, false},
	} {
		if got := isStale(driverError{test.own}); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
	for _, err := range []error{nil, ErrUnknown, errors.New("no answer within 1s")} {
		if isStale(err) {
			t.Errorf("%v: got true, want false: it is no driver's error", err)
		}
	}
}
