package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/member"
	"ocsso/internal/member/memberdb"
	"ocsso/internal/yamlfile"
)

// A directory is the configured member directory.
type directory struct {
	member.Directory
	file  *member.File // nil when the members are elsewhere
	close func() error
}

// directories are the ways to find members, by members.kind.
var directories = map[string]func(context.Context, config.Members, *slog.Logger) (*directory, error){
	"file": openMemberFile,
	"sql":  openDatabase,
}

// openDirectory opens the configured directory. Where the settings need no members, it is empty. A
// database may come later.
func openDirectory(ctx context.Context, cfg config.Config, log *slog.Logger) (*directory, error) {
	if !cfg.NeedsMembers() {
		return &directory{noMembers{}, nil, func() error { return nil }}, nil
	}
	open, ok := directories[cfg.Members.Kind]
	if !ok {
		return nil, fmt.Errorf("no members of kind %q", cfg.Members.Kind)
	}
	return open(ctx, cfg.Members, log)
}

func openMemberFile(_ context.Context, settings config.Members, _ *slog.Logger) (*directory, error) {
	file, err := loadMembers(settings.File.Path)
	if err != nil {
		return nil, err
	}
	return &directory{file, file, func() error { return nil }}, nil
}

func openDatabase(ctx context.Context, settings config.Members, log *slog.Logger) (*directory, error) {
	database, err := memberdb.Open(ctx, log, sqlOptions(settings.SQL))
	if fault := (*memberdb.Error)(nil); errors.As(err, &fault) && fault.OfQuery {
		return nil, cli.Usage(fmt.Errorf("members.sql: %w", err), fault.Hint)
	} else if fault != nil {
		return nil, cli.Unavailable(fmt.Errorf("members.sql: %w", err), fault.Hint)
	}
	if err != nil {
		return nil, err
	}
	return &directory{database, nil, database.Close}, nil
}

func sqlOptions(settings config.MembersSQL) memberdb.Options {
	return memberdb.Options{
		Driver: settings.Driver, DSN: settings.DSN.Reveal(), Query: settings.Query, MaxOpen: settings.MaxOpen, Timeout: settings.Timeout,
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
