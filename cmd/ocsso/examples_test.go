package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"go.yaml.in/yaml/v3"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
	"ocsso/internal/kv/redis/redistest"
)

// imageUser is the user of the image, and its group.
const imageUser = 65532

// A container is how Compose, Kubernetes or systemd starts the server.
type container struct {
	args []string
	env  map[string]string
	// The folder of this machine that is mounted at each path.
	mounts map[string]string
}

// readYAML decodes one document by JSON, which doesn't mind the case of names.
func readYAML(t *testing.T, text string, into any) {
	t.Helper()
	var document any
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(asJSON, into); err != nil {
		t.Fatal(err)
	}
}

const redisPassword = "5f0c2d9be1a7463f8d20"

// writeSecrets writes what the examples ask for: files that only their owner may read.
func writeSecrets(t *testing.T, dir string) {
	t.Helper()
	clitest.WriteFile(t, filepath.Join(dir, "organization-key"), testKey+"\n")
	clitest.WriteFile(t, filepath.Join(dir, "session-keys"), config.NewSessionKey()+"\n")
	clitest.WriteFile(t, filepath.Join(dir, "redis-password"), redisPassword)
	clitest.WriteFile(t, filepath.Join(dir, "members.yaml"), "members:\n  - {usercode: minji, password_hash: \""+cheapHash+"\"}\n")
}

// composeContainer follows the steps of deploy/compose.yaml.
func composeContainer(t *testing.T) container {
	t.Helper()
	var file struct {
		Services map[string]struct {
			Command     []string
			Environment map[string]string
			Volumes     []string
		}
	}
	readYAML(t, readExample(t, "compose.yaml").text, &file)
	service, dir := file.Services["ocsso"], initialConfig(t)
	own(t, dir, imageUser, 0o600)
	source, target, _ := strings.Cut(service.Volumes[0], ":")
	if source != "./config" || len(service.Volumes) != 1 {
		t.Fatalf("got the volumes %q, want ./config", service.Volumes)
	}
	return container{service.Command, service.Environment, map[string]string{strings.TrimSuffix(target, ":ro"): dir}}
}

// kubernetesContainer mounts the ConfigMap and the Secret as a node does.
func kubernetesContainer(t *testing.T) container {
	t.Helper()
	type generator struct {
		Name  string
		Files []string
	}
	var kustomization struct{ ConfigMapGenerator, SecretGenerator []generator }
	readYAML(t, readExample(t, "kubernetes/kustomization.yaml").text, &kustomization)
	var deployment struct {
		Spec struct {
			Template struct {
				Spec struct {
					SecurityContext struct{ RunAsUser, FSGroup int }
					Containers      []struct {
						Args         []string
						VolumeMounts []struct{ Name, MountPath string }
					}
					Volumes []struct {
						Name      string
						ConfigMap struct{ Name string }
						Secret    struct {
							SecretName  string
							DefaultMode fs.FileMode
						}
					}
				}
			}
		}
	}
	readYAML(t, readExample(t, "kubernetes/deployment.yaml").text, &deployment)
	pod := deployment.Spec.Template.Spec
	if pod.SecurityContext.RunAsUser != imageUser || pod.SecurityContext.FSGroup != imageUser {
		t.Fatalf("got %+v, want the image's user %d", pod.SecurityContext, imageUser)
	}
	secrets := t.TempDir()
	writeSecrets(t, filepath.Join(secrets, "secrets"))
	c := container{args: pod.Containers[0].Args, mounts: map[string]string{}}
	for _, mount := range pod.Containers[0].VolumeMounts {
		dir := t.TempDir()
		for _, volume := range pod.Volumes {
			if volume.Name != mount.Name {
				continue
			}
			generators, name, from, mode := kustomization.ConfigMapGenerator, volume.ConfigMap.Name, "../../deploy/kubernetes", fs.FileMode(0o644)
			if volume.Secret.SecretName != "" {
				generators, name, from, mode = kustomization.SecretGenerator, volume.Secret.SecretName, secrets, volume.Secret.DefaultMode
			}
			i := slices.IndexFunc(generators, func(g generator) bool { return g.Name == name })
			if i < 0 {
				t.Fatalf("got no generator for the volume %s", volume.Name)
			}
			for _, file := range generators[i].Files {
				clitest.WriteFile(t, filepath.Join(dir, filepath.Base(file)), readFile(t, filepath.Join(from, file)))
			}
			own(t, dir, 0, mode) // root's, with the group fsGroup
		}
		c.mounts[mount.MountPath] = dir
	}
	return c
}

// systemdService follows the steps of deploy/ocsso.service. Its user reads config.yaml and
// members.yaml by their group, and the organization key as a credential.
func systemdService(t *testing.T) container {
	t.Helper()
	c := container{env: map[string]string{}, mounts: map[string]string{"/etc/ocsso": initialConfig(t), "%d": t.TempDir()}}
	clitest.WriteFile(t, filepath.Join(c.mounts["%d"], "organization-key"), testKey+"\n")
	own(t, c.mounts["/etc/ocsso"], 0, 0o640)
	own(t, c.mounts["%d"], imageUser, 0o400)
	for line := range strings.Lines(readExample(t, "ocsso.service").text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "ExecStart":
			c.args = strings.Fields(strings.TrimPrefix(value, "/usr/local/bin/ocsso"))
		case "Environment":
			variable, value, _ := strings.Cut(value, "=")
			c.env[variable] = value
		}
	}
	return c
}

// initialConfig returns a folder with what config init writes and a member file.
func initialConfig(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	writeSecrets(t, dir)
	os.Remove(filepath.Join(dir, "session-keys")) // config init makes one
	if _, stderr, code := clitest.RunCommand(t, "ocsso", run, nil, "config", "init", "--config", filepath.Join(dir, "config.yaml"), "--domain", "example",
		"--service", "hangame", "--environment", "alpha", "--public-url", "http://localhost:8080"); code != 0 {
		t.Fatalf("config init: %s", stderr)
	}
	return dir
}

// own gives the files in dir to a user and to the image's group, if this test may do so. Otherwise
// they stay this user's, and so does the process that reads them.
func own(t *testing.T, dir string, uid int, mode fs.FileMode) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("got the files %q, %v", files, err)
	}
	for _, path := range files {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if os.Getuid() == 0 {
			if err := os.Chown(path, uid, imageUser); err != nil {
				t.Fatal(err)
			}
		}
	}
	for ; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheExamplesStart runs their command lines with their mounts and settings, as a user who owns
// nothing else.
func TestTheExamplesStart(t *testing.T) {
	// As in kubernetes/redis.yaml, whose clients without a password may do nothing.
	open, locked := redistest.Start(t), redistest.Start(t, "--requirepass", redisPassword)
	for name, read := range map[string]func(*testing.T) container{
		"Compose": composeContainer, "Kubernetes": kubernetesContainer, "systemd": systemdService,
	} {
		t.Run(name, func(t *testing.T) {
			c, site, admin := read(t), clitest.FreeAddress(t), clitest.FreeAddress(t)
			redis := open
			if name == "Kubernetes" {
				redis = locked
			}
			moved := []string{"redis:6379", redis.Address}
			for target, source := range c.mounts {
				moved = append(moved, target, source)
			}
			command := serverCommand(t)
			for _, arg := range c.args {
				command.Args = append(command.Args, strings.NewReplacer(moved...).Replace(arg))
			}
			for usual, address := range map[string]string{":8080": site, ":9090": admin} {
				moved = append(moved, " 127.0.0.1"+usual, " "+address, `"`+usual, `"`+address)
			}
			for _, source := range c.mounts {
				if text, err := os.ReadFile(filepath.Join(source, "config.yaml")); err == nil {
					clitest.WriteFile(t, filepath.Join(source, "config.yaml"), strings.NewReplacer(moved...).Replace(string(text)))
				}
			}
			moved = append(moved, ":8080", site, ":9090", admin)
			for variable, value := range c.env {
				command.Env = append(command.Env, variable+"="+strings.NewReplacer(moved...).Replace(value))
			}
			runUntilTheEnd(t, command, site)
			v := newVisitor(t, "minji")
			if got := v.must(t, "GET", "http://"+admin+"/readyz", nil); got.code != http.StatusOK {
				t.Errorf("readyz: got %d %s, want 200", got.code, got.body)
			}
			if err := v.logIn("http://" + site); err != nil {
				t.Error(err)
			}
		})
	}
}

// serverCommand is ocsso without arguments, as the image's user if this test may choose. It runs a
// copy of this test binary, which is ocsso under that name, where every user may run it.
func serverCommand(t *testing.T) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(filepath.Join(t.TempDir(), "ocsso"))
	clitest.WriteFile(t, command.Path, readFile(t, self))
	own(t, filepath.Dir(command.Path), os.Getuid(), 0o755)
	command.Args, command.Dir = []string{"ocsso"}, "/"
	if os.Getuid() == 0 {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: imageUser, Gid: imageUser}}
	}
	return command
}

func TestAConfigurationOfAnotherUserSaysWhoMustReadIt(t *testing.T) {
	dir := initialConfig(t)
	own(t, dir, 0, 0)
	command := serverCommand(t)
	command.Args = append(command.Args, "serve", "--config", filepath.Join(dir, "config.yaml"))
	output, err := command.CombinedOutput()
	want := fmt.Sprintf("sudo chown %d %s", cmp.Or(os.Getuid(), imageUser), filepath.Join(dir, "config.yaml"))
	if err == nil || !strings.Contains(string(output), want) {
		t.Errorf("got %v and %s, want a hint with %q", err, output, want)
	}
}
