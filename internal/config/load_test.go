package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"ocsso/internal/secret"
	"ocsso/internal/yamlfile"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const organizationKey = "b6f1d9c07a5e4382a91c3f7e5d2b8046"

// sessionKey returns a valid session key, a different one for each seed.
func sessionKey(seed byte) string {
	raw := make([]byte, KeySize)
	for i := range raw {
		raw[i] = seed + byte(i)*7
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// load loads YAML with this environment and these files, both by name.
func load(yaml string, env, files map[string]string) (Config, error) {
	var environ []string
	for name, text := range env {
		environ = append(environ, name+"="+text)
	}
	readFile := func(name string) ([]byte, error) {
		text, ok := files[name]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		return []byte(text), nil
	}
	return Load("c.yaml", []byte(yaml), environ, readFile)
}

// mustLoad is load, and ends the test on an error.
func mustLoad(t *testing.T, yaml string, env, files map[string]string) Config {
	t.Helper()
	c, err := load(yaml, env, files)
	if err != nil {
		t.Fatalf("loading fails:\n%v", err)
	}
	return c
}

func TestTheLogoIsRead(t *testing.T) {
	const yaml = "ui: {logo_file: Logo.SVG}\n"
	if got := string(mustLoad(t, required+yaml, nil, map[string]string{"Logo.SVG": "<svg/>"}).Logo); got != "<svg/>" {
		t.Errorf("got %q, want what is in the file", got)
	}
	if _, err := load(required+yaml, nil, map[string]string{"Logo.SVG": strings.Repeat("x", 256<<10+1)}); err == nil {
		t.Error("got a logo of more than 256 KiB, want a problem")
	}
}

// revealed lets cmp compare secrets.
var revealed = cmp.Transformer("Reveal", secret.Text.Reveal)

func TestASettingThatIsNotSetHasItsDefault(t *testing.T) {
	want := Default()
	want.HelpCenter.Domain, want.HelpCenter.Services, want.HelpCenter.OrganizationKey = "acme", []string{"hangame"}, secret.New(organizationKey)
	want.Session.Keys = []secret.Text{secret.New(sessionKey(1))}
	want.SecretFiles = []string{"c.yaml"}
	for name, yaml := range map[string]string{
		"what is left out": required,
		"null":             required + "  idle:\nserver:\n  listen: ~\nlog: ~\n",
	} {
		if diff := cmp.Diff(want, mustLoad(t, yaml, nil, nil), revealed, cmpopts.EquateComparable(netip.Prefix{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("with %s the settings differ (-want +got):\n%s", name, diff)
		}
	}
}

func TestEverySettingCanComeFromTheEnvironment(t *testing.T) {
	for _, ofFiles := range []bool{false, true} { // a secret and its file can't both be set
		c, environ := Default(), []string{}
		l := newLoader(&c)
		want := map[string]string{}
		for i, s := range l.settings {
			if s.isFile != ofFiles && (s.isFile || s.file != nil) {
				continue
			}
			text := fmt.Sprintf("text-%d", i)
			switch s.value.(type) {
			case *int:
				text = strconv.Itoa(1000 + i)
			case *time.Duration:
				text = (time.Duration(1000+i) * time.Second).String()
			case *Rate:
				text = Rate{1, time.Duration(1000+i) * time.Second}.String()
			case *[]string, *[]secret.Text:
				text += ",second-" + text
			case *[]Address:
				text += fmt.Sprintf(":%d,second:%[1]d", 1000+i)
			case *[]netip.Prefix:
				text = fmt.Sprintf("10.0.0.%d/32,10.0.0.0/8", i)
			}
			if want[Variable(s.path)] != "" {
				t.Errorf("two settings have the variable %s", Variable(s.path))
			}
			want[Variable(s.path)], environ = text, append(environ, Variable(s.path)+"="+text)
		}
		l.readEnvironment(environ)
		got := map[string]string{}
		for _, s := range l.settings {
			if want[Variable(s.path)] != "" {
				got[Variable(s.path)] = envText(reflect.ValueOf(s.value).Elem())
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || l.file.Problems != nil {
			t.Errorf("the settings differ, with problems %v (-want +got):\n%s", l.file.Problems, diff)
		}
	}
}

// envText returns the text that sets a setting to value.
func envText(value reflect.Value) string {
	if text, ok := value.Interface().(secret.Text); ok {
		return text.Reveal()
	}
	if value.Kind() != reflect.Slice {
		return fmt.Sprint(value)
	}
	var texts []string
	for i := range value.Len() {
		texts = append(texts, envText(value.Index(i)))
	}
	return strings.Join(texts, ",")
}

func TestAListInAFileHasALineForEachItem(t *testing.T) {
	files := map[string]string{"keys": sessionKey(2) + "\r\n" + sessionKey(3) + "\r\n"}
	got := mustLoad(t, required, map[string]string{"OCSSO_SESSION_KEYS_FILE": "keys"}, files).Session.Keys
	want := []secret.Text{secret.New(sessionKey(2)), secret.New(sessionKey(3))}
	if diff := cmp.Diff(want, got, revealed); diff != "" {
		t.Errorf("keys differ (-want +got):\n%s", diff)
	}
}

func TestWhichSourceOfASecretWins(t *testing.T) {
	const (
		inYAML    = "11aa22bb33cc44dd"
		inYAMLs   = "22bb33cc44dd55ee" // in the file that YAML names
		inEnv     = "33cc44dd55ee66ff"
		inEnvs    = "44dd55ee66ff77aa"
		key       = "OCSSO_HELP_CENTER_ORGANIZATION_KEY"
		file      = "OCSSO_HELP_CENTER_ORGANIZATION_KEY_FILE"
		yamlKey   = "organization_key: " + inYAML
		yamlFile  = "organization_key_file: yaml.key"
		yamlEmpty = `organization_key: ""`
	)
	files := map[string]string{
		"yaml.key": inYAMLs, "env.key": inEnvs, "lf.key": inEnvs + "\n", "crlf.key": inEnvs + "\r\n",
	}
	for _, test := range []struct {
		name, yaml string
		env        map[string]string
		want       string
	}{
		{"YAML alone", yamlKey, nil, inYAML},
		{"a file alone", yamlFile, nil, inYAMLs},
		{"an empty secret beside a file", yamlEmpty + "\n  " + yamlFile, nil, inYAMLs},
		{"the environment over YAML", yamlKey, map[string]string{key: inEnv}, inEnv},
		{"the environment over YAML's file", yamlFile, map[string]string{key: inEnv}, inEnv},
		{"the environment's file over YAML", yamlKey, map[string]string{file: "env.key"}, inEnvs},
		{"the environment's file over YAML's file", yamlFile, map[string]string{file: "env.key"}, inEnvs},
		{"an empty variable hides nothing", yamlKey, map[string]string{key: "", file: ""}, inYAML},
		{"an empty variable beside a file hides nothing", yamlFile, map[string]string{key: ""}, inYAMLs},
		{"a file's newline is not in it", yamlKey, map[string]string{file: "lf.key"}, inEnvs},
		{"a file's CR LF is not in it", yamlKey, map[string]string{file: "crlf.key"}, inEnvs},
	} {
		t.Run(test.name, func(t *testing.T) {
			yaml := strings.Replace(required, "organization_key: "+organizationKey, test.yaml, 1)
			if got := mustLoad(t, yaml, test.env, files).HelpCenter.OrganizationKey.Reveal(); got != test.want {
				t.Errorf("got key %q, want %q", got, test.want)
			}
		})
	}
}

func TestAnEmptyVariableEmptiesAListAndAText(t *testing.T) {
	yaml := required + "server: {trusted_proxies: [10.0.0.0/8], admin_listen: ':9'}\n"
	got := mustLoad(t, yaml, map[string]string{"OCSSO_SERVER_TRUSTED_PROXIES": "", "OCSSO_SERVER_ADMIN_LISTEN": ""}, nil).Server
	if len(got.TrustedProxies) != 0 || got.AdminListen != "" {
		t.Errorf("got trusted_proxies %q and admin_listen %q, want both empty", got.TrustedProxies, got.AdminListen)
	}
}

func TestAnUnknownVariableIsAProblem(t *testing.T) {
	for name, hint := range map[string]string{
		"OCSSO_STORE_KINDD":            "did you mean OCSSO_STORE_KIND?",
		"OCSSO_STORE_REDIS_ADDRESS":    "did you mean OCSSO_STORE_REDIS_ADDRESSES?",
		"OCSSO_HELPCENTER_DOMAIN":      "did you mean OCSSO_HELP_CENTER_DOMAIN?",
		"OCSSO_ORGANIZATION_KEY":       "did you mean OCSSO_HELP_CENTER_ORGANIZATION_KEY?",
		"OCSSO_SESSION_KEY":            "did you mean OCSSO_SESSION_KEYS?",
		"OCSSO_SESSION_KEYS_FILES":     "did you mean OCSSO_SESSION_KEYS_FILE?",
		"OCSSO_SERVER__PUBLIC_URL":     "did you mean OCSSO_SERVER_PUBLIC_URL?",
		"ocsso_log_format":             "did you mean OCSSO_LOG_FORMAT?",
		"Ocsso_Log_Format":             "did you mean OCSSO_LOG_FORMAT?",
		"OCSSO_":                       "config.example.yaml has every setting",
		"OCSSO_QWXZVBTR":               "config.example.yaml has every setting",
		"OCSSO_SERVER_PORT":            "config.example.yaml has every setting",
		"OCSSO_STORE_SERVICE_KIND_XYZ": "",
		"OCSSO_SERVER_IDLE_TIMEOUT":    "it is gone: leave it out: connections are kept for 620s",
		"OCSSO_STORE_SQLITE_PATH":      "it is gone: store.file.path takes its place",
	} {
		_, err := load(required, map[string]string{name: "hunter2"}, nil)
		var problems yamlfile.Problems
		if !errors.As(err, &problems) || len(problems) != 1 {
			t.Errorf("%s: got %v, want one problem", name, err)
			continue
		}
		want := "$" + name + ": is no setting"
		if got := problems[0].String(); got != want || !strings.HasPrefix(problems[0].Hint, hint) || problems[0].Hint == "" {
			t.Errorf("%s: got %q with the hint %q, want %q and %q", name, got, problems[0].Hint, want, hint)
		}
		if strings.Contains(problems[0].Hint, "hunter2") {
			t.Errorf("%s: the hint %q shows the value", name, problems[0].Hint)
		}
	}
}

// TestKubernetesMayCallAServiceOcsso has the variables that a pod gets for services called ocsso,
// ocsso-redis and ocsso-admin, and others that are not ours.
func TestKubernetesMayCallAServiceOcsso(t *testing.T) {
	env := map[string]string{"PATH": "/bin", "OCSSO": "x", "MY_OCSSO_KEY": "x"}
	for _, service := range []string{"OCSSO", "OCSSO_REDIS", "OCSSO_ADMIN"} {
		for name, value := range map[string]string{
			"SERVICE_HOST": "10.0.0.11", "SERVICE_PORT": "8080", "SERVICE_PORT_HTTP": "8080", "PORT": "tcp://10.0.0.11:8080",
			"PORT_8080_TCP": "tcp://10.0.0.11:8080", "PORT_8080_TCP_PROTO": "tcp", "PORT_8080_TCP_PORT": "8080",
			"PORT_8080_TCP_ADDR": "10.0.0.11", "PORT_53_UDP": "udp://10.0.0.11:53",
		} {
			env[service+"_"+name] = value
		}
	}
	mustLoad(t, required, env, nil)
	for _, s := range newLoader(new(Config)).settings {
		if serviceLink.MatchString(Variable(s.path) + "=tcp://10.0.0.11:8080") {
			t.Errorf("%s is taken for a variable of Kubernetes", Variable(s.path))
		}
	}
}

func TestTheAddressesAreReadWhateverElseIsWrong(t *testing.T) {
	const usual, admin = "127.0.0.1:8080", "127.0.0.1:9090"
	for _, test := range []struct {
		name, yaml              string
		env                     map[string]string
		wantListen, wantAdminAt string
	}{
		{"an empty file", "", nil, usual, admin},
		{"a file", "server: {listen: \":80\", admin_listen: \"10.0.0.1:90\"}", nil, ":80", "10.0.0.1:90"},
		{"no admin listener", "server: {admin_listen: \"\"}", nil, usual, ""},
		{"the environment", "server: {admin_listen: \":1\"}", map[string]string{"OCSSO_SERVER_ADMIN_LISTEN": ":2"}, usual, ":2"},
		{"an empty variable", "server: {admin_listen: \":1\"}", map[string]string{"OCSSO_SERVER_ADMIN_LISTEN": ""}, usual, ""},
		{"a misspelt setting", "server: {admin_listen: \":1\"}\nsesion: {keys: [x]}", nil, usual, ":1"},
		{"no YAML", "server: [", nil, usual, admin},
	} {
		c, err := load(test.yaml, test.env, nil)
		listen, adminListen := c.Server.Listen, c.Server.AdminListen
		if err == nil {
			t.Errorf("%s: got no error, want that the keys are missing", test.name)
		}
		if listen != test.wantListen || adminListen != test.wantAdminAt {
			t.Errorf("%s: got %q and %q, want %q and %q", test.name, listen, adminListen, test.wantListen, test.wantAdminAt)
		}
	}
}
