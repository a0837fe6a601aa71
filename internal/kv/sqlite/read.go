package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"
)

// readers are some goroutines, each with a connection and a statement of its own, by the driver itself. Through database/sql, in
// the goroutine of each call, a read takes 1.6 times as long: it starts goroutines for a context that can end, and the stack of each
// caller has to grow, again after every garbage collection.
type readers struct {
	questions chan *question
	closed    <-chan struct{}
	end       context.CancelFunc // closes closed, once or again
	running   *sync.WaitGroup
	spare     *sync.Pool // of *question
}

// A question asks for one or two keys at a time.
type question struct {
	args  [3]driver.NamedValue // both keys, and the time in microseconds
	found [2]driver.Value      // nil for none
	done  chan error
}

// startReaders opens n connections.
func startReaders(d driver.Driver, location string, n int) (readers, error) {
	open, end := context.WithCancel(context.Background())
	r := readers{
		questions: make(chan *question), closed: open.Done(), end: end, running: new(sync.WaitGroup),
		spare: &sync.Pool{New: func() any { return &question{done: make(chan error, 1)} }},
	}
	for range n {
		if err := r.start(d, location); err != nil {
			r.close()
			return readers{}, err
		}
	}
	return r, nil
}

func (r readers) start(d driver.Driver, location string) error {
	conn, err := d.Open(location)
	if err != nil {
		return err
	}
	statement, err := conn.Prepare(`
		SELECT (SELECT value FROM entry WHERE key = ?1 AND expires > ?3), (SELECT value FROM entry WHERE key = ?2 AND expires > ?3)`)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	r.running.Go(func() {
		defer conn.Close()
		defer statement.Close()
		for {
			select {
			case q := <-r.questions:
				q.done <- q.put(statement)
			case <-r.closed:
				return
			}
		}
	})
	return nil
}

// put asks the question. A panic of the driver is one question's, not the process's.
func (q *question) put(statement driver.Stmt) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	rows, err := statement.(driver.StmtQueryContext).QueryContext(context.Background(), q.args[:])
	if err != nil {
		return err
	}
	return errors.Join(rows.Next(q.found[:]), rows.Close())
}

// errClosed is a call's after Close.
var errClosed = errors.New("the store is closed")

// ask returns the values of two keys, nil for none, within timeout or the deadline of ctx. second may be "", which is no key.
func (r readers) ask(ctx context.Context, first, second string, now time.Time) (a, b []byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	q := r.spare.Get().(*question)
	q.args = [...]driver.NamedValue{{Ordinal: 1, Value: first}, {Ordinal: 2, Value: second}, {Ordinal: 3, Value: now.UnixMicro()}}
	select {
	case r.questions <- q:
	case <-r.closed:
		r.spare.Put(q)
		return nil, nil, errClosed
	case <-ctx.Done():
		r.spare.Put(q)
		return nil, nil, ctx.Err()
	}
	select {
	case err = <-q.done:
	case <-ctx.Done():
		return nil, nil, ctx.Err() // the question is still the reader's: it isn't used again
	}
	if err == nil {
		a, b = bytesOf(q.found[0]), bytesOf(q.found[1])
	}
	r.spare.Put(q)
	return a, b, err
}

// bytesOf is nil for no value alone. The driver has copied it.
func bytesOf(value driver.Value) []byte {
	content, some := value.([]byte)
	if some && content == nil {
		return []byte{}
	}
	return content
}

// close ends the goroutines, after the calls that are under way.
func (r readers) close() {
	r.end()
	r.running.Wait()
}
