package repo

import (
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// dockerfile returns the Dockerfile with each instruction on one line.
func dockerfile(t *testing.T) string {
	t.Helper()
	return strings.ReplaceAll(readFile(t, "Dockerfile"), "\\\n", " ")
}

// TestTheImageSaysItsVersion runs the build line of the Dockerfile. The linker ignores a variable
// that doesn't exist.
func TestTheImageSaysItsVersion(t *testing.T) {
	line := regexp.MustCompile(`(?m)^RUN (.*go build.*)$`).FindStringSubmatch(dockerfile(t))
	if line == nil {
		t.Fatal("got no line that builds in the Dockerfile")
	}
	dir := t.TempDir()
	build := exec.Command("sh", "-c", strings.NewReplacer(" /ocsso", " "+dir+"/ocsso", " /data", " "+dir+"/data").Replace(line[1]))
	build.Dir = "../.."
	build.Env = append(os.Environ(), "VERSION=v9.8.7", "TARGETOS="+runtime.GOOS, "TARGETARCH="+runtime.GOARCH)
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", build, err, output)
	}
	output, err := exec.Command(filepath.Join(dir, "ocsso"), "version").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(output), "ocsso v9.8.7 ") {
		t.Errorf("got %q, %v, want v9.8.7", output, err)
	}
}

// TestTheCommandsOfTheImageExist reads the arguments of the image's ocsso.
func TestTheCommandsOfTheImageExist(t *testing.T) {
	lists := regexp.MustCompile(`(?m)^(?:HEALTHCHECK .*)?CMD (\[.*\])$`).FindAllStringSubmatch(dockerfile(t), -1)
	if len(lists) != 2 {
		t.Fatalf("got %d commands in the Dockerfile, want the server and its check", len(lists))
	}
	ocsso := programs["ocsso"]
	for _, list := range lists {
		var words []string
		if err := json.Unmarshal([]byte(list[1]), &words); err != nil {
			t.Fatal(err)
		}
		if words[0] == "/ocsso" {
			words = words[1:]
		}
		output, err := exec.Command(ocsso, append(words, "--help")...).CombinedOutput()
		if err != nil || !strings.Contains(string(output), "\nUsage:\n  ocsso "+words[0]) {
			t.Errorf("ocsso %s: %v\n%s", strings.Join(words, " "), err, output)
		}
	}
}

// TestTheReleaseIsBuiltWithTheGoOfTheDockerfile runs the line of the workflow that finds it.
func TestTheReleaseIsBuiltWithTheGoOfTheDockerfile(t *testing.T) {
	line := regexp.MustCompile(`(?m)^ *builder=\$\((.*)\)$`).FindStringSubmatch(readFile(t, ".github/workflows/release.yml"))
	if line == nil {
		t.Fatal("got no builder in release.yml")
	}
	find := exec.Command("sh", "-c", line[1])
	find.Dir = "../.."
	output, err := find.CombinedOutput()
	if err != nil || !regexp.MustCompile(`^golang:[0-9.]+@sha256:[0-9a-f]{64}\n$`).Match(output) {
		t.Errorf("got %q, %v, want one image of Go", output, err)
	}
}

// TestEveryImageIsPinned wants digests, and an entry in dependabot.yml that moves them each week.
func TestEveryImageIsPinned(t *testing.T) {
	var updates struct {
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directory   string
			Directories []string
		}
	}
	if err := yaml.Unmarshal([]byte(readFile(t, ".github/dependabot.yml")), &updates); err != nil {
		t.Fatal(err)
	}
	image := regexp.MustCompile(`(?m)^(?:FROM (?:--\S+ )?|\s*(?:- )?image: )(\S+)`)
	pinned := regexp.MustCompile(`@sha256:[0-9a-f]{64}$`)
	for _, test := range []struct {
		file, ecosystem string
		want            int
	}{
		{"/Dockerfile", "docker", 2}, {"/deploy/compose.yaml", "docker-compose", 1}, {"/deploy/kubernetes/redis.yaml", "docker", 1},
	} {
		count := 0
		for _, match := range image.FindAllStringSubmatch(readFile(t, test.file), -1) {
			if strings.HasPrefix(match[1], "ocsso:") {
				continue // our own
			}
			count++
			if !pinned.MatchString(match[1]) {
				t.Errorf("%s: got %s, want a digest", test.file, match[1])
			}
		}
		if count != test.want {
			t.Errorf("%s: got %d images, want %d", test.file, count, test.want)
		}
		moved := false
		for _, update := range updates.Updates {
			moved = moved || update.Ecosystem == test.ecosystem &&
				slices.Contains(append(update.Directories, update.Directory), path.Dir(test.file))
		}
		if !moved {
			t.Errorf("%s: dependabot.yml has no %s for its folder", test.file, test.ecosystem)
		}
	}
}
