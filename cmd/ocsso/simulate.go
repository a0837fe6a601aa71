package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"ocsso/internal/config"
	"ocsso/internal/simulator"
)

// simulateCommand is `ocsso simulate`.
type simulateCommand struct {
	Listen             string   `help:"Where it listens. Give it another host than your site's (localhost and 127.0.0.1 are two), as the real one has." default:"127.0.0.1:8090" placeholder:"HOST:PORT"`
	Service            string   `help:"The service that the start page links to." default:"hangame" placeholder:"ID"`
	OrganizationKeyEnv string   `help:"The environment variable that has the organization key." default:"OCSSO_HELP_CENTER_ORGANIZATION_KEY" placeholder:"VAR"`
	Type               string   `help:"The login type: ${enum}." enum:"post,get" default:"post"`
	LoginURL           string   `name:"login-url" help:"Your login URL (type post)." placeholder:"URL"`
	LoginStatusURL     string   `name:"login-status-url" help:"Your login status URL (type post)." placeholder:"URL"`
	TokenVerifyURL     string   `name:"token-verify-url" help:"Your token verify URL (type get)." placeholder:"URL"`
	Guests             bool     `help:"Let people who are not logged in open inquiries."`
	Parameter          []string `help:"A field to send back on the status call, in the query or in a header, as usercode:query. Repeatable." placeholder:"NAME:PLACE" sep:"none"`
}

// Run serves the stand-in until ctx is done.
func (c simulateCommand) Run(ctx context.Context, term terminal) error {
	key, ok := term.lookupEnv(c.OrganizationKeyEnv)
	if !ok || key == "" {
		return usage(fmt.Errorf("the environment variable %s is not set", c.OrganizationKeyEnv),
			"it has the organization key that your integration signs with; --organization-key-env names another variable")
	}
	parameters, err := parseParameters(c.Parameter)
	if err != nil {
		return err
	}
	log, err := newLogger(term.stderr, config.Default().Log)
	if err != nil {
		return err
	}
	center, err := simulator.New(log, &http.Client{}, time.Now, simulator.Settings{
		Enabled:         true,
		Guests:          c.Guests,
		Type:            simulator.LoginType(strings.ToUpper(c.Type)),
		LoginURL:        c.LoginURL,
		LoginStatusURL:  c.LoginStatusURL,
		TokenVerifyURL:  c.TokenVerifyURL,
		Parameters:      parameters,
		Service:         c.Service,
		OrganizationKey: simulator.Key(key),
	})
	if err != nil {
		return usage(err, "the flag of a setting has its name, with dashes: --login-url for login_url")
	}
	listener, err := listen(c.Listen, nil)
	if err != nil {
		return err
	}
	address := "http://" + listener.Addr().String()
	fmt.Fprintf(term.stdout, "Stand-in help center  %s/%s/hc/\nConsole               %s/console\n", address, c.Service, address)
	return serve(ctx, log, endpoint{center, []net.Listener{listener}})
}

// parseParameters reads texts of the form name:place.
func parseParameters(texts []string) ([]simulator.Parameter, error) {
	var parameters []simulator.Parameter
	for _, text := range texts {
		name, place, ok := strings.Cut(text, ":")
		if !ok {
			return nil, usage(fmt.Errorf("--parameter %q has no place", text), "write usercode:query or usercode:header")
		}
		parameters = append(parameters, simulator.Parameter{Name: name, In: simulator.Place(place)})
	}
	return parameters, nil
}
