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

// applicationID marks a file as ours, and format is the version of its tables. Both are in the
// file's header.
const (
	applicationID = 0x6F637373 // "ocss"
	format        = 1
)

// schema creates the tables where they are missing. expires is in microseconds since 1970.
const schema = `
CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_expires ON entry (expires);
`

// Open opens the store in the file at path, which reads the time from now. It creates a missing
// file and a missing folder, for their owner alone. While the file is open, SQLite keeps path-wal
// and path-shm beside it: they belong to it. All three have to be on a disk of this machine.
//
// An error names the file and says what to do: for a damaged file (Open reads all of it, which
// takes about a second for a million entries), a file of another program or of a newer version of
// this one, a file that can't be written, and a folder.
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
	s := &Store{now: now}
	if s.write, err = sql.Open("sqlite", locationOf(path)); err != nil {
		return nil, err
	}
	if s.read, err = sql.Open("sqlite", locationOf(path)); err != nil {
		return nil, err
	}
	s.write.SetMaxOpenConns(1)
	readers := max(2, runtime.GOMAXPROCS(0))
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.files = append(s.files, file{name, info})
	}
	return s, nil
}

// makeFile creates an empty file at path and its folder where they are missing.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	// Do not open an existing file: closing it would drop the locks that this process has on it.
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

// locationOf is the driver's name for the file at path. It sets the wait for another process's lock
// to half a second, and makes each commit wait for the disk.
func locationOf(path string) string {
	settings := url.Values{"_pragma": {"busy_timeout(500)", "synchronous(FULL)"}, "_txlock": {"immediate"}}
	location := url.URL{Scheme: "file", Path: path, RawQuery: settings.Encode()}
	return location.String()
}

// prepare checks the file, creates its tables and prepares the statements.
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
		db        *sql.DB
		statement **sql.Stmt
		query     string
	}{
		{s.read, &s.get, `SELECT value FROM entry WHERE key = ? AND expires > ?`},
		{s.write, &s.put, `INSERT OR REPLACE INTO entry (key, value, expires) VALUES (?, ?, ?)`},
		{s.write, &s.replace, `UPDATE entry SET value = ?, expires = ? WHERE key = ? AND expires > ?`},
		{s.write, &s.increment, `
			INSERT INTO entry (key, value, expires) SELECT ?1, CAST(CAST(?4 AS TEXT) AS BLOB), ?2
				WHERE ?4 > 0 OR EXISTS (SELECT 1 FROM entry WHERE key = ?1 AND expires > ?3) ON CONFLICT (key) DO UPDATE SET
				value = CASE WHEN expires > ?3 THEN CAST(CAST(CAST(CAST(value AS TEXT) AS INTEGER) + ?4 AS TEXT) AS BLOB)
					ELSE CAST(CAST(?4 AS TEXT) AS BLOB) END,
				expires = CASE WHEN expires > ?3 THEN expires ELSE ?2 END
			RETURNING CAST(CAST(value AS TEXT) AS INTEGER), expires - ?3`},
		{s.write, &s.delete, `DELETE FROM entry WHERE key = ?`},
		{s.write, &s.sweep, `DELETE FROM entry WHERE key IN (SELECT key FROM entry WHERE expires <= ? ORDER BY expires LIMIT ?)`},
	} {
		var err error
		if *p.statement, err = p.db.PrepareContext(ctx, p.query); err != nil {
			return err
		}
	}
	return nil
}

// checkOwner refuses a file of another program or of a newer version. It changes nothing.
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

// makeTables creates the tables where they are missing. It fails when the file can't be written.
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

// explain adds what to do to an error that an operator can fix.
func explain(err error) error {
	var sqlite *driver.Error
	if !errors.As(err, &sqlite) {
		return err
	}
	switch sqlite.Code() & 0xFF { // the primary code
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
