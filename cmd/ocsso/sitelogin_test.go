package main

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/member"
	"ocsso/internal/proctest"
	"ocsso/internal/sitelogin"
)

// TestTheFilesForASiteSayWhoIsLoggedIn runs each file of deploy/site-login in its language, and
// asks it as the server does.
func TestTheFilesForASiteSayWhoIsLoggedIn(t *testing.T) {
	files, err := filepath.Abs("../../deploy/site-login")
	if err != nil {
		t.Fatal(err)
	}
	const standIns = "testdata/site-login/"
	for name, start := range map[string]func(t *testing.T) (origin, cookie string){
		"express": func(t *testing.T) (string, string) {
			return startProgram(t, "node", standIns+"express.js", files+"/whoami.js"), "sid=minji"
		},
		"django": func(t *testing.T) (string, string) {
			return startProgram(t, "python3", "-B", standIns+"django_app.py", files), "sid=minji"
		},
		"rails": func(t *testing.T) (string, string) {
			return startProgram(t, "ruby", standIns+"rails.rb", files+"/whoami_controller.rb"), "sid=minji"
		},
		"spring": func(t *testing.T) (string, string) {
			classes := t.TempDir()
			compile := exec.Command(program(t, "javac"), "-encoding", "UTF-8", "-d", classes, "-sourcepath", standIns+"spring",
				files+"/WhoamiController.java", standIns+"spring/Run.java")
			if output, err := compile.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			return startProgram(t, "java", "-cp", classes, "Run"), "sid=minji"
		},
		"php": func(t *testing.T) (string, string) { return startPHP(t, files, standIns) },
	} {
		t.Run(name, func(t *testing.T) {
			origin, cookie := start(t)
			cookieName, _, _ := strings.Cut(cookie, "=")
			client := sitelogin.New(sitelogin.Options{
				URL: origin + "/whoami", Cookies: []string{cookieName}, Timeout: time.Minute,
				Fields: member.Names{UserCode: "usercode", UserName: "username", Email: "email", Phone: "phone", MemberNo: "memberno"},
			})
			want := member.Member{UserCode: "minji", UserName: "김민지", Email: "minji@example.com", Phone: "010-1234-5678"}
			for _, purpose := range []sitelogin.Purpose{sitelogin.Login, sitelogin.Recheck} {
				if got, err := client.Ask(t.Context(), cookie, purpose, "id"); err != nil || got.Member != want {
					t.Errorf("%s: got %+v, %v, want %+v", purpose, got.Member, err, want)
				}
			}
			v := newVisitor(t, "")
			for _, each := range []struct {
				cookie string
				want   int
			}{{cookie, http.StatusOK}, {cookieName + "=other", http.StatusUnauthorized}} {
				v.header = http.Header{"Cookie": {each.cookie}}
				got := v.must(t, "GET", origin+"/whoami", nil)
				if got.code != each.want || got.header.Get("Cache-Control") != "no-store" {
					t.Errorf("got %d with Cache-Control %q, want %d and no-store", got.code, got.header.Get("Cache-Control"), each.want)
				}
			}
			if name == "express" {
				v.header = http.Header{"Cookie": {cookie}, "X-Ocsso-Purpose": {"recheck"}}
				if got := v.must(t, "GET", origin+"/whoami", nil).header.Get("X-Touched"); got != "false" {
					t.Error("a recheck prolongs the session")
				}
			}
		})
	}
}

// program returns the path of a program. The test is skipped where there is none.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("there is no %s on this machine to run the file of deploy/site-login", name)
	}
	return path
}

// startProgram runs a program that prints the port where it serves, until the test ends.
func startProgram(t *testing.T, name string, args ...string) (origin string) {
	t.Helper()
	command := exec.Command(program(t, name), args...)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = t.Output()
	if err := proctest.Start(t, command); err != nil {
		t.Fatal(err)
	}
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("read where %s serves: %v", name, err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}

// startPHP serves whoami.php with PHP's own sessions, and logs in there.
func startPHP(t *testing.T, files, standIns string) (origin, cookie string) {
	t.Helper()
	address, root := clitest.FreeAddress(t), t.TempDir()
	for from, to := range map[string]string{files + "/whoami.php": "/whoami/index.php", standIns + "login.php": "/login/index.php"} {
		content, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		clitest.WriteFile(t, root+to, string(content))
	}
	php := exec.Command(program(t, "php"), "-q", "-d", "session.save_path="+t.TempDir(), "-S", address, "-t", root)
	if err := proctest.Start(t, php); err != nil {
		t.Fatal(err)
	}
	v := newVisitor(t, "")
	clitest.WaitUntil(t, "php serves", func() bool {
		got, err := v.do("GET", "http://"+address+"/login/", nil)
		if err == nil {
			cookie, _, _ = strings.Cut(got.header.Get("Set-Cookie"), ";")
		}
		return err == nil && got.code == http.StatusOK
	})
	return "http://" + address, cookie
}
