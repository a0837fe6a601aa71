package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ocsso/internal/check"
	"ocsso/internal/config"
	"ocsso/internal/contract"
	"ocsso/internal/secret"
)

// checkCommand is `ocsso check`.
type checkCommand struct {
	target             check.Target
	config             string
	passwordEnv        string
	cookieEnv          string
	organizationKeyEnv string
	listenHelpCenter   string
	format             string
	only               []string
	list               bool
	insecure           bool
}

func newCheckCommand(term terminal) *cobra.Command {
	c := checkCommand{format: "text"}
	command := &cobra.Command{
		Use:   "check",
		Short: "Check an integration of any make against the help center's contract",
		Example: "  PASSWORD=... ocsso check --help-center https://example.oc.nhncloud.com --service hangame \\\n" +
			"    --login-url https://example.com/login --login-status-url https://example.com/login/status \\\n" +
			"    --usercode minji --password-env PASSWORD\n" +
			"  ok    status/logged-out                   Somebody logged out is 200 and {\"login\":\"false\",\"usercode\":null} (PROTOCOL 7)",
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
	flags.StringVar(&c.target.UserCode, "usercode", "", "the `usercode` of a member to log in")
	flags.StringVar(&c.passwordEnv, "password-env", "", "the environment `variable` that has the member's password")
	flags.StringVar(&c.cookieEnv, "cookie-env", "", "the environment `variable` that has the cookie of a login, as name=value, where there is no password form")
	flags.StringVar(&c.organizationKeyEnv, "organization-key-env", "", "the environment `variable` that has the organization key, to check signatures")
	flags.StringArrayVar(&c.target.AlsoOrigins, "also-origin", nil, "a further `origin` that a login may lead to and that may read the status; repeatable")
	flags.StringVar(&c.target.UserNameField, "username-field", "", "the `name` of the login form's field for the usercode, where it isn't the first text field")
	flags.StringVar(&c.target.PasswordField, "password-field", "", "the `name` of the login form's field for the password")
	flags.StringVar(&c.listenHelpCenter, "listen-help-center", "", "be the help center at this `host:port`, to check an api handoff; your integration must have it as its help center")
	flags.Var(choice{&c.format, []string{"text", "json", "junit"}}, "format", "what to print")
	flags.StringSliceVar(&c.only, "only", nil, "run these cases alone, by `id`, or group as in status/; comma-separated")
	flags.BoolVar(&c.list, "list", false, "print the cases and run none")
	flags.BoolVar(&c.insecure, "insecure", false, "accept any certificate")
	flags.DurationVar(&c.target.Timeout, "timeout", 10*time.Second, "how long to wait for each answer")
	return command
}

// run checks, and fails with exit code 1 where a must is not met.
func (c checkCommand) run(ctx context.Context, term terminal) error {
	cases, err := check.Select(c.only...)
	if err != nil {
		return usage(err, "ocsso check --list has them all")
	}
	if c.list {
		return printCases(term, cases)
	}
	if err := c.complete(term); err != nil {
		return err
	}
	if c.listenHelpCenter != "" {
		stop, err := c.beHelpCenter()
		if err != nil {
			return err
		}
		defer stop()
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: c.insecure}
	defer transport.CloseIdleConnections()
	report, err := check.Run(ctx, c.target, cases, transport, time.Now)
	if err != nil {
		return usage(err, "ocsso check --help lists the flags; --insecure accepts a certificate of your own making")
	}
	if err := c.print(term, report); err != nil {
		return err
	}
	if !report.Passed() {
		return &commandError{errors.New("the integration does not meet the contract"), "mend the first failure first: others may come from it", exitFailed}
	}
	return nil
}

// beHelpCenter serves the checker's end of the server's call until it is stopped.
func (c *checkCommand) beHelpCenter() (stop func() error, err error) {
	listener, err := listen(c.listenHelpCenter, nil)
	if err != nil {
		return nil, err
	}
	c.target.Center = &check.Center{}
	if c.target.HelpCenter == "" {
		c.target.HelpCenter = "http://" + listener.Addr().String()
	}
	server := &http.Server{Handler: c.target.Center, ReadHeaderTimeout: c.target.Timeout}
	go server.Serve(listener) // ends with the listener
	return server.Close, nil
}

// complete adds to the flags what the environment and the configuration have.
func (c *checkCommand) complete(term terminal) error {
	if c.config != "" {
		if err := c.fill(term); err != nil {
			return err
		}
	}
	for _, secret := range []struct {
		flag, variable string
		set            func(value string)
	}{
		{"--password-env", c.passwordEnv, func(value string) { c.target.Password = secret.New(value) }},
		{"--cookie-env", c.cookieEnv, func(value string) { c.target.Cookie = secret.New(value) }},
		{"--organization-key-env", c.organizationKeyEnv, func(value string) { c.target.OrganizationKey = contract.Key(value) }},
	} {
		if secret.variable == "" {
			continue
		}
		value, ok := term.lookupEnv(secret.variable)
		if !ok || value == "" {
			return usage(fmt.Errorf("the environment variable %s is not set", secret.variable), secret.flag+" names the variable that has the secret")
		}
		secret.set(value)
	}
	if c.passwordEnv != "" && c.cookieEnv != "" {
		return usage(errors.New("both --password-env and --cookie-env are given"), "give the cookie only where there is no password form")
	}
	return nil
}

// fill sets what has no flag for a server of ours.
func (c *checkCommand) fill(term terminal) error {
	cfg, err := configFile(c.config).load(term)
	if err != nil {
		return err
	}
	own := targetOf(cfg)
	for _, setting := range []struct {
		field *string
		value string
	}{
		{&c.target.HelpCenter, own.HelpCenter},
		{&c.target.Service, own.Service},
		{&c.target.LoginURL, own.LoginURL},
		{&c.target.LoginStatusURL, own.LoginStatusURL},
		{&c.target.TokenVerifyURL, own.TokenVerifyURL},
		{&c.target.LinkURL, own.LinkURL},
		{&c.target.LogoutURL, own.LogoutURL},
		{&c.target.FrameURL, own.FrameURL},
	} {
		if *setting.field == "" {
			*setting.field = setting.value
		}
	}
	c.target.AlsoOrigins = append(c.target.AlsoOrigins, own.AlsoOrigins...)
	c.target.OrganizationKey = own.OrganizationKey
	return nil
}

// targetOf is a server of ours as the checker sees it. Whose member to be, and how long to wait, is for the caller to add.
func targetOf(cfg config.Config) check.Target {
	return check.Target{
		HelpCenter:      cfg.HelpCenter.Origin(),
		Service:         cfg.HelpCenter.Services[0],
		LoginURL:        cfg.Server.PublicURL + "/login",
		LoginStatusURL:  cfg.Server.PublicURL + "/login/status",
		TokenVerifyURL:  cfg.Server.PublicURL + "/token/verify",
		LinkURL:         cfg.Server.PublicURL + "/help/ticket",
		LogoutURL:       cfg.Server.PublicURL + "/logout",
		FrameURL:        cfg.Server.PublicURL + "/help",
		AlsoOrigins:     cfg.HelpCenter.ExtraOrigins,
		OrganizationKey: contract.Key(cfg.HelpCenter.OrganizationKey.Reveal()),
	}
}

func (c checkCommand) print(term terminal, report check.Report) error {
	switch c.format {
	case "json":
		return report.WriteJSON(term.stdout)
	case "junit":
		return report.WriteJUnit(term.stdout)
	}
	return report.WriteText(term.stdout)
}

// printCases lists cases as --list does.
func printCases(term terminal, cases []check.Case) error {
	var text strings.Builder
	for _, each := range cases {
		fmt.Fprintf(&text, "%-6s  %-34s  %s\n", each.Level, each.ID, each.Requirement)
	}
	_, err := fmt.Fprint(term.stdout, text.String())
	return err
}
