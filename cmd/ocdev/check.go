package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"ocsso/internal/cli"
	"ocsso/internal/devtools/check"
	"ocsso/internal/devtools/signing"
	"ocsso/internal/paste"
	"ocsso/internal/secret"
)

// checkCommand holds the flags of `ocdev check`.
type checkCommand struct {
	target             check.Target
	config             string
	passwordEnv        string
	cookieEnv          string
	organizationKeyEnv string
	listenHelpCenter   string
	format             string
	lang               string
	only               []string
	explain            string
	list               bool
	strict             bool
	insecure           bool
	browser            string
	noBrowser          bool
}

func newCheckCommand(term cli.Terminal) *cobra.Command {
	c := checkCommand{format: "text", target: check.Target{Patience: 2 * time.Minute}} // in all, for a server that limits logins
	command := &cobra.Command{
		Use:   "check",
		Short: "Check anybody's integration against the contract",
		Example: "  $ PASSWORD=... ocdev check --service hangame \\\n" +
			"      --help-center https://example.oc.nhncloud.com \\\n" +
			"      --login-url https://example.com/login \\\n" +
			"      --login-status-url https://example.com/login/status \\\n" +
			"      --usercode minji --password-env PASSWORD\n" +
			"  ok    status/                           22 ok, 0 failed, 0 warnings, 0 skipped",
		RunE: func(command *cobra.Command, _ []string) error { return c.run(command.Context(), term) },
	}
	flags := command.Flags()
	flags.StringVar(&c.config, "config", "", "the configuration `file` of a server of ours, for every URL that has no flag")
	flags.StringVar(&c.target.HelpCenter, "help-center", "", "the help center's `origin`")
	flags.StringVar(&c.target.Service, "service", "", "the `id` of a service of the help center")
	flags.StringVar(&c.target.LoginURL, "login-url", "", "your login `URL`")
	flags.StringVar(&c.target.LoginStatusURL, "login-status-url", "", "your login status `URL`")
	flags.StringVar(&c.target.TokenVerifyURL, "token-verify-url", "", "your token verify `URL`")
	flags.StringVar(&c.target.LinkURL, "link-url", "", "a `URL` that redirects a member to a signed link, or answers {\"url\":...}")
	flags.StringVar(&c.target.LogoutURL, "logout-url", "", "a `URL` that logs out, or that has a form that does")
	flags.StringVar(&c.target.FrameURL, "frame-url", "", "the `URL` of your page with the help center's frame")
	flags.StringVar(&c.target.PostHandoff, "post-handoff", "", "post one handoff to the help center at this `origin`, and say what it answers")
	flags.StringVar(&c.target.UserCode, "usercode", "", "the `usercode` of a member to log in")
	flags.StringVar(&c.target.LoginID, "login-id", "", "the `name` that the member types to log in, where it isn't the usercode")
	flags.StringVar(&c.passwordEnv, "password-env", "", "the environment `variable` that has the member's password")
	flags.StringVar(&c.cookieEnv, "cookie-env", "", "the environment `variable` that has the cookie of a login, as name=value, where there is no password form")
	flags.StringVar(&c.organizationKeyEnv, "organization-key-env", "", "the environment `variable` that has the organization key, to check signatures")
	flags.StringArrayVar(&c.target.AlsoOrigins, "also-origin", nil, "a further `origin` of yours, which a login may lead to and that may read the status; repeatable")
	flags.StringVar(&c.target.UserNameField, "username-field", "", "the `name` or id of the login form's field for the login name, where it is not found")
	flags.StringVar(&c.target.PasswordField, "password-field", "", "the `name` or id of the login form's field for the password, where it is not found")
	flags.StringVar(&c.listenHelpCenter, "listen-help-center", "", "be the help center at this `host:port`, to check an api handoff; your integration must have it as its help center")
	flags.Var(cli.Choice{Value: &c.format, Words: []string{"text", "json", "junit", "html"}}, "format", "what to print")
	flags.Var(cli.LangChoice(&c.lang), "lang", "the language of the report; without it the one of LANG")
	flags.StringVar(&c.explain, "explain", "", "say what the contract asks for in this case, by `id`, and run none")
	flags.BoolVar(&c.strict, "strict", false, "fail for warnings, too")
	flags.StringSliceVar(&c.only, "only", nil, "run these cases alone, by `id`, or group as in status/; comma-separated")
	flags.BoolVar(&c.list, "list", false, "print the cases and run none")
	flags.BoolVar(&c.insecure, "insecure", false, "accept any certificate")
	flags.StringVar(&c.browser, "browser", "", "the `path` of a Chrome, Chromium or Edge, where none is found")
	flags.BoolVar(&c.noBrowser, "no-browser", false, "ask by plain HTTP alone; the login and the handoff are not checked then")
	flags.StringVar(&c.target.UserAgent, "user-agent", "", "what the browser calls itself, as `text`")
	flags.DurationVar(&c.target.Timeout, "timeout", 10*time.Second, "how long to wait for each answer")
	return command
}

// run runs the cases. It returns an error with exit code 1 if a required case fails, and with 2 if
// nothing that matters was checked.
func (c checkCommand) run(ctx context.Context, term cli.Terminal) error {
	lang := check.Lang(cmp.Or(c.lang, string(term.Lang())))
	if c.explain != "" {
		c.only = []string{c.explain}
	}
	cases, err := check.Select(c.only...)
	if err != nil {
		return cli.Usage(err, "ocdev check --list has them all")
	}
	if c.explain != "" || c.list {
		return describe(term.Stdout, cases, lang, c.explain != "")
	}
	if err := c.complete(term); err != nil {
		return err
	}
	if c.listenHelpCenter != "" {
		stop, err := c.serveHelpCenter()
		if err != nil {
			return err
		}
		defer stop()
	}
	missing := error(nil) // the browser
	if !c.noBrowser && check.NeedsBrowser(cases, c.target) {
		path, err := findBrowser(c.browser, exec.LookPath)
		if err != nil && c.browser != "" {
			return err
		}
		if missing = err; err == nil {
			c.target.Browser, err = check.StartBrowser(ctx, check.BrowserOptions{
				Path: path, HelpCenter: c.target.HelpCenter, UserAgent: c.target.UserAgent, AnyCertificate: c.insecure,
			})
			if err != nil {
				return cli.Usage(err, "name another one with --browser PATH, or leave it out with --no-browser")
			}
			defer c.target.Browser.Close()
		}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: c.insecure}
	defer transport.CloseIdleConnections()
	var progress func(check.Step)
	if cli.IsTerminal(term.Stderr) {
		progress = func(s check.Step) { fmt.Fprintf(term.Stderr, "%6.1f s  %s\n", s.Seconds, s.Name) }
	}
	report, err := check.Run(ctx, c.target, cases, transport, time.Now, lang, progress)
	if err != nil {
		return cli.Usage(err, "ocdev check --help lists the flags; --insecure accepts a certificate of your own making")
	}
	report.Version = cli.Version("")
	write := map[string]func(io.Writer) error{
		"text": func(w io.Writer) error { return report.WriteText(w, term.Colors(w)) },
		"json": report.WriteJSON, "junit": report.WriteJUnit, "html": report.WriteHTML,
	}[c.format]
	if err := write(term.Stdout); err != nil {
		return err
	}
	switch why := report.Unchecked(c.noBrowser); {
	case !report.Passed():
		return cli.Failed(errors.New(textUnmet.In(lang)), textUnmetHint.In(lang))
	case missing != nil:
		return missing
	case why != "":
		return cli.Usage(errors.New(why), textUncheckedHint.In(lang))
	case c.strict && report.Count(check.Warn) > 0:
		return cli.Failed(errors.New(textWarnings.In(lang)), textWarningsHint.In(lang))
	}
	return nil
}

// browsers are the names and usual places of browsers that a run can use.
var browsers = []string{
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "microsoft-edge-stable", "msedge",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
	`C:\Program Files\Google\Chrome\Application\chrome.exe`, `C:\Program Files (x86)\Google\Chrome\Application\chrome.exe`,
	`C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe`, `C:\Program Files\Microsoft\Edge\Application\msedge.exe`,
}

// findBrowser returns the path of the browser of --browser, or of one that look finds on the
// machine.
func findBrowser(named string, look func(string) (string, error)) (string, error) {
	names := browsers
	if named != "" {
		names = []string{named}
	}
	for _, name := range names {
		if path, err := look(name); err == nil {
			return path, nil
		}
	}
	if named != "" {
		return "", cli.Usage(fmt.Errorf("--browser: there is no program %s", named), "give the path of a Chrome, Chromium or Edge")
	}
	return "", cli.Usage(errors.New("no Chrome, Chromium or Edge was found, so that the login and the handoff were not checked"),
		"install Chrome or Edge, or name it with --browser PATH; --no-browser says that none is wanted")
}

// What a run ends with.
var (
	textUnmet         = check.Text{EN: "the integration does not meet the contract", KO: "연동이 규격에 맞지 않습니다"}
	textUnmetHint     = check.Text{EN: "mend the first failure first: others may come from it", KO: "첫 번째 실패부터 고치세요. 나머지는 그 때문일 수 있습니다"}
	textUncheckedHint = check.Text{EN: "the lines that begin with \"not checked\" say what is missing", KO: "\"검사하지 않음\"으로 시작하는 줄에 필요한 값이 있습니다"}
	textWarnings      = check.Text{EN: "there are warnings", KO: "경고가 있습니다"}
	textWarningsHint  = check.Text{EN: "without --strict they don't count", KO: "--strict가 없으면 실패로 치지 않습니다"}
)

// describe writes a line for each case, or all that there is to say about it.
func describe(w io.Writer, cases []check.Case, lang check.Lang, whole bool) error {
	for _, each := range cases {
		text := fmt.Sprintf("%-6s  %-34s  %s\n", each.Level, each.ID, each.Requirement.In(lang))
		if whole {
			text = each.Explain(lang)
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}

// serveHelpCenter answers the calls of an api handoff until it is stopped.
func (c *checkCommand) serveHelpCenter() (stop func() error, err error) {
	listener, err := cli.Listen(c.listenHelpCenter, nil)
	if err != nil {
		return nil, cli.ListenError(err, c.listenHelpCenter, "--listen-help-center")
	}
	c.target.Center = &check.Center{Listens: true}
	if c.target.HelpCenter == "" {
		c.target.HelpCenter = "http://" + listener.Addr().String()
	}
	server := &http.Server{Handler: c.target.Center, ReadHeaderTimeout: c.target.Timeout}
	go server.Serve(listener)
	return server.Close, nil
}

// complete adds what the configuration file and the environment hold.
func (c *checkCommand) complete(term cli.Terminal) error {
	if c.config != "" {
		if err := c.fill(term); err != nil {
			return err
		}
	}
	password, errPassword := readSecret(term, "--password-env", c.passwordEnv, paste.Password)
	cookie, errCookie := readSecret(term, "--cookie-env", c.cookieEnv, paste.Text)
	key, errKey := readSecret(term, "--organization-key-env", c.organizationKeyEnv, paste.Key)
	if err := cmp.Or(errPassword, errCookie, errKey); err != nil {
		return err
	}
	c.target.Password, c.target.Cookie = secret.New(password), secret.New(cookie)
	c.target.OrganizationKey = cmp.Or(signing.Key(key), c.target.OrganizationKey)
	if password != "" && cookie != "" {
		return cli.Usage(errors.New("both --password-env and --cookie-env are given"),
			"give the cookie only where there is no password form")
	}
	return nil
}

// readSecret reads the environment variable that a flag names, if it names one.
func readSecret(term cli.Terminal, flag, variable string, check func(string) (fault, hint string)) (string, error) {
	if variable == "" {
		return "", nil
	}
	return term.Secret(variable, flag+" names the variable that has the secret", check)
}

// fill sets what has no flag from the configuration file. The member and the timeout are flags'.
// Links, which need an email, are checked only where members come by them.
func (c *checkCommand) fill(term cli.Terminal) error {
	cfg, err := cli.ConfigFile(c.config).Load(term)
	if err != nil {
		return err
	}
	own, target := cfg.Server.PublicURL, &c.target
	link := ""
	if cfg.UsesLinks() {
		link = own + "/help/ticket"
	}
	for setting, value := range map[*string]string{
		&target.HelpCenter:     cfg.HelpCenter.Origin(),
		&target.Service:        cfg.HelpCenter.Services[0],
		&target.LoginURL:       own + "/login",
		&target.LoginStatusURL: own + "/login/status",
		&target.TokenVerifyURL: own + "/token/verify",
		&target.LinkURL:        link,
		&target.LogoutURL:      own + "/logout",
		&target.FrameURL:       own + "/help",
	} {
		*setting = cmp.Or(*setting, value)
	}
	target.AlsoOrigins = append(target.AlsoOrigins, cfg.HelpCenter.ExtraOrigins...)
	target.OrganizationKey = signing.Key(cfg.HelpCenter.OrganizationKey.Reveal())
	return nil
}
