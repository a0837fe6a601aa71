package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ocsso"
	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/i18n"
	"ocsso/internal/paste"
	"ocsso/internal/token"
	"ocsso/internal/yamlfile"
)

// A question is a setting that differs between organizations, and its flag.
type question struct {
	path, flag, example string
	prompt              i18n.Words
	usual               string // the answer that an empty line gives; "" for none
}

// questions are in order. A domain may be baseURL instead.
var questions = []question{
	{domain, "domain", "example", i18n.Words{
		KO: "헬프센터: 아무 페이지의 URL 또는 도메인(예: example)",
		EN: "Help center: the URL of any of its pages, or its domain, such as example",
	}, ""},
	{environment, "environment", strings.Join(slices.Sorted(maps.Keys(config.VendorHosts)), "|"), i18n.Words{
		KO: "환경: 운영은 real, 개발은 alpha", EN: "Environment: real, or alpha for development",
	}, config.Default().HelpCenter.Environment},
	{services, "service", "hangame", i18n.Words{
		KO: "서비스 ID: URL의 호스트와 /hc/ 사이의 값(여러 개이면 기본 서비스부터 쉼표로)",
		EN: "Service id, between host and /hc/ (several with commas, the default first)",
	}, ""},
	{"server.public_url", "public-url", "https://login.example.com", i18n.Words{
		KO: "공개 URL: 회원이 이 서버에 접속할 주소",
		EN: "Public URL, where members will reach this server",
	}, config.Default().Server.PublicURL},
	{siteName, "site-name", "Example Games", i18n.Words{
		KO: "사이트 이름: 모든 페이지에 표시(일반 명칭을 쓰려면 Enter)",
		EN: "Site name, which every page shows (Enter for a general word)",
	}, ""},
}

const (
	domain      = "help_center.domain"
	baseURL     = "help_center.base_url"
	environment = "help_center.environment"
	services    = "help_center.services"
	siteName    = "ui.site_name"
)

// tidy returns an answer as the environment variable has it.
func (q question) tidy(answer string) string {
	if q.path == siteName {
		return strings.TrimSpace(answer)
	}
	items := strings.Split(answer, ",")
	for i, item := range items {
		items[i] = strings.TrimSpace(item)
		if page, _ := parsePage(items[i]); q.path == services && page[services] != "" {
			items[i] = page[services]
		} else if q.path == "server.public_url" {
			items[i] = config.TidyURL(withScheme(items[i]))
		}
	}
	return strings.Join(items, ",")
}

// withScheme returns a pasted address as a URL.
func withScheme(text string) string {
	if text == "" || strings.Contains(text, "://") {
		return text
	}
	if host, _, _ := strings.Cut(text, ":"); host == "localhost" || host == "127.0.0.1" {
		return "http://" + text
	}
	return "https://" + text
}

// parsePage returns the settings that the address of a page of the help center tells (CONTRACT 1),
// and what to say about them. A text without a dot tells nothing.
func parsePage(text string) (page map[string]string, made i18n.Words) {
	page = map[string]string{}
	u, err := url.Parse(withScheme(text))
	if err != nil || u.User != nil || !strings.ContainsAny(text, ".:") {
		return page, made
	}
	say := func(ko, en string, values ...any) {
		made = i18n.Words{KO: made.KO + fmt.Sprintf(ko, values...), EN: made.EN + fmt.Sprintf(en, values...)}
	}
	if service, rest, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/"); rest == "hc" || strings.HasPrefix(rest, "hc/") {
		page[services] = service
		say("서비스 %s, ", "service %s, ", service)
	}
	host := strings.ToLower(u.Hostname())
	name, parent, _ := strings.Cut(host, ".")
	for kind, known := range config.VendorHosts {
		if parent == known {
			page[domain], page[environment] = name, kind
			say("도메인 %s, 환경 %s", "domain %s, environment %s", name, kind)
			return page, made
		}
	}
	page[baseURL] = config.TidyURL(u.Scheme + "://" + u.Host)
	page[environment] = config.Default().HelpCenter.Environment // which nothing asks for then
	if strings.HasSuffix(host, "oc.toast.com") {
		say("base_url(벤더의 예전 호스트: %s)", "base_url, because the host is an older one of the vendor's: %s", host)
		return page, made
	}
	say("base_url(벤더의 호스트가 아님: %s)", "base_url, because the host is none of the vendor's: %s", host)
	if meant := yamlfile.Nearest(parent, slices.Sorted(maps.Values(config.VendorHosts))); meant != "" {
		say(". 오타라면 다음과 같이 쓰세요: %[1]s.%[2]s", ", a typo? Then write %s.%s", name, meant)
	}
	return page, made
}

func newConfigInitCommand(term cli.Terminal) *cobra.Command {
	given := map[string]*string{} // by path
	command := withConfig(&cobra.Command{
		Use:   "init",
		Short: "Write a configuration, asking for what no flag says",
		Example: "  $ ocsso config init --domain example --service hangame \\\n" +
			"      --public-url https://login.example.com\n" +
			"  Environment: real, or alpha for development [alpha]: real",
	}, func(_ context.Context, file cli.ConfigFile, _ []string) error { return initConfig(term, file, given) })
	for _, q := range questions {
		given[q.path] = command.Flags().String(q.flag, "", fmt.Sprintf("%s: `%s`", q.path, q.example))
	}
	return command
}

// initConfig writes a new file. It asks for each answer that no flag gives, and for the first
// member where there is no member file.
func initConfig(term cli.Terminal, file cli.ConfigFile, given map[string]*string) error {
	if _, err := os.Lstat(string(file)); !errors.Is(err, fs.ErrNotExist) { // checked before asking
		return alreadyThere(file)
	}
	interview := interview{asker: newAsker(term)}
	if err := interview.run(given); err != nil {
		return err
	}
	text := fillIn(ocsso.ConfigExample, "session.keys", `["`+config.NewSessionKey()+`"]`)
	for _, path := range []string{domain, environment, baseURL, "server.public_url"} {
		text = fillIn(text, path, `"`+interview.answers[path]+`"`)
	}
	text = fillIn(text, services, `["`+strings.ReplaceAll(interview.answers[services], ",", `", "`)+`"]`)
	text = fillIn(text, siteName, quoted(interview.answers[siteName]))
	membersFile := config.Default().Members.File.Path
	member, err := interview.firstMember(membersFile)
	if err != nil {
		return err
	}
	select {
	case <-term.Interrupted: // at a question that may stay unanswered
		return cli.Failed(cli.ErrInterrupted, "nothing is written")
	default:
	}
	if err := writeNew(file, text); err != nil {
		return err
	}
	if member != "" {
		if err := writeNew(cli.ConfigFile(membersFile), member); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(term.Stdout, term.Say(textWritten),
		file, "OCSSO_HELP_CENTER_ORGANIZATION_KEY", config.Default().Server.AdminListen, membersFile)
	return err
}

var textWritten = i18n.Words{
	KO: `%[1]s 파일을 만들었습니다. 세션 키는 새로 만들어 넣었습니다.
조직 Key는 들어 있지 않으며, 벤더 콘솔의 다음 메뉴에서 확인할 수 있습니다.
전체 관리 > 계약 서비스 현황 > 조직 정보
회원은 %[4]s 파일로 로그인합니다(%[1]s 파일의 members와 login에서
변경 가능). 비밀번호 해시는 ocsso hash-password로 만드세요. 다음 순서:

  export %[2]s=...
  ocsso config check --config %[1]s
  ocsso serve --config %[1]s

PowerShell에서는 첫 줄을 다음과 같이 씁니다.
$env:%[2]s = "..."
콘솔에 입력할 값은 http://%[3]s/setup 페이지에 있습니다.
`,
	EN: `%[1]s is written, with a session key of its own.
It lacks the organization key (조직 Key), which the vendor's console has at
전체 관리 > 계약 서비스 현황 > 조직 정보.
Members log in by %[4]s, with hashes from ocsso hash-password, unless
members and login in %[1]s say otherwise. Next:

  export %[2]s=...
  ocsso config check --config %[1]s
  ocsso serve --config %[1]s

In PowerShell the first of them is
$env:%[2]s = "...".
Then http://%[3]s/setup has the values for the console.
`,
}

func alreadyThere(file cli.ConfigFile) error {
	return cli.Usage(fmt.Errorf("%s is there already", file), "it stays as it is; --config names another file to write")
}

// An interview collects answers. Package config checks each one together with the earlier ones.
type interview struct {
	asker
	answers map[string]string // by the settings' paths
}

// run collects the answers: the flags', what the help center's URL tells, and those to questions.
func (i *interview) run(given map[string]*string) error {
	for _, q := range questions {
		if flag := *given[q.path]; flag != "" {
			if problem := i.check(q, flag); problem != nil {
				return cli.Usage(fmt.Errorf("--%s: %s", q.flag, problem.Text), problem.Hint)
			}
		} else if known, ok := i.answers[q.path]; !ok || i.check(q, known) != nil {
			if err := i.ask(q); err != nil {
				return err
			}
		}
	}
	return nil
}

// ask asks until an answer is valid.
func (i *interview) ask(q question) error {
	prompt := i.Say(q.prompt)
	if q.usual != "" {
		prompt += " [" + q.usual + "]"
	}
	for {
		line, err := i.line(prompt + ": ")
		if err != nil && i.check(q, "") == nil { // none is an answer
			return nil
		}
		if err != nil {
			return cli.Usage(fmt.Errorf("no answer for %s", q.path), "give it as --"+q.flag)
		}
		problem := i.check(q, cmp.Or(strings.TrimSpace(line), q.usual))
		if problem == nil {
			return nil
		}
		fmt.Fprintln(i.Stderr, problem.Text)
		i.Hint(problem.Hint)
	}
}

// check keeps an answer in which package config finds no problem. The address of a page of the help
// center answers up to three questions, and is said to.
func (i *interview) check(q question, text string) *yamlfile.Problem {
	path, made := q.path, i18n.Words{}
	if path == domain { // the first question, maybe once more
		i.answers, made = parsePage(strings.TrimSpace(text))
		if len(i.answers) > 0 {
			text = i.answers[path]
		}
		if i.answers[baseURL] != "" {
			path = baseURL
		}
	}
	i.answers[q.path] = q.tidy(text)
	var environ []string
	for path, answer := range i.answers {
		environ = append(environ, config.Variable(path)+"="+answer)
	}
	_, err := config.Load("", nil, environ, os.ReadFile)
	problems, _ := errors.AsType[yamlfile.Problems](err) // the keys are missing, at least
	for _, p := range problems {
		if p.Path == path || strings.HasPrefix(p.Path, path+"[") {
			return &p
		}
	}
	if made != (i18n.Words{}) {
		fmt.Fprintln(i.Stderr, i.Say(made))
	}
	return nil
}

// firstMember returns a member file with one member, whom somebody names. It is "" when nobody
// does, and when there is such a file.
func (i *interview) firstMember(file string) (string, error) {
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	const noMember = "leave the usercode empty for no member"
	usercode, _ := i.field(token.FieldUserCode, textFirstMember)
	if usercode == "" {
		return "", nil
	}
	email, err := i.field(token.FieldEmail, textEmail)
	if err != nil {
		return "", cli.Usage(fmt.Errorf("read the email: %w", err), noMember)
	}
	hash, err := i.newPassword()
	if err != nil {
		return "", cli.Usage(fmt.Errorf("read the password: %w", err), noMember)
	}
	text := fmt.Sprintf("members:\n  - usercode: %s\n    password_hash: %s\n", quoted(usercode), hash)
	if email != "" {
		text += "    email: " + quoted(email) + "\n"
	}
	return text, nil
}

var (
	textFirstMember = i18n.Words{KO: "첫 회원의 usercode(건너뛰려면 Enter)", EN: "First member's usercode (Enter to skip)"}
	textEmail       = i18n.Words{KO: "이메일, 서명된 링크에 필요(건너뛰려면 Enter)", EN: "Email, which signed links need (Enter to skip)"}
	textPassword    = i18n.Words{KO: "비밀번호", EN: "Password"}
	textAgain       = i18n.Words{KO: "비밀번호 다시 입력", EN: "Password again"}
	textDiffer      = i18n.Words{KO: "두 비밀번호가 다릅니다", EN: "the two are not the same"}
)

// quoted is text in YAML.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// field asks for a field of a member until the help center can take the answer.
func (i *interview) field(field token.Field, prompt i18n.Words) (string, error) {
	for {
		line, err := i.line(i.Say(prompt) + ": ")
		value := strings.TrimSpace(line)
		if err != nil || value == "" {
			return "", err
		}
		fault, hint := paste.Text(value)
		if bad, ok := errors.AsType[*token.FieldError](token.CheckField(field, value)); ok && fault == "" {
			fault, hint = bad.Reason, "the help center can't take it as it is"
		}
		if fault == "" {
			return value, nil
		}
		fmt.Fprintln(i.Stderr, fault)
		i.Hint(hint)
	}
}

// newPassword asks for a password until it is the same twice, and returns its hash.
func (i *interview) newPassword() (hash string, err error) {
	for {
		first, err := i.password(i.Say(textPassword) + ": ")
		if err != nil {
			return "", err
		}
		hash, problem := hashTyped(first)
		if problem != nil {
			i.Report("ocsso", problem)
			continue
		}
		if second, err := i.password(i.Say(textAgain) + ": "); err != nil || first == second {
			return hash, err
		}
		fmt.Fprintln(i.Stderr, i.Say(textDiffer))
	}
}

// fillIn returns text, a configuration, with another value for the setting at section.name. It has
// every setting.
func fillIn(text, path, value string) string {
	section, name, _ := strings.Cut(path, ".")
	at := regexp.MustCompile(`(?ms)(^` + section + `:$.*?^  ` + name + `: )[^\n]*`).FindStringSubmatchIndex(text)
	return text[:at[3]] + value + text[at[1]:]
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
