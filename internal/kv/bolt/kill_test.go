package bolt_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/kv/bolt"
	"ocsso/internal/proctest"
)

// writerPath is the environment variable that makes this test binary the writer that
// TestNothingAnsweredIsLostByAKill kills; its value is the file to write.
const writerPath = "OCSSO_TEST_FILE_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerPath); path != "" {
		if err := writeForEver(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeForEver puts, replaces and deletes in several goroutines at once, and prints the id of each
// entry that is done with. It returns when something goes wrong, but for a disk that is too slow
// for a moment: then the entry isn't printed.
func writeForEver(path string) error {
	s, err := bolt.Open(path, time.Now)
	if err != nil {
		return err
	}
	var print sync.Mutex
	failed := make(chan error)
	for range 4 {
		go func() {
			for {
				id := rand.Text()
				err := writeOne(s, id)
				if errors.Is(err, context.DeadlineExceeded) {
					continue
				}
				if err != nil {
					failed <- err
					return
				}
				print.Lock()
				fmt.Println(id)
				print.Unlock()
			}
		}()
	}
	return <-failed
}

// writeOne leaves two values for id and deletes a third.
func writeOne(s kv.Store, id string) error {
	ctx, value := context.Background(), []byte(id)
	if err := s.Put(ctx, "put/"+id, value, time.Hour); err != nil {
		return err
	}
	if err := s.Put(ctx, "replaced/"+id, []byte("old"), time.Hour); err != nil {
		return err
	}
	if live, err := s.Replace(ctx, "replaced/"+id, []byte("old"), value, time.Hour); err != nil || !live {
		return fmt.Errorf("replace %s: %v, %w", id, live, err)
	}
	if err := s.Put(ctx, "deleted/"+id, nil, time.Hour); err != nil {
		return err
	}
	return s.Delete(ctx, "deleted/"+id)
}

func TestNothingAnsweredIsLostByAKill(t *testing.T) {
	const kills = 100
	path := newPath(t)
	for i := range kills {
		answered := killWriter(t, path, 1+i%10)
		s := open(t, path, time.Now)
		for _, id := range answered {
			checkWritten(t, s, id)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			return
		}
	}
}

// killWriter runs a writer, kills it once it has answered for so many entries, and returns all that
// it has answered for.
func killWriter(t *testing.T, path string, atLeast int) (answered []string) {
	t.Helper()
	writer := exec.Command(os.Args[0])
	writer.Env = append(os.Environ(), writerPath+"="+path)
	writer.Stderr = os.Stderr
	output, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := proctest.Start(t, writer); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if answered = append(answered, lines.Text()); len(answered) == atLeast {
			writer.Process.Kill()
		}
	}
	if err := writer.Wait(); writer.ProcessState.Exited() {
		t.Fatalf("the writer ended by itself: %v", err)
	}
	return answered
}

func checkWritten(t *testing.T, s kv.Store, id string) {
	t.Helper()
	for _, key := range []string{"put/" + id, "replaced/" + id} {
		if got, err := s.Get(context.Background(), key); err != nil || string(got) != id {
			t.Errorf("%s: got %q, %v, want the value that was answered for", key, got, err)
		}
	}
	if got, err := s.Get(context.Background(), "deleted/"+id); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("deleted/%s: got %q, %v, want %v", id, got, err, kv.ErrNotFound)
	}
}
