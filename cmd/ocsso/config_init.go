package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"ocsso"
	"ocsso/internal/config"
	"ocsso/internal/yamlfile"
)

// A question is a setting that differs between organizations, and its flag.
type question struct {
	path    string
	flag    string
	example string
	prompt  string
	usual   string // the answer that an empty line gives; "" for none
	list    bool   // the answer is texts with commas between them
}

// questions returns the questions in order.
func questions() []question {
	usual := config.Default()
	return []question{
		{
			path: "help_center.domain", flag: "domain", example: "example",
			prompt: `Domain: the first label of the help center's host name, "example" in example.oc.nhncloud.com`,
		},
		{
			path: "help_center.environment", flag: "environment", example: "alpha|real", usual: usual.HelpCenter.Environment,
			prompt: "Environment: real, or alpha for development",
		},
		{
			path: "help_center.services", flag: "service", example: "hangame", list: true,
			prompt: "Service id: between the host and /hc/ in the help center's URLs; several with commas, the default one first",
		},
		{
			path: "server.public_url", flag: "public-url", example: "https://login.example.com", usual: usual.Server.PublicURL,
			prompt: "Public URL: where members will reach this server, such as https://login.example.com",
		},
	}
}

// tidy returns an answer as the environment variable has it.
func (q question) tidy(answer string) string {
	items := []string{answer}
	if q.list {
		items = strings.Split(answer, ",")
	}
	for i, item := range items {
		items[i] = strings.TrimSpace(item)
	}
	return strings.Join(items, ",")
}

// yaml returns a checked answer as the file has it.
func (q question) yaml(answer string) string {
	if q.list {
		return `["` + strings.ReplaceAll(answer, ",", `", "`) + `"]`
	}
	return `"` + answer + `"`
}

// newConfigInitCommand is `ocsso config init`.
func newConfigInitCommand(term terminal) *cobra.Command {
	var file configFile
	given := map[string]*string{} // by path
	command := &cobra.Command{
		Use:   "init",
		Short: "Write a configuration with a fresh session key, asking for what no flag says",
		Example: "  $ ocsso config init --domain example --service hangame --public-url https://login.example.com\n" +
			"  Environment: real, or alpha for development [alpha]: real",
		RunE: func(*cobra.Command, []string) error { return initConfig(term, file, given) },
	}
	file.addFlag(command)
	for _, q := range questions() {
		given[q.path] = command.Flags().String(q.flag, "", fmt.Sprintf("%s: `%s`", q.path, q.example))
	}
	return command
}

// initConfig writes a new file. It asks for each answer that no flag gives.
func initConfig(term terminal, file configFile, given map[string]*string) error {
	if _, err := os.Lstat(string(file)); !errors.Is(err, fs.ErrNotExist) { // checked before asking
		return alreadyThere(file)
	}
	interview := interview{term: term, input: bufio.NewReader(term.stdin), answers: map[string]string{}}
	text := ocsso.ConfigExample
	for _, q := range questions() {
		answer, err := interview.answer(q, *given[q.path])
		if err != nil {
			return err
		}
		text = fillIn(text, q.path, q.yaml(answer))
	}
	text = fillIn(text, "session.keys", `["`+newSessionKey()+`"]`)
	if err := writeNew(file, text); err != nil {
		return err
	}
	_, err := fmt.Fprintf(term.stdout, `%[1]s is written, with a session key of its own. It lacks the organization key (조직 Key), which the vendor's
console has at 전체 관리 > 계약 서비스 현황 > 조직 정보. Members log in by members.yaml, with hashes from
ocsso hash-password, unless members and login in %[1]s say otherwise. Next:

  export %[2]s=...
  ocsso config check --config %[1]s
  ocsso serve --config %[1]s

Then http://%[3]s/setup has the values for the console.
`, file, "OCSSO_HELP_CENTER_ORGANIZATION_KEY", config.Default().Server.AdminListen)
	return err
}

func alreadyThere(file configFile) error {
	return usage(fmt.Errorf("%s is there already", file), "it stays as it is; --config names another file to write")
}

// An interview collects answers. Package config checks each one together with the earlier ones.
type interview struct {
	term    terminal
	input   *bufio.Reader
	answers map[string]string // by the settings' paths
}

// answer returns the flag's answer. Without one it asks until an answer is valid.
func (i interview) answer(q question, flag string) (string, error) {
	if flag != "" {
		answer, problem := i.check(q, flag)
		if problem != nil {
			return "", usage(fmt.Errorf("--%s: %s", q.flag, problem.Text), problem.Hint)
		}
		return answer, nil
	}
	for {
		prompt := q.prompt
		if q.usual != "" {
			prompt += " [" + q.usual + "]"
		}
		fmt.Fprint(i.term.stderr, prompt+": ")
		line, err := i.input.ReadString('\n')
		if err != nil && line == "" {
			fmt.Fprintln(i.term.stderr)
			return "", usage(fmt.Errorf("no answer for %s", q.path), "give it as --"+q.flag)
		}
		if strings.TrimSpace(line) == "" {
			line = q.usual
		}
		answer, problem := i.check(q, line)
		if problem == nil {
			return answer, nil
		}
		fmt.Fprintf(i.term.stderr, "%s\nhint: %s\n", problem.Text, problem.Hint)
	}
}

// check keeps an answer in which package config finds no problem.
func (i interview) check(q question, text string) (answer string, _ *yamlfile.Problem) {
	answer = q.tidy(text)
	i.answers[q.path] = answer
	var environ []string
	for path, answer := range i.answers {
		environ = append(environ, config.Variable(path)+"="+answer)
	}
	_, err := config.Load("", nil, environ, os.ReadFile)
	problems := yamlfile.Problems(nil)
	errors.As(err, &problems) // the keys are missing, at least
	for _, p := range problems {
		if p.Path == q.path || strings.HasPrefix(p.Path, q.path+"[") {
			return "", &p
		}
	}
	return answer, nil
}

// fillIn returns text, a configuration, with another value for the setting at section.name.
func fillIn(text, path, value string) string {
	section, name, _ := strings.Cut(path, ".")
	lines := strings.Split(text, "\n")
	inside := false
	for i, line := range lines {
		switch {
		case line == section+":":
			inside = true
		case inside && strings.HasPrefix(line, "  "+name+":"):
			lines[i] = "  " + name + ": " + value
			return strings.Join(lines, "\n")
		}
	}
	// A test of package config holds that it has every setting
	panic("config.example.yaml has no " + path)
}

// writeNew writes a new file that only its owner may read.
func writeNew(file configFile, text string) error {
	f, err := os.OpenFile(string(file), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return alreadyThere(file)
	}
	if err != nil {
		return usage(err, "--config names another file to write")
	}
	if _, err := f.WriteString(text); err != nil {
		// Half a configuration would be in the way of the next try
		return errors.Join(err, f.Close(), os.Remove(string(file)))
	}
	return f.Close()
}
