package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"ocsso"
	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/paste"
	"ocsso/internal/token"
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
			prompt: `Help center: the URL of any of its pages, or only its domain ("example" in https://example.oc.nhncloud.com)`,
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
		switch q.path {
		case "help_center.services":
			if page, ok := parsePage(items[i]); ok && page.service != "" {
				items[i] = page.service
			}
		case "server.public_url":
			items[i] = tidyURL(items[i])
		}
	}
	return strings.Join(items, ",")
}

// tidyURL returns a pasted URL without its last slash, with a scheme and its host in lower case.
// What it can't be is for package config to say.
func tidyURL(text string) string {
	if text != "" && !strings.Contains(text, "://") {
		scheme := "https://"
		if host, _, _ := strings.Cut(text, ":"); host == "localhost" || host == "127.0.0.1" {
			scheme = "http://"
		}
		text = scheme + text
	}
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return text
	}
	return strings.ToLower(u.Scheme+"://"+u.Host) + strings.TrimRight(u.EscapedPath(), "/")
}

// A page is what the URL of a page of the help center tells. The fields are "" where it doesn't.
type page struct{ domain, environment, baseURL, service string }

// parsePage reads the URL of a page of the help center (CONTRACT 1). Only a host of the
// vendor may lack its scheme.
func parsePage(text string) (page, bool) {
	_, _, complete := strings.Cut(text, "://")
	if !complete {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil {
		return page{}, false
	}
	var p page
	host := strings.ToLower(u.Hostname())
	if domain, ok := strings.CutSuffix(host, ".oc.nhncloud.com"); ok {
		p.domain, p.environment = domain, "real"
	} else if domain, ok := strings.CutSuffix(host, ".oc.alpha-nhncloud.com"); ok {
		p.domain, p.environment = domain, "alpha"
	} else if !complete {
		return page{}, false
	} else {
		p.baseURL = tidyURL(u.Scheme + "://" + u.Host)
	}
	if service, rest, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/"); rest == "hc" || strings.HasPrefix(rest, "hc/") {
		p.service = service
	}
	return p, true
}

// yaml returns a checked answer as the file has it.
func (q question) yaml(answer string) string {
	if q.list {
		return `["` + strings.ReplaceAll(answer, ",", `", "`) + `"]`
	}
	return `"` + answer + `"`
}

// newConfigInitCommand is `ocsso config init`.
func newConfigInitCommand(term cli.Terminal) *cobra.Command {
	var file cli.ConfigFile
	given := map[string]*string{} // by path
	command := &cobra.Command{
		Use:   "init",
		Short: "Write a configuration with a fresh session key, asking for what no flag says",
		Example: "  $ ocsso config init --domain example --service hangame --public-url https://login.example.com\n" +
			"  Environment: real, or alpha for development [alpha]: real",
		RunE: func(*cobra.Command, []string) error { return initConfig(term, file, given) },
	}
	file.AddFlag(command)
	for _, q := range questions() {
		given[q.path] = command.Flags().String(q.flag, "", fmt.Sprintf("%s: `%s`", q.path, q.example))
	}
	return command
}

// initConfig writes a new file. It asks for each answer that no flag gives.
func initConfig(term cli.Terminal, file cli.ConfigFile, given map[string]*string) error {
	if _, err := os.Lstat(string(file)); !errors.Is(err, fs.ErrNotExist) { // checked before asking
		return alreadyThere(file)
	}
	interview := interview{term: term, input: bufio.NewReader(term.Stdin), answers: map[string]string{}}
	if err := interview.run(given); err != nil {
		return err
	}
	text := fillIn(ocsso.ConfigExample, "session.keys", `["`+config.NewSessionKey()+`"]`)
	for _, q := range questions() {
		text = fillIn(text, q.path, q.yaml(interview.answers[q.path]))
	}
	text = fillIn(text, baseURL, `"`+interview.answers[baseURL]+`"`)
	membersFile := config.Default().Members.File.Path
	member, err := interview.firstMember(membersFile)
	if err != nil {
		return err
	}
	if err := writeNew(file, text); err != nil {
		return err
	}
	if member != "" {
		if err := writeNew(cli.ConfigFile(membersFile), member); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(term.Stdout, `%[1]s is written, with a session key of its own. It lacks the organization key (조직 Key), which the vendor's
console has at 전체 관리 > 계약 서비스 현황 > 조직 정보. Members log in by %[4]s, with hashes from
ocsso hash-password, unless members and login in %[1]s say otherwise. Next:

  export %[2]s=...
  ocsso config check --config %[1]s
  ocsso serve --config %[1]s

In PowerShell the first of them is $env:%[2]s = "...".
Then http://%[3]s/setup has the values for the console.
`, file, "OCSSO_HELP_CENTER_ORGANIZATION_KEY", config.Default().Server.AdminListen, membersFile)
	return err
}

// baseURL is the setting that takes the place of domain and environment for a help center that is
// not at the vendor's usual host.
const baseURL = "help_center.base_url"

func alreadyThere(file cli.ConfigFile) error {
	return cli.Usage(fmt.Errorf("%s is there already", file), "it stays as it is; --config names another file to write")
}

// An interview collects answers. Package config checks each one together with the earlier ones.
type interview struct {
	term    cli.Terminal
	input   *bufio.Reader
	answers map[string]string // by the settings' paths
	asked   bool              // somebody answers questions
}

// run collects the answers. What the help center's URL tells is not asked.
func (i *interview) run(given map[string]*string) error {
	for _, q := range questions() {
		if known, ok := i.answers[q.path]; ok && *given[q.path] == "" && i.check(q, known) == nil {
			if i.asked {
				fmt.Fprintf(i.term.Stderr, "%s: %s, by the URL\n", q.flag, known)
			}
			continue
		}
		if err := i.answer(q, *given[q.path]); err != nil {
			return err
		}
	}
	return nil
}

// answer keeps the flag's answer. Without one it asks until an answer is valid.
func (i *interview) answer(q question, flag string) error {
	if flag != "" {
		if problem := i.check(q, flag); problem != nil {
			return cli.Usage(fmt.Errorf("--%s: %s", q.flag, problem.Text), problem.Hint)
		}
		return nil
	}
	i.asked = true
	for {
		prompt := q.prompt
		if q.usual != "" {
			prompt += " [" + q.usual + "]"
		}
		line, ok := i.readLine(prompt)
		if !ok {
			return cli.Usage(fmt.Errorf("no answer for %s", q.path), "give it as --"+q.flag)
		}
		if strings.TrimSpace(line) == "" {
			line = q.usual
		}
		problem := i.check(q, line)
		if problem == nil {
			return nil
		}
		fmt.Fprintf(i.term.Stderr, "%s\nhint: %s\n", problem.Text, problem.Hint)
	}
}

// readLine asks for a line. It is not ok at the end of the input.
func (i *interview) readLine(prompt string) (line string, ok bool) {
	fmt.Fprint(i.term.Stderr, prompt+": ")
	line, err := i.input.ReadString('\n')
	if err != nil && line == "" {
		fmt.Fprintln(i.term.Stderr)
		return "", false
	}
	return strings.TrimRight(line, "\r\n"), true
}

// check keeps an answer in which package config finds no problem. The URL of a page of the help
// center answers up to three questions.
func (i *interview) check(q question, text string) *yamlfile.Problem {
	path := q.path
	if page, ok := parsePage(strings.TrimSpace(text)); ok && path == "help_center.domain" {
		for _, each := range [...]struct{ path, answer string }{
			{"help_center.environment", page.environment}, {"help_center.services", page.service}, {baseURL, page.baseURL},
		} {
			if delete(i.answers, each.path); each.answer != "" {
				i.answers[each.path] = each.answer
			}
		}
		text = page.domain
		if page.baseURL != "" {
			path = baseURL
			// Not used beside a base URL
			i.answers["help_center.environment"] = config.Default().HelpCenter.Environment
		}
	}
	i.answers[q.path] = q.tidy(text)
	var environ []string
	for path, answer := range i.answers {
		environ = append(environ, config.Variable(path)+"="+answer)
	}
	_, err := config.Load("", nil, environ, os.ReadFile)
	problems := yamlfile.Problems(nil)
	errors.As(err, &problems) // the keys are missing, at least
	for _, p := range problems {
		if p.Path == path || strings.HasPrefix(p.Path, path+"[") {
			return &p
		}
	}
	return nil
}

// firstMember returns a member file with one member, whom somebody names. It is "" when nobody
// does, or when there is such a file.
func (i *interview) firstMember(file string) (string, error) {
	if _, err := os.Lstat(file); !i.asked || !errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	for {
		line, ok := i.readLine("First member, who can log in by " + file + ": a usercode, or nothing for none")
		usercode := strings.TrimSpace(line)
		if !ok || usercode == "" {
			return "", nil
		}
		fault, hint := paste.Text(usercode)
		if err := (*token.FieldError)(nil); fault == "" && errors.As(token.CheckField(token.FieldUserCode, usercode), &err) {
			fault, hint = err.Reason, "the help center can't take it as it is"
		}
		if fault != "" {
			fmt.Fprintf(i.term.Stderr, "%s\nhint: %s\n", fault, hint)
			continue
		}
		hash, err := i.newPassword()
		return fmt.Sprintf("members:\n  - usercode: '%s'\n    password_hash: %s\n", strings.ReplaceAll(usercode, "'", "''"), hash), err
	}
}

// newPassword asks for a password until it is the same twice, and returns its hash.
func (i *interview) newPassword() (hash string, err error) {
	for {
		first, err := i.readPassword("Password")
		if err != nil {
			return "", cli.Usage(fmt.Errorf("read the password: %w", err), "leave the usercode empty for no member")
		}
		hash, problem := hashTyped(first)
		if problem != nil {
			cli.Report(i.term.Stderr, "ocsso", problem)
			continue
		}
		second, err := i.readPassword("Password again")
		if err != nil {
			return "", cli.Usage(fmt.Errorf("read the password: %w", err), "leave the usercode empty for no member")
		}
		if first == second {
			return hash, nil
		}
		fmt.Fprintln(i.term.Stderr, "the two are not the same")
	}
}

// readPassword asks for a password. A cli.Terminal doesn't show what is typed.
func (i *interview) readPassword(prompt string) (string, error) {
	if typed, ok, err := readHidden(i.term, prompt); ok {
		return typed, err
	}
	line, ok := i.readLine(prompt)
	if !ok {
		return "", io.ErrUnexpectedEOF
	}
	return line, nil
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
func writeNew(file cli.ConfigFile, text string) error {
	f, err := os.OpenFile(string(file), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return alreadyThere(file)
	}
	if err != nil {
		return cli.Usage(err, "--config names another file to write")
	}
	if _, err := f.WriteString(text); err != nil {
		// Half a configuration would be in the way of the next try
		return errors.Join(err, f.Close(), os.Remove(string(file)))
	}
	return f.Close()
}
