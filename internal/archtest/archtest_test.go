// Package archtest holds the import table of the project: which of our packages, and of others, a
// package may import.
//
// It parses the files. A test that asks the go command would be cached after the imports have
// changed.
package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the module's folder, relative to this package's.
const root = "../.."

// A rule is what a package may import besides the standard library. Ours are named without the
// module.
type rule struct {
	ours   []string
	others []string
}

// table is ordered from the bottom up. A new package needs a row with a reason.
var table = map[string]rule{
	"internal/token": { // uniseg: where a display name is cut
		ours: []string{"internal/secret"}, others: []string{"github.com/rivo/uniseg"},
	},
	"internal/kv":     {},
	"internal/i18n":   {others: []string{"golang.org/x/text/language"}}, // Accept-Language
	"internal/secret": {},                                               // text that does not print itself
	"internal/paste":  {},                                               // wherever a person pastes
	"internal/yamlfile": { // shared by config and the member file
		ours: []string{"internal/paste"}, others: []string{"go.yaml.in/yaml/v3"},
	},
	"static": {},
	"internal/config": { // static: the colours that ui.accent has to go with
		ours:   []string{"internal/paste", "internal/secret", "internal/yamlfile", "static"},
		others: []string{"go.yaml.in/yaml/v3", "golang.org/x/net/publicsuffix"},
	},
	// The web's log and the command audit-id make the same ids.
	"internal/audit":   {others: []string{"golang.org/x/text/unicode/norm"}},
	"internal/metrics": {others: []string{"github.com/VictoriaMetrics/metrics"}},
	"internal/password": { // keeps the x/crypto hashes to itself
		others: []string{
			"golang.org/x/crypto/argon2", "golang.org/x/crypto/bcrypt", "golang.org/x/crypto/scrypt", "golang.org/x/sync/semaphore",
		},
	},
	"internal/member": { // token: one copy of the fields' limits
		ours:   []string{"internal/password", "internal/paste", "internal/token", "internal/yamlfile"},
		others: []string{"go.yaml.in/yaml/v3", "golang.org/x/text/unicode/norm"},
	},
	"internal/member/memberdb": { // keeps the SQL drivers to itself
		ours: []string{"internal/member", "internal/token"},
		others: []string{
			"github.com/go-sql-driver/mysql", "github.com/jackc/pgx/v5", "github.com/jackc/pgx/v5/pgconn", "github.com/jackc/pgx/v5/stdlib",
		},
	},
	"internal/session": { // member: a session stores its member
		ours:   []string{"internal/kv", "internal/member"},
		others: []string{"github.com/gorilla/securecookie", "golang.org/x/sync/singleflight"},
	},
	"internal/sitelogin": {ours: []string{"internal/member"}}, // login.with: site
	"internal/oidc": {
		ours:   []string{"internal/member", "internal/token"},
		others: []string{"github.com/coreos/go-oidc/v3/oidc", "github.com/go-jose/go-jose/v4", "golang.org/x/oauth2"},
	},
	"internal/kv/bolt":            {ours: []string{"internal/kv"}, others: []string{"go.etcd.io/bbolt"}},
	"internal/kv/redis/redistest": {ours: []string{"internal/proctest"}},
	"internal/kv/redis":           {ours: []string{"internal/kv"}, others: []string{"github.com/redis/rueidis", "golang.org/x/sync/singleflight"}},

	"internal/helpcenter": { // publicsuffix: which origins browsers count as one site
		ours: []string{"internal/secret", "internal/token"}, others: []string{"golang.org/x/net/publicsuffix"},
	},
	"templates": {ours: []string{"internal/i18n", "static"}, others: []string{"github.com/a-h/templ"}},
	"web": {
		ours: []string{
			"internal/audit", "internal/helpcenter", "internal/i18n", "internal/member", "internal/metrics", "internal/oidc",
			"internal/password", "internal/secret", "internal/session", "internal/token", "internal/sitelogin", "static", "templates",
		},
		others: []string{
			"github.com/a-h/templ", "github.com/go-chi/chi/v5", "github.com/rs/cors", "golang.org/x/net/http/httpguts",
		},
	},
	"internal/contract": {}, // the text that comments cite
	// The other side of the wire. It shares no code that knows the contract with the server.
	"internal/devtools/signing": { // x/text: the encodings and Unicode forms of wrong tokens; uniseg: columns
		others: []string{
			"github.com/rivo/uniseg",
			"golang.org/x/text/encoding", "golang.org/x/text/encoding/charmap", "golang.org/x/text/encoding/korean",
			"golang.org/x/text/encoding/unicode", "golang.org/x/text/unicode/norm", "golang.org/x/text/width",
		},
	},
	"internal/devtools/standin": {ours: []string{"internal/devtools/signing", "internal/i18n"}, others: []string{"github.com/a-h/templ"}},
	"internal/devtools/check": { // drives a real browser; reads pages and cookies' sites
		ours: []string{"internal/contract", "internal/devtools/signing", "internal/devtools/standin", "internal/secret"},
		others: []string{
			"github.com/chromedp/cdproto", "github.com/chromedp/chromedp", "golang.org/x/net/html", "golang.org/x/net/publicsuffix",
		},
	},

	".": {}, // one file, to embed config.example.yaml with
	"internal/cli": { // what both commands share; memlimit: the cgroup's memory
		ours:   []string{"internal/audit", "internal/config", "internal/i18n", "internal/yamlfile"},
		others: []string{"github.com/KimMachineGun/automemlimit/memlimit", "github.com/spf13/cobra", "golang.org/x/term"},
	},
	"internal/app": { // opens nothing: ocdev demo links no store and no database
		ours: []string{
			"internal/audit", "internal/config", "internal/helpcenter", "internal/i18n", "internal/kv", "internal/member",
			"internal/metrics", "internal/oidc", "internal/password", "internal/session", "internal/token", "internal/sitelogin", "static",
			"templates", "web",
		},
	},
	"cmd/ocsso": {
		ours: []string{
			".", "internal/app", "internal/audit", "internal/cli", "internal/config", "internal/helpcenter", "internal/i18n", "internal/kv",
			"internal/member", "internal/metrics", "internal/password", "internal/paste", "internal/token", "internal/yamlfile", "web",
		},
		others: []string{
			"github.com/coreos/go-systemd/v22/daemon", "github.com/spf13/cobra", "golang.org/x/term",
		},
	},
	"cmd/ocdev": {
		ours: []string{
			"internal/app", "internal/cli", "internal/config", "internal/devtools", "internal/i18n", "internal/kv", "internal/member", "internal/metrics",
			"internal/paste", "internal/secret", "web",
		},
		others: []string{"github.com/a-h/templ", "github.com/rivo/uniseg", "github.com/spf13/cobra"},
	},

	"internal/archtest":                     {},
	"internal/repo":                         {},
	"internal/proctest":                     {}, // programs that end with their test
	"internal/cli/clitest":                  {ours: []string{"internal/cli", "internal/proctest"}, others: []string{"github.com/spf13/cobra"}},
	"internal/oidc/oidctest":                {others: []string{"github.com/go-jose/go-jose/v4"}},
	"internal/kv/kvtest":                    {ours: []string{"internal/kv"}},
	"internal/member/memberdb/postgrestest": {ours: []string{"internal/proctest"}},
	"internal/member/membertest":            {ours: []string{"internal/member"}, others: []string{"github.com/google/go-cmp/cmp"}},
}

func TestImportsKeepToTheTable(t *testing.T) {
	module, seen := moduleName(t), map[string]bool{}
	for file, imports := range importsOf(t) {
		dir := path.Dir(file)
		seen[dir] = true
		rule, ok := table[dir]
		if !ok {
			t.Errorf("%s: package %s is not in the table", file, dir)
			continue
		}
		for _, imported := range imports {
			ours, isOurs := strings.CutPrefix(imported, module+"/")
			if imported == module {
				ours, isOurs = ".", true
			}
			switch {
			case isOurs && !allows(rule.ours, ours):
				t.Errorf("%s imports %s: of ours, %s may import %v", file, ours, dir, rule.ours)
			case !isOurs && strings.Contains(strings.Split(imported, "/")[0], ".") && !allows(rule.others, imported):
				t.Errorf("%s imports %s: of others, %s may import %v", file, imported, dir, rule.others)
			}
		}
	}
	for dir := range table {
		if !seen[dir] && dir != "internal/archtest" && !removed(dir) {
			t.Errorf("the table has %s, and there is no such package", dir)
		}
	}
}

// removed reports whether a package is one that a fork may remove, and has: the tools, or the guard of
// this repository.
func removed(dir string) bool {
	for _, room := range []string{"cmd/ocdev", "internal/devtools", "internal/repo"} {
		if _, err := os.Stat(filepath.Join(root, room)); err != nil && strings.HasPrefix(dir+"/", room+"/") {
			return true
		}
	}
	return false
}

// stores are what opens a connection or a file of the server.
var stores = []string{
	"github.com/redis/", "github.com/jackc/pgx/", "github.com/go-sql-driver/", "modernc.org/sqlite", "go.etcd.io/bbolt",
	"github.com/coreos/go-systemd/",
}

// TestTheToolsLinkNoStore keeps the first make demo quick. It follows our packages alone.
func TestTheToolsLinkNoStore(t *testing.T) {
	module, imports := moduleName(t), map[string][]string{}
	for file, imported := range importsOf(t) {
		imports[path.Dir(file)] = append(imports[path.Dir(file)], imported...)
	}
	linked := map[string]bool{}
	var link func(dir string)
	link = func(dir string) {
		if linked[dir] {
			return
		}
		linked[dir] = true
		for _, imported := range imports[dir] {
			if slices.ContainsFunc(stores, func(store string) bool { return strings.HasPrefix(imported, store) }) {
				t.Errorf("%s imports %s, and cmd/ocdev links it", dir, imported)
			}
			if ours, ok := strings.CutPrefix(imported, module+"/"); ok {
				link(ours)
			}
		}
	}
	link("cmd/ocdev")
	if len(linked) < 20 && !removed("cmd/ocdev") {
		t.Errorf("got the packages %v, want all that cmd/ocdev links", linked)
	}
}

// moduleName is the module's name, which a fork may have changed.
func moduleName(t *testing.T) string {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(file), "\n")
	name, ok := strings.CutPrefix(line, "module ")
	if !ok {
		t.Fatalf("go.mod begins with %q, want the module", line)
	}
	return name
}

// allows reports whether a row has the import or a folder above it.
func allows(row []string, imported string) bool {
	return slices.ContainsFunc(row, func(allowed string) bool {
		return imported == allowed || strings.HasPrefix(imported, strings.TrimSuffix(allowed, "/")+"/")
	})
}

// importsOf returns the imports of every Go file that is no test, by its path from the root.
func importsOf(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		found[file] = []string{}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[file] = append(found[file], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(slices.Collect(maps.Keys(found))) < 20 {
		t.Fatalf("got %d files, want the whole module", len(found))
	}
	return found
}
