package repo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/app"
	"ocsso/internal/config"
	"ocsso/internal/kv"
	"ocsso/internal/kv/redis/redistest"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
	"ocsso/static"
	"ocsso/web"
)

// root is the repository's folder, relative to this package's.
const root = "../.."

// readmes are the READMEs that the repository has, relative to root. A fork may be without ocdev.
func readmes(t *testing.T) (names []string) {
	t.Helper()
	for _, pattern := range []string{"README*.md", "deploy/README*.md", "deploy/site-login/README*.md", "internal/devtools/README*.md", "internal/devtools/*/README.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			name, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, filepath.ToSlash(name))
		}
	}
	if len(names) < 4 {
		t.Fatalf("got %q, want the READMEs in two languages", names)
	}
	return names
}

// removed reports whether a file is one of the tools that a fork may remove, and has.
func removed(name string) bool {
	for _, tools := range []string{"cmd/ocdev", "internal/devtools"} {
		if _, err := os.Stat(filepath.Join(root, tools)); errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(name+"/", tools+"/") {
			return true
		}
	}
	return false
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// codeBlock is a block of code in Markdown.
var codeBlock = regexp.MustCompile("(?ms)^ *```.*?^ *```$")

// TestTheREADMEsOfBothLanguagesSayTheSame compares headings, code without its comments, and links.
func TestTheREADMEsOfBothLanguagesSayTheSame(t *testing.T) {
	heading := regexp.MustCompile(`(?m)^#+ `)
	comment := regexp.MustCompile(` +# .*`)
	outline := func(name string) []string {
		text := strings.ReplaceAll(readFile(t, name), "README.ko.md", "README.md")
		list := []string{comment.ReplaceAllString(strings.Join(codeBlock.FindAllString(text, -1), "\n"), "")}
		list = append(list, heading.FindAllString(codeBlock.ReplaceAllString(text, ""), -1)...)
		return append(list, slices.Sorted(maps.Keys(linksIn(text)))...)
	}
	for _, name := range []string{"README", "deploy/README", "internal/devtools/README"} {
		if removed(name) {
			continue
		}
		if diff := cmp.Diff(outline(name+".md"), outline(name+".ko.md")); diff != "" {
			t.Errorf("%s (-English +Korean):\n%s", name, diff)
		}
	}
}

// linksIn returns the files that a README links to, each with the headings in it.
func linksIn(text string) map[string][]string {
	link := regexp.MustCompile(`\]\(([^#)]*)(#[^)]*)?\)`)
	files := map[string][]string{}
	for _, match := range link.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		files[match[1]] = append(files[match[1]], match[2])
	}
	return files
}

func TestEveryLinkInTheREADMEsLeadsSomewhere(t *testing.T) {
	heading := regexp.MustCompile(`(?m)^#+ (.*)$`)
	punctuation := regexp.MustCompile(`[^\pL\pN _-]`)
	for _, name := range readmes(t) {
		for file, anchors := range linksIn(readFile(t, name)) {
			target := path.Join(path.Dir(name), file)
			if file == "" {
				target = name
			}
			if removed(target) {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for _, anchor := range anchors {
				if anchor == "" {
					continue
				}
				// As GitHub makes anchors of headings
				found := slices.ContainsFunc(heading.FindAllStringSubmatch(readFile(t, target), -1), func(match []string) bool {
					words := punctuation.ReplaceAllString(strings.ToLower(match[1]), "")
					return anchor == "#"+strings.ReplaceAll(words, " ", "-")
				})
				if !found {
					t.Errorf("%s links to %s%s, which is no heading", name, target, anchor)
				}
			}
		}
	}
}

// commandLine is a command of ours with its arguments: at the beginning of a line of code, or of
// code within a sentence.
var commandLine = regexp.MustCompile("(?m)(?:^ *|^ *- run: |`)(?:\\./|bin/)?((?:ocsso|ocdev) [a-z-][^`\n]*)")

// commandLines are the arguments of every command line in a README.
func commandLines(text string) [][]string {
	var lines [][]string
	for _, match := range commandLine.FindAllStringSubmatch(strings.ReplaceAll(text, "\\\n", " "), -1) {
		words := strings.Fields(match[1])
		if end := slices.IndexFunc(words, func(word string) bool { return word == "#" || word == ">" }); end >= 0 {
			words = words[:end]
		}
		lines = append(lines, words)
	}
	return lines
}

// TestEveryCommandInTheREADMEsExists asks each command for its help, which fails for a flag that
// it hasn't.
func TestEveryCommandInTheREADMEsExists(t *testing.T) {
	count := 0
	for _, name := range readmes(t) {
		for _, words := range commandLines(readFile(t, name)) {
			program := programs[words[0]]
			if program == "" {
				continue // a fork without ocdev
			}
			count++
			arguments := append(slices.Clone(words[1:]), "--help")
			if slices.Contains(words, "--only") {
				arguments[len(arguments)-1] = "--list" // fails for a case that there isn't
			}
			output, err := exec.Command(program, arguments...).CombinedOutput()
			if err != nil || !strings.Contains(string(output), "\nUsage:\n  "+words[0]+" "+words[1]) && !slices.Contains(words, "--only") {
				t.Errorf("%s: %s: got error %v and %s, want the help of a command", name, strings.Join(words, " "), err, output)
			}
		}
	}
	if count < 15 {
		t.Errorf("got %d command lines, want those of all READMEs", count)
	}
}

// programs are the paths of the commands that the repository has, by name.
var programs = map[string]string{}

// TestMain builds the commands.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "ocsso-repo")
	if err != nil {
		panic(err)
	}
	build := exec.Command("go", "build", "-o", dir, "./cmd/...")
	build.Dir, build.Stderr = root, os.Stderr
	code := 1
	if build.Run() == nil {
		for _, name := range []string{"ocsso", "ocdev"} {
			if path := filepath.Join(dir, name); exec.Command(path, "version").Run() == nil {
				programs[name] = path
			}
		}
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// route is a method, or several, and a path in a table of the README.
var route = regexp.MustCompile("`([A-Z,]+) (/[^ `]*)`")

func TestEveryRouteInTheREADMEIsServed(t *testing.T) {
	handlers := []http.Handler{web.NewAdmin(slog.New(slog.DiscardHandler), metrics.New("test"), func(bool) (string, error) { return "ready", nil },
		web.SetupSettings{Seen: &web.Seen{}}, func(context.Context) []web.Finding { return nil })}
	for _, section := range []string{
		"links_api: {keys: [9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08]}\n",
		"login: {with: oidc, oidc: {issuer: \"http://localhost:1\", client_id: help, client_secret: test-secret-of-the-client}}\n",
	} {
		handlers = append(handlers, handlerOf(t, section))
	}
	paths := strings.NewReplacer("{usercode}", "minji", "/static/*", static.URL("favicon.svg"))
	count := 0
	for line := range strings.Lines(readFile(t, "deploy/README.md")) {
		if !strings.HasPrefix(line, "| `GET") && !strings.HasPrefix(line, "| `POST") {
			continue
		}
		row, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		for _, match := range route.FindAllStringSubmatch(row, -1) {
			for method := range strings.SplitSeq(match[1], ",") {
				count++
				path := paths.Replace(match[2])
				served := false
				for _, handler := range handlers {
					recorder := httptest.NewRecorder()
					handler.ServeHTTP(recorder, httptest.NewRequest(method, "http://localhost:8080"+path, nil))
					served = served || recorder.Code != 404 && recorder.Code != 405
				}
				if !served {
					t.Errorf("%s %s: got 404 or 405, want it served", method, path)
				}
			}
		}
	}
	if count < 20 {
		t.Errorf("got %d routes, want those of the whole table", count)
	}
}

// handlerOf is the server with a section of settings, and the keys that every server needs.
func handlerOf(t *testing.T, section string) http.Handler {
	t.Helper()
	text := "help_center: {base_url: \"https://help.example.com\", services: [hangame], organization_key: 4f1d0c6b9e7a48f2a3c5d8e1b2f60718}\n" +
		fmt.Sprintf("session: {keys: [%q]}\n", config.NewSessionKey()) + section
	cfg, err := config.Load("config.yaml", []byte(text), nil, os.ReadFile)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	store := kv.NewMemory(time.Now, 1_000_000)
	handler, err := app.New(slog.New(slog.DiscardHandler), metrics.New("test"), store, nobody{}, http.DefaultTransport, 0).Handler(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// nobody is a directory without members.
type nobody struct{}

func (nobody) Account(context.Context, string) (member.Account, error) {
	return member.Account{}, member.ErrUnknown
}

// TestTheREADMEsHaveTheRightsThatAreTried has the rights with which package redis is tested.
func TestTheREADMEsHaveTheRightsThatAreTried(t *testing.T) {
	for _, name := range []string{"deploy/README.md", "deploy/README.ko.md"} {
		text := readFile(t, name)
		for _, want := range []string{
			"~ocsso:* resetchannels -@all " + redistest.ForAll + "\n", "`" + redistest.ForClusters + "`",
			"`" + redistest.ForSentinels + "`", "`" + redistest.OfSentinels + "`",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: got no %s", name, want)
			}
		}
	}
}

var (
	loginBlock = regexp.MustCompile("(?s)```yaml\n(login:\n.*?)```")
	secretFile = regexp.MustCompile("client_secret_file: .*")
)

func TestTheProvidersInTheREADMEsAreValidSettings(t *testing.T) {
	for _, name := range []string{"deploy/README.md", "deploy/README.ko.md"} {
		blocks := loginBlock.FindAllStringSubmatch(readFile(t, name), -1)
		if len(blocks) != 5 {
			t.Errorf("%s: got the settings of %d providers, want 5", name, len(blocks))
		}
		for _, block := range blocks {
			secret := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(secret, []byte("secret\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			handlerOf(t, secretFile.ReplaceAllString(block[1], "client_secret_file: "+secret))
		}
	}
}
