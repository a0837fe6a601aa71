package config

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ocsso/internal/secret"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestOriginOfTheHelpCenter(t *testing.T) {
	for _, test := range []struct {
		helpCenter HelpCenter
		want       string
	}{
		{HelpCenter{Environment: "real", Domain: "acme"}, "https://acme.oc.nhncloud.com"},
		{HelpCenter{Environment: "alpha", Domain: "acme"}, "https://acme.oc.alpha-nhncloud.com"},
		{HelpCenter{Environment: "beta", Domain: "acme"}, "https://acme.oc.beta-nhncloud.com"},
		{HelpCenter{Environment: "real", Domain: "Acme"}, "https://acme.oc.nhncloud.com"},
		{HelpCenter{Environment: "alpha", Domain: "ACME"}, "https://acme.oc.alpha-nhncloud.com"},
		{HelpCenter{Environment: "real", BaseURL: "https://acme.oc.toast.com"}, "https://acme.oc.toast.com"},
	} {
		if got := test.helpCenter.Origin(); got != test.want {
			t.Errorf("%+v has the origin %s, want %s", test.helpCenter, got, test.want)
		}
	}
}

// TestAPastedURLMayEndInASlash has the settings that are copied from an address bar.
func TestAPastedURLMayEndInASlash(t *testing.T) {
	for pasted, want := range map[string]string{
		"https://Acme.OC.toast.com/":          "https://acme.oc.toast.com",
		"HTTPS://acme.oc.toast.com:9003//":    "https://acme.oc.toast.com:9003",
		"https://www.acme.com/SSO/":           "https://www.acme.com/SSO",
		"https://acme.oc.toast.com":           "https://acme.oc.toast.com",
		"https://acme.oc.toast.com/?a=b":      "https://acme.oc.toast.com/?a=b",
		"https://Me:secret@acme.oc.toast.com": "https://Me:secret@acme.oc.toast.com",
		"acme":                                "acme",
	} {
		if got := TidyURL(pasted); got != want {
			t.Errorf("%s: got %s, want %s", pasted, got, want)
		}
	}
	c, _ := Load("", nil, []string{
		"OCSSO_HELP_CENTER_BASE_URL=https://acme.oc.Toast.com/", "OCSSO_SERVER_PUBLIC_URL=https://SSO.acme.com/",
		"OCSSO_HELP_CENTER_EXTRA_ORIGINS=https://WWW.acme.com/", "OCSSO_LOGIN_SITE_RETURN_ORIGINS=https://www.acme.com/",
	}, nil)
	got := []string{c.HelpCenter.BaseURL, c.Server.PublicURL, c.HelpCenter.ExtraOrigins[0], c.Login.Site.ReturnOrigins[0]}
	if want := []string{"https://acme.oc.toast.com", "https://sso.acme.com", "https://www.acme.com", "https://www.acme.com"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnAddressIsAPrefixOfItself(t *testing.T) {
	for text, want := range map[string]string{"10.0.0.0/8": "10.0.0.0/8", "192.0.2.1": "192.0.2.1/32", "2001:DB8::/32": "2001:db8::/32", "::ffff:192.0.2.2": "192.0.2.2/32", "fe80::1%eth0": "fe80::1/128"} {
		if got, err := parsePrefix(text); got.String() != want || err != nil {
			t.Errorf("%s reads as %v with error %v, want %s", text, got, err, want)
		}
	}
}

func TestSessionKeysAreInOrder(t *testing.T) {
	keys := Session{Keys: []secret.Text{secret.New(sessionKey(9)), secret.New(sessionKey(5))}}.KeyBytes()
	if len(keys) != 2 || len(keys[0]) != KeySize || keys[0][0] != 9 || keys[1][0] != 5 {
		t.Errorf("got %v, want the keys that begin with 9 and 5", keys)
	}
}

func TestHashesAreInOrder(t *testing.T) {
	var c Config
	c.LinksAPI.Keys = []string{keyHash("b"), strings.ToUpper(keyHash("a"))}
	want := [][sha256.Size]byte{sha256.Sum256([]byte("b")), sha256.Sum256([]byte("a"))}
	if diff := cmp.Diff(want, c.LinkKeys()); diff != "" {
		t.Errorf("hashes differ (-want +got):\n%s", diff)
	}
}

func TestARateReadsItsOwnText(t *testing.T) {
	for text, want := range map[string]Rate{"30/1m": {30, time.Minute}, "1/24h": {1, 24 * time.Hour}, "5/1m30s": {5, 90 * time.Second}} {
		for _, each := range []string{text, want.String()} {
			if rate, err := parseRate(each); err != nil || rate != want {
				t.Errorf("%s reads as %+v with error %v, want %+v", each, rate, err, want)
			}
		}
	}
}

func TestThePasswordInAnAddressIsNotShown(t *testing.T) {
	c := mustLoad(t, redis("addresses: ['rediss+sentinel://watcher:open%2Fsesame@a:26379/main', 'rediss+sentinel://watcher:open%2Fsesame@b/main']"), nil, nil)
	if got := c.Store.Redis.Addresses[1]; got.Host != "b:26379" || got.Master() != "main" || got.User.String() != "watcher:open%2Fsesame" || !got.TLS() {
		t.Errorf("got %v, want the user, the password, TLS, the master and the sentinels' port", got)
	}
	shown := string(c.Show())
	for how, text := range map[string]string{"Show": shown, "%v": fmt.Sprintf("%v", c), "%+v": fmt.Sprintf("%+v", c.Store)} {
		if strings.Contains(text, "sesame") {
			t.Errorf("%s has the password:\n%s", how, text)
		}
	}
	env := map[string]string{"OCSSO_HELP_CENTER_ORGANIZATION_KEY": organizationKey, "OCSSO_SESSION_KEYS": sessionKey(1)}
	if again := mustLoad(t, shown, env, nil).Store.Redis.Addresses[0]; again.Host != "a:26379" || again.User.Username() != "watcher" {
		t.Errorf("what is shown loads as %v, want the address and the user", again)
	}
}

func TestPasswordsAndLinksNeedMembers(t *testing.T) {
	for _, test := range []struct {
		with string
		keys []string
		want bool
	}{
		{"password", nil, true},
		{"oidc", nil, false},
		{"proxy", nil, false},
		{"oidc", []string{keyHash("a")}, true},
	} {
		c := Config{Login: Login{With: test.with}}
		c.LinksAPI.Keys = test.keys
		if got := c.NeedsMembers(); got != test.want {
			t.Errorf("login with %s and %d keys for links needs members: %t, want %t", test.with, len(test.keys), got, test.want)
		}
	}
	_, err := load(proxy("")+"members: {kind: sql}\nlinks_api: {keys: ["+keyHash("a")+"]}\n", nil, nil)
	want := "c.yaml: members.sql.dsn: is missing\nc.yaml: members.sql.query: is missing"
	if err == nil || err.Error() != want {
		t.Errorf("keys for links and no database give\n%v\nwant\n%s", err, want)
	}
}

func TestShowLoadsAgainExceptForItsSecrets(t *testing.T) {
	want := mustLoad(t, required+"server: {trusted_proxies: [10.0.0.0/8]}\nui: {site_name: '[에이스] #1'}\n", nil, nil)
	env := map[string]string{"OCSSO_HELP_CENTER_ORGANIZATION_KEY": organizationKey, "OCSSO_SESSION_KEYS": sessionKey(1)}
	got := mustLoad(t, string(want.Show()), env, nil)
	if diff := cmp.Diff(want.Show(), got.Show()); diff != "" {
		t.Errorf("what is shown differs when it is loaded (-want +got):\n%s", diff)
	}
	if got.UI.SiteName != "[에이스] #1" {
		t.Errorf("got site name %q, want the one that was shown", got.UI.SiteName)
	}
}

func TestShowHasEverySettingAndMasks(t *testing.T) {
	c := mustLoad(t, required, nil, nil)
	var shown yaml.Node
	if err := yaml.Unmarshal(c.Show(), &shown); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(settingPaths(), leaves(shown.Content[0], "")); diff != "" {
		t.Errorf("the settings shown differ (-want +got):\n%s", diff)
	}
	var masked struct {
		HelpCenter struct {
			OrganizationKey string `yaml:"organization_key"`
		} `yaml:"help_center"`
		Session struct{ Keys []string }
	}
	if err := shown.Decode(&masked); err != nil {
		t.Fatal(err)
	}
	if got := masked.HelpCenter.OrganizationKey; got != "[redacted]" {
		t.Errorf("the organization key shows as %q, want [redacted]", got)
	}
	if diff := cmp.Diff([]string{"[redacted]"}, masked.Session.Keys); diff != "" {
		t.Errorf("the session keys show otherwise (-want +got):\n%s", diff)
	}
}

// settingPaths returns the paths of all settings.
func settingPaths() []string {
	var paths []string
	for _, s := range newLoader(new(Config)).settings {
		paths = append(paths, s.path)
	}
	return paths
}

// leaves returns the paths of the values in a mapping that are not mappings themselves.
func leaves(node *yaml.Node, prefix string) []string {
	if node.Kind != yaml.MappingNode {
		return []string{prefix}
	}
	var paths []string
	for i := 0; i < len(node.Content); i += 2 {
		path := node.Content[i].Value
		if prefix != "" {
			path = prefix + "." + path
		}
		paths = append(paths, leaves(node.Content[i+1], path)...)
	}
	return paths
}
