package config

import "ocsso/internal/yamlfile"

// Listen returns the addresses server.listen and server.admin_listen as Load does, from a running
// server's YAML and environment. It ignores everything else in them: they may have changed since
// the server has read them, and may be wrong now.
func Listen(data []byte, lookupEnv func(string) (string, bool)) (listen, adminListen string) {
	config := Default()
	l := loader{settings: settingsOf(&config), file: yamlfile.Parse("", data, colonHint)}
	file, _ := l.readYAML()
	for _, path := range []string{"server.listen", "server.admin_listen"} {
		s := find(l.settings, path)
		if value, ok := file[path]; ok {
			s.set(value.texts)
		}
		if text, ok := lookupEnv(s.variable()); ok {
			s.set([]string{text})
		}
	}
	return config.Server.Listen, config.Server.AdminListen
}
