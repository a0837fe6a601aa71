package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"ocsso/internal/config"
	"ocsso/internal/contract"
	"ocsso/internal/kv"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
	"ocsso/internal/password"
	"ocsso/internal/secret"
	"ocsso/internal/simulator"
)

// demoService is the one service of the demo's help center.
const demoService = "demo"

// demoCommand is `ocsso demo`.
type demoCommand struct {
	port           int
	helpCenterPort int
	handoff        string
	tls            bool
	json           bool
}

func newDemoCommand(term terminal) *cobra.Command {
	c := demoCommand{handoff: "form"}
	command := &cobra.Command{
		Use:   "demo",
		Short: "Run everything on this machine: a customer's site, a stand-in help center and three members",
		RunE:  func(command *cobra.Command, _ []string) error { return c.run(command.Context(), term) },
	}
	flags := command.Flags()
	flags.IntVar(&c.port, "port", 8080, "the `port` of the customer's site; 0 for a free one")
	flags.IntVar(&c.helpCenterPort, "helpcenter-port", 8090, "the `port` of the stand-in help center; 0 for a free one")
	flags.Var(choice{&c.handoff, []string{"form", "api", "link"}}, "handoff", "how the help center learns who the member is")
	flags.BoolVar(&c.tls, "tls", false, "serve both over https, with a certificate made for this run; Safari needs it")
	flags.BoolVar(&c.json, "json", false, "print one line of JSON in place of the text, for scripts")
	return command
}

// demoInfo is what a visitor of the demo needs to know, and the line of --json.
type demoInfo struct {
	Site            string       `json:"site"`
	HelpCenter      string       `json:"help_center"`
	Service         string       `json:"service"`
	Console         string       `json:"console"`
	OrganizationKey string       `json:"organization_key"`
	Members         []demoMember `json:"members"`
}

type demoMember struct {
	UserCode string `json:"usercode"`
	Password string `json:"password"`
}

// run serves both sides until ctx is done. The site is at localhost and the help center at 127.0.0.1, which browsers
// take for two sites: cookies, CORS and frames behave as they will between the real ones.
func (c demoCommand) run(ctx context.Context, term terminal) error {
	scheme, transport := "http", http.DefaultTransport
	var certificate *tls.Config
	if c.tls {
		var err error
		if certificate, transport, err = throwAwayTLS(time.Now()); err != nil {
			return err
		}
		scheme = "https"
	}
	siteListeners, port, err := listenLoopback(c.port, certificate)
	if err != nil {
		return err
	}
	centerListeners, centerPort, err := listenLoopback(c.helpCenterPort, certificate)
	if err != nil {
		return err
	}
	info := demoInfo{
		Site:            fmt.Sprintf("%s://localhost:%d", scheme, port),
		HelpCenter:      fmt.Sprintf("%s://127.0.0.1:%d", scheme, centerPort),
		Service:         demoService,
		OrganizationKey: rand.Text(),
	}
	info.Console = info.HelpCenter + "/console"

	log, err := newLogger(term.stderr, config.Log{Format: "text", Level: "warn"})
	if err != nil {
		return err
	}
	var members member.Directory
	if info.Members, members, err = demoMembers(); err != nil {
		return err
	}
	counts := metrics.New(buildVersion())
	site, err := newApp(log, counts, kv.NewMemory(time.Now), members, transport).handler(c.config(info))
	if err != nil {
		return err
	}
	center, err := c.newHelpCenter(info, log, transport)
	if err != nil {
		return err
	}
	if err := c.print(term.stdout, info); err != nil {
		return err
	}
	return serve(ctx, log, endpoint{site, siteListeners}, endpoint{center, centerListeners})
}

// config is what serve would read for the demo. Its keys are new each time.
func (c demoCommand) config(info demoInfo) config.Config {
	cfg := config.Default()
	cfg.Server.PublicURL = info.Site
	cfg.HelpCenter.BaseURL = info.HelpCenter
	cfg.HelpCenter.Services = []string{info.Service}
	cfg.HelpCenter.OrganizationKey = secret.New(info.OrganizationKey)
	cfg.HelpCenter.Handoff = c.handoff
	cfg.Session.Keys = []secret.Text{secret.New(newSessionKey())}
	return cfg
}

// newHelpCenter has usercode and token sent back on the status call, so that the demo works in browsers that block third-party
// cookies; its console can switch that off.
func (c demoCommand) newHelpCenter(info demoInfo, log *slog.Logger, transport http.RoundTripper) (http.Handler, error) {
	loginType := simulator.TypePOST
	if c.handoff == "link" {
		loginType = simulator.TypeGET
	}
	return simulator.New(log, &http.Client{Transport: transport}, time.Now, simulator.Settings{
		Enabled:         true,
		Type:            loginType,
		LoginURL:        info.Site + "/login",
		LoginStatusURL:  info.Site + "/login/status",
		TokenVerifyURL:  info.Site + "/token/verify",
		Parameters:      []simulator.Parameter{{Name: "usercode", In: simulator.InQuery}, {Name: "token", In: simulator.InQuery}},
		Service:         info.Service,
		OrganizationKey: contract.Key(info.OrganizationKey),
	})
}

// demoMembers are one member with every field, one with only what is required, and one with a name that tries every layer.
func demoMembers() ([]demoMember, member.Directory, error) {
	list := []struct {
		member   member.Member
		password string
	}{
		{member.Member{UserCode: "김민지", UserName: "김민지", Email: "민지@보기.한국", Phone: "010-1234-5678", MemberNo: "회원-0001"}, "spring-1"},
		{member.Member{UserCode: "simple"}, "simple-2"},
		{member.Member{UserCode: "obrien", UserName: "O'Brien & Sons 😀 <b>", Email: "o'brien+demo@example.com", Phone: "+82 10 9876 5432", MemberNo: "00042"}, "awkward-3"},
	}
	var shown []demoMember
	directory := demoDirectory{}
	for _, m := range list {
		hash, err := password.Hash(m.password)
		if err != nil {
			return nil, nil, fmt.Errorf("demo member: %w", err)
		}
		shown = append(shown, demoMember{m.member.UserCode, m.password})
		directory[m.member.UserCode] = member.Account{Member: m.member, PasswordHash: hash}
	}
	return shown, directory, nil
}

// demoDirectory has the demo's members by usercode. It is not changed once it serves.
type demoDirectory map[string]member.Account

// Account implements member.Directory.
func (d demoDirectory) Account(_ context.Context, usercode string) (member.Account, error) {
	account, ok := d[usercode]
	if !ok {
		return member.Account{}, member.ErrUnknown
	}
	return account, nil
}

// print tells a visitor where to begin.
func (c demoCommand) print(w io.Writer, info demoInfo) error {
	if c.json {
		return json.NewEncoder(w).Encode(info)
	}
	text := fmt.Sprintf("Open %s and log in as one of these members:\n\n", info.Site)
	for _, m := range info.Members {
		text += fmt.Sprintf("  %-10s  password %s\n", m.UserCode, m.Password)
	}
	text += fmt.Sprintf("\nThe stand-in help center is %s/%s/hc/\nIts console is %s\n", info.HelpCenter, info.Service, info.Console)
	if c.tls {
		text += "\nThe browser doesn't know the certificate: open both addresses once and accept it.\n"
	}
	_, err := io.WriteString(w, text+"\nCtrl-C stops both.\n")
	return err
}
