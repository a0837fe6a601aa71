package config

import (
	"net/netip"
	"reflect"
	"testing"

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
		{HelpCenter{Environment: "real", Domain: "Acme"}, "https://acme.oc.nhncloud.com"},
		{HelpCenter{Environment: "alpha", Domain: "ACME"}, "https://acme.oc.alpha-nhncloud.com"},
		{HelpCenter{Environment: "real", BaseURL: "https://acme.oc.toast.com"}, "https://acme.oc.toast.com"},
	} {
		if got := test.helpCenter.Origin(); got != test.want {
			t.Errorf("%+v has the origin %s, want %s", test.helpCenter, got, test.want)
		}
	}
}

func TestPrefixesAreCIDRs(t *testing.T) {
	texts := []string{"10.0.0.0/8", "192.0.2.1", "::1", "2001:DB8::/32", "::ffff:192.0.2.2", "::FFFF:10.0.0.0/104", "::ffff:192.0.2.3/128", "fe80::1%eth0"}
	want := []string{"10.0.0.0/8", "192.0.2.1/32", "::1/128", "2001:db8::/32", "192.0.2.2/32", "10.0.0.0/8", "192.0.2.3/32", "fe80::1/128"}
	for setting, prefixes := range map[string][]netip.Prefix{
		"server.trusted_proxies": Server{TrustedProxies: texts}.TrustedPrefixes(),
		"login.proxy.from":       LoginProxy{From: texts}.Prefixes(),
	} {
		var got []string
		for _, prefix := range prefixes {
			got = append(got, prefix.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the prefixes of %s differ (-want +got):\n%s", setting, diff)
		}
	}
}

func TestSessionKeysAreInOrder(t *testing.T) {
	keys := Session{Keys: Secret[[]secret.Text]{Value: []secret.Text{secret.New(sessionKey(9)), secret.New(sessionKey(5))}}}.KeyBytes()
	if len(keys) != 2 || len(keys[0]) != KeySize || keys[0][0] != 9 || keys[1][0] != 5 {
		t.Errorf("got %v, want the keys that begin with 9 and 5", keys)
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
	for _, s := range settingsOf(reflect.ValueOf(new(Config)).Elem(), "") {
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
