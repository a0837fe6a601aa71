package repo

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"ocsso/internal/cli/clitest"
)

// secretFiles are what an installation keeps beside the Dockerfile or in deploy.
var secretFiles = []string{
	"config.yaml", "members.yaml", "organization-key", "session-keys", "client-secret", "redis-password", "members-dsn",
	"data/ocsso.db", "data/ocsso.db-wal", "data/ocsso.db-shm", "login.pem", "login.key", ".env", ".env.production",
}

func TestGitIgnoresTheSecretsOfAnInstallation(t *testing.T) {
	text, err := os.ReadFile("../../.gitignore")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	clitest.WriteFile(t, filepath.Join(dir, ".gitignore"), string(text))
	if output, err := exec.Command("git", "init", "-q", dir).CombinedOutput(); err != nil {
		t.Fatalf("git init: %v\n%s", err, output)
	}
	var paths []string
	for _, name := range secretFiles {
		paths = append(paths, name, "deploy/"+name, "deploy/config/"+name, "deploy/kubernetes/secrets/"+name)
	}
	wanted := slices.Clone(paths)
	paths = append(paths, "config.example.yaml", "go.mod", "deploy/compose.yaml", "deploy/kubernetes/config.yaml", "internal/config/config.go", "static/css/site.css")
	check := exec.Command("git", "-C", dir, "check-ignore", "--stdin")
	check.Stdin = strings.NewReader(strings.Join(paths, "\n"))
	output, err := check.Output()
	if err != nil {
		t.Fatalf("git check-ignore: %v", err)
	}
	if got := strings.Fields(string(output)); !slices.Equal(got, wanted) {
		t.Errorf("git ignores %q, want %q", got, wanted)
	}
}

func TestDockerGetsWhatTheBuildNeedsAndNoSecret(t *testing.T) {
	file, err := os.Open("../../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	ignored := func(path string) bool {
		ignored, err := matcher.MatchesOrParentMatches(path)
		if err != nil {
			t.Fatal(err)
		}
		return ignored
	}
	secrets := []string{"another-secret.txt", "secrets/key", ".git/config"}
	for _, folder := range []string{"", "deploy/", "cmd/ocsso/", "internal/config/"} {
		for _, name := range secretFiles {
			secrets = append(secrets, folder+name)
		}
	}
	for _, path := range secrets {
		if !ignored(path) {
			t.Errorf("Docker gets %s, want it ignored", path)
		}
	}
	folder, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	const format = `{{if not .Standard}}{{$dir := .Dir}}{{range .GoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{range .EmbedFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{end}}`
	files := exec.Command("go", "list", "-deps", "-f", format, "./cmd/ocsso")
	files.Dir = root
	list, err := files.Output()
	if err != nil {
		t.Fatal(err)
	}
	needed := []string{"go.mod", "go.sum", ".ci/licenses.sh", ".ci/licenses.tmpl", ".ci/tools.mod", ".ci/tools.sum"}
	for _, path := range strings.Fields(string(list)) {
		if path, ours := strings.CutPrefix(path, folder+"/"); ours {
			needed = append(needed, path)
		}
	}
	if len(needed) < 100 {
		t.Fatalf("got %d files of the build, want all", len(needed))
	}
	for _, path := range needed {
		if ignored(path) {
			t.Errorf("Docker does not get %s, which the build needs", path)
		}
	}
}
