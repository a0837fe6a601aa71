package bolt_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAProbeSeesThatTheFileIsGone(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(path string) error
	}{
		{"the file is deleted", os.Remove},
		{"the file is renamed", func(path string) error { return os.Rename(path, path+".old") }},
		{"the file is replaced", func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o600))
		}},
		{"the folder is deleted", func(path string) error { return os.RemoveAll(filepath.Dir(path)) }},
		{"the folder is renamed", func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".old") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := newPath(t)
			s := open(t, path, time.Now)
			if err := s.Probe(context.Background()); err != nil {
				t.Fatalf("before: got %v, want no error", err)
			}
			if err := tt.spoil(path); err != nil {
				t.Fatal(err)
			}
			if err := s.Probe(context.Background()); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want an error that names %s", err, path)
			}
		})
	}
}
