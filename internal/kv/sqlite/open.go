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
	"runtime"
	"time"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// applicationID marks a file as ours, and format is the version of what is in it. Both are in the file's header.
const (
	applicationID = 0x6F637373 // "ocss"
	format        = 1
)

// schema is for an empty file, and changes nothing in another of this format. expires is in microseconds since 1970.
const schema = `
CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_expires ON entry (expires);
`

// Open opens the store in the file at path, which reads the time from now. A missing file is made, for its owner alone, and
// so is a missing folder. While the file is open, SQLite keeps two more beside it, path-wal and path-shm: they are part of
// it. All three have to be on a disk of this machine.
//
// A file that can't be used is an error that names it and says what to do: one that is damaged (all of it is read to
// find out, which takes a second or so for a million entries), one of another program or of a newer version of this one,
// one that can't be written, a folder.
func Open(ctx context.Context, path string, now func() time.Time) (*Store, error) {
	s, err := open(ctx, path, now)
	if err != nil {
		return nil, fmt.Errorf("sqlite store %s: %w", path, explain(err))
	}
	return s, nil
}

func open(ctx context.Context, path string, now func() time.Time) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := makeFile(path); err != nil {
		return nil, err
	}
	location := locationOf(path)
	write, err := sql.Open("sqlite", location)
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	s := &Store{now: now, write: write}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	if s.readers, err = startReaders(write.Driver(), location, max(2, runtime.GOMAXPROCS(0))); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return s, nil
}

// makeFile makes an empty file at path, and its folder, where there is none.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	// A file that is there isn't opened: closing it would drop the locks that this process may have on it.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		return file.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("not a file: name one, which may be missing, in place of a folder or a device")
	}
	return nil
}

// locationOf is the file at path for the driver. A lock that another process has is waited for half a second; a commit returns
// when it is on the disk.
func locationOf(path string) string {
	settings := url.Values{"_pragma": {"busy_timeout(500)", "synchronous(FULL)"}, "_txlock": {"immediate"}}
	location := url.URL{Scheme: "file", Path: path, RawQuery: settings.Encode()}
	return location.String()
}

// prepare makes the file and the statements ready for use.
func (s *Store) prepare(ctx context.Context) error {
	if err := checkOwner(ctx, s.write); err != nil {
		return err
	}
	if err := checkWhole(ctx, s.write); err != nil {
		return err
	}
	if err := makeTables(ctx, s.write); err != nil {
		return err
	}
	for _, p := range []struct {
		statement **sql.Stmt
		query     string
	}{
		{&s.put, `INSERT OR REPLACE INTO entry (key, value, expires) VALUES (?, ?, ?)`},
		{&s.replace, `UPDATE entry SET value = ?, expires = ? WHERE key = ? AND expires > ?`},
		{&s.increment, `
			INSERT INTO entry (key, value, expires) VALUES (?1, CAST(1 AS BLOB), ?2) ON CONFLICT (key) DO UPDATE SET
				value = CASE WHEN expires > ?3 THEN CAST(CAST(CAST(value AS TEXT) AS INTEGER) + 1 AS BLOB) ELSE CAST(1 AS BLOB) END,
				expires = CASE WHEN expires > ?3 THEN expires ELSE ?2 END
			RETURNING CAST(CAST(value AS TEXT) AS INTEGER)`},
		{&s.delete, `DELETE FROM entry WHERE key = ?`},
		{&s.sweep, `DELETE FROM entry WHERE key IN (SELECT key FROM entry WHERE expires <= ? ORDER BY expires LIMIT ?)`},
	} {
		var err error
		if *p.statement, err = s.write.PrepareContext(ctx, p.query); err != nil {
			return err
		}
	}
	return nil
}

// checkOwner refuses a file with anything in it that isn't this package's. It changes nothing.
func checkOwner(ctx context.Context, db *sql.DB) error {
	var id, version, tables int
	row := db.QueryRowContext(ctx, `
		SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id, pragma_user_version`)
	if err := row.Scan(&id, &version, &tables); err != nil {
		return err
	}
	switch {
	case id == 0 && version == 0 && tables == 0:
		return nil
	case id != applicationID:
		return errors.New("a database of another program: name another file")
	case version > format:
		return fmt.Errorf("of format %d, and this program knows none above %d: run the newer program, or name another file",
			version, format)
	}
	return nil
}

// checkWhole reads all of the file.
func checkWhole(ctx context.Context, db *sql.DB) error {
	var finding string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&finding); err != nil {
		return err
	}
	if finding != "ok" {
		return damaged(errors.New(finding))
	}
	return nil
}

// makeTables makes them where they are missing, and so finds out whether the file can be written.
func makeTables(ctx context.Context, db *sql.DB) error {
	var mode string
	if err := db.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("journal mode %s, not wal: name a file on a disk of this machine", mode)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	mark := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, format)
	if _, err := tx.ExecContext(ctx, schema+mark); err != nil {
		return err
	}
	return tx.Commit()
}

// explain adds what to do to SQLite's error, where it is one that an operator can mend.
func explain(err error) error {
	var sqlite *driver.Error
	if !errors.As(err, &sqlite) {
		return err
	}
	switch sqlite.Code() & 0xFF { // the rest is detail
	case codes.SQLITE_NOTADB:
		return fmt.Errorf("not a database: name another file, or move this one away: %w", err)
	case codes.SQLITE_CORRUPT:
		return damaged(err)
	case codes.SQLITE_READONLY, codes.SQLITE_CANTOPEN, codes.SQLITE_PERM:
		return fmt.Errorf("let the user of this process read and write the file and its folder: %w", err)
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return fmt.Errorf("stop the other program that has locked the file: %w", err)
	}
	return err
}

func damaged(err error) error {
	return fmt.Errorf("damaged: move it away, with its -wal and -shm files, and members log in anew: %w", err)
}
