package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// entries is the file's only bucket. Its name says whose file it is, and of which format.
var entries = []byte("ocsso entries 1")

// lockTimeout is how long Open waits for another process to end, such as the one that this one
// replaces.
const lockTimeout = time.Second

// Open opens the store in the file at path, which reads the time from now, and locks the file. It
// creates a missing file, for its owner alone, and the folder of a relative path. The folder of an
// absolute path has to be there: it was made for this, such as a volume, and a missing one is
// misspelt. The file has to be on a disk of this machine.
//
// An error names the file and says what to do: for a file that another process has open, a damaged
// file (Open reads all of it, which takes about a second for a million entries), a file of another
// program or of another version of this one, a file that can't be written, and a folder.
func Open(path string, now func() time.Time) (*Store, error) {
	s := &Store{now: now}
	if err := s.open(path); err != nil {
		return nil, fmt.Errorf("file store %s: %w", path, explain(err))
	}
	return s, nil
}

func (s *Store) open(path string) (err error) {
	if !filepath.IsAbs(path) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
	}
	if s.path, err = filepath.Abs(path); err != nil {
		return err
	}
	// bbolt would wait for ever for another end of a pipe.
	if info, err := os.Stat(s.path); err == nil && !info.Mode().IsRegular() {
		return errors.New("not a file: name one, which may be missing, in place of a folder or a device")
	}
	// Reading a damaged file, bbolt panics, or faults past the end of the mapped file.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = damaged(fmt.Errorf("%v", cause))
		}
		if err != nil && s.db != nil {
			err = errors.Join(err, s.db.Close())
		}
	}()
	s.db, err = bbolt.Open(s.path, 0o600, &bbolt.Options{
		Timeout:      lockTimeout,
		FreelistType: bbolt.FreelistMapType,
		NoStatistics: true,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			file, err := os.OpenFile(name, flag, mode)
			if err == nil {
				s.file, err = file.Stat()
			}
			return file, err
		},
	})
	if err != nil {
		return err
	}
	return s.prepare()
}

// prepare checks the file and creates its bucket where it is missing.
func (s *Store) prepare() error {
	isNew := true
	err := s.db.View(func(tx *bbolt.Tx) error {
		if info, err := os.Stat(s.path); err != nil {
			return err
		} else if info.Size() < tx.Size() {
			return damaged(errors.New("its end is missing"))
		}
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			if !bytes.Equal(name, entries) {
				return errors.New("a database of another program, or of another version of this one: name another file")
			}
			isNew = false
			return readAll(b)
		})
	})
	if err != nil || !isNew {
		return err
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket(entries)
		return err
	})
}

// readAll visits all pages, since a damaged one would panic in a request later.
func readAll(b *bbolt.Bucket) error {
	var last []byte
	return b.ForEach(func(key, value []byte) error {
		if len(value) < expirySize || bytes.Compare(key, last) <= 0 {
			return damaged(errors.New("it has an entry that this store never writes"))
		}
		last = key
		return nil
	})
}

// explain adds what to do to an error that an operator can fix.
func explain(err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return errors.New("another process has it open: stop that one, or name another file")
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrChecksum):
		return fmt.Errorf("not a file of this store, or damaged: name another file, or move this one away: %w", err)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("the disk is full: make room: %w", err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("its folder is missing: make it, or mend the path: %w", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("let the user of this process read and write the file and its folder: %w", err)
	}
	return err
}

func damaged(err error) error {
	return fmt.Errorf("damaged: move it away, and members log in anew: %w", err)
}
