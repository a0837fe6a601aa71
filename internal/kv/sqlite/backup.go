package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// Backup writes a copy of the store in the file at path to a new file, for its owner alone. The
// store may be in use. The copy is one file, which Open opens.
//
// path must be a store, and copy must not exist.
func Backup(ctx context.Context, path, copy string) error {
	if err := backup(ctx, path, copy); err != nil {
		return fmt.Errorf("back up %s to %s: %w", path, copy, explain(err))
	}
	return nil
}

func backup(ctx context.Context, path, copy string) (err error) {
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	if copy, err = filepath.Abs(copy); err != nil { // SQLite would read a name like file:x as a URL
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return errors.New("the store is an empty file")
	}
	location := url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro&_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", location.String())
	if err != nil {
		return err
	}
	defer db.Close()
	if err := checkOwner(ctx, db); err != nil {
		return err
	}
	// SQLite accepts an empty file. One that it makes would be readable for all.
	made, err := os.OpenFile(copy, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return errors.New("there is such a file: name another, or move it away")
	}
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(copy)
		}
	}()
	defer made.Close()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", copy); err != nil {
		return err
	}
	return made.Sync()
}
