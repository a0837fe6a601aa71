package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ocsso/internal/cli"
	"ocsso/internal/devtools/signing"
	"ocsso/internal/devtools/standin"
	"ocsso/internal/i18n"
	"ocsso/internal/paste"
)

// simulateCommand holds the flags of `ocdev simulate`.
type simulateCommand struct {
	settings           standin.Settings
	listen             string
	organizationKeyEnv string
	loginType          string
	parameters         []string
	tls                bool
}

func newSimulateCommand(term cli.Terminal) *cobra.Command {
	c := simulateCommand{settings: standin.Settings{Enabled: true}, loginType: "post"}
	command := &cobra.Command{
		Use:   "simulate",
		Short: "Run the stand-in help center alone, for an integration of your own",
		Example: "  $ ORGANIZATION_KEY=any-key ocdev simulate \\\n" +
			"      --organization-key-env ORGANIZATION_KEY \\\n" +
			"      --login-url http://localhost:3000/login \\\n" +
			"      --login-status-url http://localhost:3000/login/status",
		RunE: func(command *cobra.Command, _ []string) error { return c.run(command.Context(), term) },
	}
	flags := command.Flags()
	flags.StringVar(&c.listen, "listen", "127.0.0.1:8090", "the `host:port` to listen on; not your site's host, as the real one isn't (localhost and 127.0.0.1 are two)")
	flags.BoolVar(&c.tls, "tls", false, "serve over https, with a certificate for localhost made for this run")
	flags.StringVar(&c.settings.Service, "service", "hangame", "the `id` of the service that the start page links to")
	flags.StringVar(&c.organizationKeyEnv, "organization-key-env", keyVariable, "the environment `variable` that has the organization key")
	flags.Var(cli.Choice{Value: &c.loginType, Words: []string{"post", "get"}}, "type", "the login type")
	flags.StringVar(&c.settings.LoginURL, "login-url", "", "your login `URL` (type post)")
	flags.StringVar(&c.settings.LoginStatusURL, "login-status-url", "", "your login status `URL` (type post)")
	flags.StringVar(&c.settings.TokenVerifyURL, "token-verify-url", "", "your token verify `URL` (type get)")
	flags.BoolVar(&c.settings.Guests, "guests", false, "let people who are not logged in open inquiries")
	flags.StringArrayVar(&c.parameters, "parameter", nil, "a field to send back on the status call, as `name:place` (usercode:query, token:header); repeatable")
	return command
}

// run serves the stand-in help center until ctx is done.
func (c simulateCommand) run(ctx context.Context, term cli.Terminal) error {
	key, err := term.Secret(c.organizationKeyEnv,
		"it has the organization key that your integration signs with; --organization-key-env names another variable", paste.Key)
	if err != nil {
		return err
	}
	c.settings.OrganizationKey = signing.Key(key)
	c.settings.Type = standin.LoginType(strings.ToUpper(c.loginType))
	if c.settings.Parameters, err = parseParameters(c.parameters); err != nil {
		return err
	}
	log := cli.NewLogger(term.Stderr, "text", slog.LevelInfo)
	cli.LimitMemory(log, term.LookupEnv)
	scheme := "http"
	var certificate *tls.Config
	if c.tls {
		scheme = "https"
		if certificate, _, err = selfSignedTLS(time.Now()); err != nil {
			return err
		}
	}
	center, err := standin.New(log, &http.Client{}, time.Now, c.settings)
	if err != nil {
		return cli.Usage(err, "the flag of a setting has its name, with dashes: --login-url for login_url")
	}
	listener, err := cli.Listen(c.listen, certificate)
	if err != nil {
		return cli.ListenError(err, c.listen, "--listen")
	}
	address := scheme + "://" + cli.Openable(listener.Addr())
	fmt.Fprintf(term.Stdout, "%s%s\n%s%s\n",
		column(term.Say(textStandIn), 22), term.Styled(cli.Bold, term.Stdout, address+"/"+c.settings.Service+"/hc/"),
		column(term.Say(textConsole), 22), term.Styled(cli.Bold, term.Stdout, address+"/console"))
	return cli.Serve(ctx, log, cli.Endpoint{Handler: center, Listeners: []net.Listener{listener}, OnStop: center.Stop})
}

var textStandIn = i18n.Words{EN: "Stand-in help center", KO: "헬프센터 시뮬레이터"}

// parseParameters parses texts of the form name:place.
func parseParameters(texts []string) ([]standin.Parameter, error) {
	var parameters []standin.Parameter
	for _, text := range texts {
		name, place, ok := strings.Cut(text, ":")
		if !ok {
			return nil, cli.Usage(fmt.Errorf("--parameter %q has no place", text), "write usercode:query or usercode:header")
		}
		parameters = append(parameters, standin.Parameter{Name: name, In: standin.Place(place)})
	}
	return parameters, nil
}
