package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	_ "github.com/go-sql-driver/mysql" // the drivers of members.sql.driver
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/member"
	"ocsso/internal/yamlfile"
)

// A directory is the configured member directory.
type directory struct {
	member.Directory
	file  *member.File // nil when the members are elsewhere
	close func() error
}

// openDirectory opens the configured directory. Where the settings need no
// members, it is empty.
func openDirectory(ctx context.Context, cfg config.Config) (*directory, error) {
	none := func() error { return nil }
	if !cfg.NeedsMembers() {
		return &directory{noMembers{}, nil, none}, nil
	}
	if cfg.Members.Kind == "sql" {
		database, err := member.OpenSQL(ctx, sqlOptions(cfg.Members.SQL))
		if err != nil {
			return nil, cli.Usage(fmt.Errorf("members.sql: %w", err), "the query takes one parameter, what the member types, and yields usercode and password_hash by name")
		}
		return &directory{database, nil, database.Close}, nil
	}
	file, err := loadMembers(cfg.Members.File.Path)
	if err != nil {
		return nil, err
	}
	return &directory{file, file, none}, nil
}

func sqlOptions(settings config.MembersSQL) member.SQLOptions {
	return member.SQLOptions{
		Driver: settings.Driver, DSN: settings.DSN.Value.Reveal(), Query: settings.Query,
		MaxOpen: settings.MaxOpen, MaxIdle: 2, ConnLifetime: 30 * time.Minute, Timeout: settings.Timeout,
	}
}

func loadMembers(path string) (*member.File, error) {
	members, err := member.LoadFile(path)
	if problems := (yamlfile.Problems)(nil); err != nil && !errors.As(err, &problems) {
		return nil, cli.Usage(err, "members.file.path names the member file; ocsso hash-password makes the hashes for it")
	}
	return members, err
}

// noMembers is an empty directory.
type noMembers struct{}

func (noMembers) Account(context.Context, string) (member.Account, error) {
	return member.Account{}, member.ErrUnknown
}
