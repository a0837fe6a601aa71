package config

import "testing"

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
		var environ []string
		for name, text := range test.env {
			environ = append(environ, name+"="+text)
		}
		listen, adminListen := Listen([]byte(test.yaml), environ)
		if listen != test.wantListen || adminListen != test.wantAdminAt {
			t.Errorf("%s: got %q and %q, want %q and %q", test.name, listen, adminListen, test.wantListen, test.wantAdminAt)
		}
	}
}
