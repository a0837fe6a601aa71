package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// A slowDriver's statements answer when they are told to, with the first key as the value of both.
type slowDriver struct {
	driver.Conn
	driver.Stmt
	driver.Rows
	answer chan error
	value  string
}

func (d *slowDriver) Open(string) (driver.Conn, error)    { return d, nil }
func (d *slowDriver) Prepare(string) (driver.Stmt, error) { return d, nil }
func (d *slowDriver) Close() error                        { return nil }

func (d *slowDriver) QueryContext(_ context.Context, args []driver.NamedValue) (driver.Rows, error) {
	d.value = args[0].Value.(string)
	return d, <-d.answer
}

func (d *slowDriver) Next(found []driver.Value) error {
	found[0], found[1] = []byte(d.value), []byte(d.value)
	return nil
}

// TestAReadThatIsGivenUpAnswersNobodyElse has a reader that still works on a question which nobody waits for any more.
func TestAReadThatIsGivenUpAnswersNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &slowDriver{answer: make(chan error)}
		r, err := startReaders(d, "", 1)
		if err != nil {
			t.Fatal(err)
		}
		defer r.close()
		ask := func(ctx context.Context, key string) (string, error) {
			a, _, err := r.ask(ctx, key, "", time.Now())
			return string(a), err
		}
		begun := time.Now()
		if _, err := ask(context.Background(), "stuck"); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != timeout {
			t.Errorf("a reader that is stuck: got %v after %v, want %v after %v", err, time.Since(begun), context.DeadlineExceeded, timeout)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		if _, err := ask(ctx, "waiting"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("no reader free: got %v, want %v", err, context.DeadlineExceeded)
		}
		d.answer <- nil // of the first question
		for _, test := range []struct {
			key string
			err error
		}{{"next", nil}, {"broken", io.ErrUnexpectedEOF}, {"last", nil}} {
			go func() { d.answer <- test.err }()
			got, err := ask(context.Background(), test.key)
			if !errors.Is(err, test.err) || err == nil && got != test.key {
				t.Errorf("%s: got %q, %v, want its own answer and %v", test.key, got, err, test.err)
			}
		}
	})
}
