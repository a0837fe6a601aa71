package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/rivo/uniseg"
	"github.com/spf13/cobra"

	"ocsso/internal/app"
	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/devtools/signing"
	"ocsso/internal/devtools/standin"
	"ocsso/internal/i18n"
	"ocsso/internal/kv"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
	"ocsso/internal/secret"
	"ocsso/web"
)

// demoCommand holds the flags of `ocdev demo`.
type demoCommand struct {
	port           int
	helpCenterPort int
	shopPort       int
	handoff        string
	login          string
	tls            bool
	json           bool
}

func newDemoCommand(term cli.Terminal) *cobra.Command {
	c := demoCommand{handoff: "form", login: "password"}
	command := &cobra.Command{
		Use:   "demo",
		Short: "Run a site, a stand-in help center and members on this machine",
		RunE:  func(command *cobra.Command, _ []string) error { return c.run(command, term) },
	}
	flags := command.Flags()
	flags.IntVar(&c.port, "port", 8080, "the `port` of the customer's site; 0 for a free one")
	flags.IntVar(&c.helpCenterPort, "helpcenter-port", 8090, "the `port` of the stand-in help center; 0 for a free one")
	flags.IntVar(&c.shopPort, "shop-port", 8070, "the `port` of the shop of --login site; 0 for a free one")
	flags.Var(cli.Choice{Value: &c.handoff, Words: []string{"form", "api", "link"}}, "handoff", "how the help center learns who the member is")
	flags.Var(cli.Choice{Value: &c.login, Words: []string{"password", "site"}}, "login", "where members log in: on this server's own page, or on the site of a small shop beside it")
	flags.BoolVar(&c.tls, "tls", false, "serve everything over https, with a certificate made for this run; Safari needs it")
	flags.BoolVar(&c.json, "json", false, "print one line of JSON in place of the text, for scripts")
	return command
}

// demoInfo is what the demo prints, and its fields are those of --json.
type demoInfo struct {
	Site            string       `json:"site"`
	Shop            string       `json:"shop,omitempty"` // with --login site
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

// run serves both sides until ctx is done. The site is at localhost and the help center at
// 127.0.0.1. For browsers these are two sites, so cookies, CORS and frames behave as with the real
// help center. The shop is at localhost, too: cookies are for a host with all of its ports.
func (c demoCommand) run(command *cobra.Command, term cli.Terminal) error {
	scheme, transport := "http", http.DefaultTransport
	var certificate *tls.Config
	if c.tls {
		var err error
		if certificate, transport, err = selfSignedTLS(time.Now()); err != nil {
			return err
		}
		scheme = "https"
	}
	siteListeners, port, err := listenDemo(term, command, "port", c.port, certificate)
	if err != nil {
		return err
	}
	centerListeners, centerPort, err := listenDemo(term, command, "helpcenter-port", c.helpCenterPort, certificate)
	if err != nil {
		return err
	}
	info := demoInfo{
		Site:            fmt.Sprintf("%s://localhost:%d", scheme, port),
		HelpCenter:      fmt.Sprintf("%s://127.0.0.1:%d", scheme, centerPort),
		Service:         "demo",
		OrganizationKey: rand.Text(),
	}
	info.Console = info.HelpCenter + "/console"
	var shopListeners []net.Listener
	if c.login == "site" {
		var shopPort int
		if shopListeners, shopPort, err = listenDemo(term, command, "shop-port", c.shopPort, certificate); err != nil {
			return err
		}
		info.Shop = fmt.Sprintf("%s://localhost:%d", scheme, shopPort)
	}

	log := cli.NewLogger(term.Stderr, "text", slog.LevelWarn)
	cli.LimitMemory(log, term.LookupEnv)
	members := demoDirectory{}
	for _, m := range demoMembers {
		if c.handoff == "link" && m.account.Email == "" { // which a link needs (CONTRACT 8)
			continue
		}
		info.Members = append(info.Members, demoMember{m.account.UserCode, m.password})
		members[m.account.UserCode] = m.account
	}
	cfg := c.config(info)
	endpoints := []cli.Endpoint{}
	if c.login == "site" {
		internal, err := cli.Listen("127.0.0.1:0", nil)
		if err != nil {
			return err
		}
		shop := newDemoShop(info)
		cfg.Login.With, cfg.Login.Site = "site", shop.settings("http://"+internal.Addr().String()+"/whoami")
		endpoints = append(endpoints, cli.Endpoint{Handler: shop.routes(), Listeners: shopListeners},
			cli.Endpoint{Handler: http.HandlerFunc(shop.whoami), Listeners: []net.Listener{internal}})
	}
	store := kv.NewMemory(time.Now, cfg.Store.Memory.MaxMB*1_000_000)
	site, err := app.New(log, metrics.New(cli.Version(version)), store, members, transport, cli.MemoryLimit()).Handler(cfg)
	if err != nil {
		return err
	}
	center, err := c.newHelpCenter(info, log, transport)
	if err != nil {
		return err
	}
	if err := c.print(term, info); err != nil {
		return err
	}
	return cli.Serve(command.Context(), log, append(endpoints,
		cli.Endpoint{Handler: withChips(site, info.Members), Listeners: siteListeners, WriteTimeout: web.AnswerTimeout},
		cli.Endpoint{Handler: center, Listeners: centerListeners, OnStop: center.Stop})...)
}

// listenDemo opens a port of both loopback addresses. Where it is taken and no flag of the command
// has asked for it, it picks a free one and says so.
func listenDemo(
	term cli.Terminal, command *cobra.Command, flag string, port int, config *tls.Config,
) ([]net.Listener, int, error) {
	listeners, chosen, err := cli.ListenLoopback(port, config)
	if err == nil {
		return listeners, chosen, nil
	}
	setting := fmt.Sprintf("--%s %d, make demo %s=%[2]d", flag, port+1, strings.ToUpper(strings.ReplaceAll(flag, "-", "_")))
	if command.Flags().Changed(flag) {
		return nil, 0, cli.ListenError(err, fmt.Sprintf(":%d", port), setting)
	}
	listeners, chosen, err = cli.ListenLoopback(0, config)
	if err == nil {
		fmt.Fprintf(term.Stderr, term.Say(textTaken), port, chosen, setting)
	}
	return listeners, chosen, err
}

// config returns the settings of the customer's site, with new keys.
func (c demoCommand) config(info demoInfo) config.Config {
	cfg := config.Default()
	cfg.Server.PublicURL = info.Site
	cfg.HelpCenter.BaseURL = info.HelpCenter
	cfg.HelpCenter.Services = []string{info.Service}
	cfg.HelpCenter.OrganizationKey = secret.New(info.OrganizationKey)
	cfg.HelpCenter.Handoff = c.handoff
	cfg.Session.Keys = []secret.Text{secret.New(config.NewSessionKey())}
	return cfg
}

// newHelpCenter makes the stand-in. Its status call sends usercode and token, so that the demo
// works in browsers that block third-party cookies. The console can switch that off.
func (c demoCommand) newHelpCenter(info demoInfo, log *slog.Logger, transport http.RoundTripper) (*standin.Simulator, error) {
	loginType := standin.TypePOST
	if c.handoff == "link" {
		loginType = standin.TypeGET
	}
	return standin.New(log, &http.Client{Transport: transport}, time.Now, standin.Settings{
		Enabled:         true,
		Type:            loginType,
		LoginURL:        info.Site + "/login",
		LoginStatusURL:  info.Site + "/login/status",
		TokenVerifyURL:  info.Site + "/token/verify",
		Parameters:      []standin.Parameter{{Name: "usercode", In: standin.InQuery}, {Name: "token", In: standin.InQuery}},
		Service:         info.Service,
		OrganizationKey: signing.Key(info.OrganizationKey),
	})
}

// demoMembers are a member with every field, one with only the required ones, and one whose name
// needs escaping everywhere. The hashes are those that ocsso hash-password makes.
var demoMembers = []struct {
	account  member.Account
	password string
}{
	{member.Account{
		Member:       member.Member{UserCode: "김민지", UserName: "김민지", Email: "민지@보기.한국", Phone: "010-1234-5678", MemberNo: "회원-0001"},
		PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$JOXQDvWbk4VPzIGKx+LSBQ$vd0tByS0gdt8MDpR6PYjyRWVduHa+44+fct5wVL7Cvg",
	}, "spring-1"},
	{member.Account{
		Member:       member.Member{UserCode: "simple"},
		PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$Jd00q+GmdHxYGTiWyKEkjA$w0yLtz5rzQ5MStykS7Yjogs1snnYzvGK7tANN/YRXYw",
	}, "simple-2"},
	{member.Account{
		Member:       member.Member{UserCode: "obrien", UserName: "O'Brien & Sons 😀 <b>", Email: "o'brien+demo@example.com", Phone: "+82 10 9876 5432", MemberNo: "00042"},
		PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$U47UldD9LDvCBDMOzDCBGA$3/EEARX/vbG3GgdoR0mYkAzjhjY9ncJlnGrlOOdOyV4",
	}, "awkward-3"},
}

// demoDirectory holds the demo's members by usercode. Read-only once it serves.
type demoDirectory map[string]member.Account

func (d demoDirectory) Account(_ context.Context, usercode string) (member.Account, error) {
	account, ok := d[usercode]
	if !ok {
		return member.Account{}, member.ErrUnknown
	}
	return account, nil
}

// What the demo says.
var (
	textTaken = i18n.Words{
		EN: "ocdev: port %d is taken: using port %d\nhint: to choose one: %s\n",
		KO: "ocdev: %d 포트를 다른 프로그램이 사용 중입니다. 대신 사용할 포트: %d\n힌트: 직접 지정하는 방법: %s\n",
	}
	textMembers = i18n.Words{EN: "Log in as one of these members:", KO: "다음 회원 중 하나로 로그인하세요."}
	textCenter  = i18n.Words{EN: "The stand-in help center is %s/%s/hc/", KO: "헬프센터 시뮬레이터: %s/%s/hc/"}
	textShop    = i18n.Words{EN: "The shop has the login. This server asks it: %s", KO: "로그인은 쇼핑몰에 있고, 이 서버가 쇼핑몰에 확인합니다: %s"}
	textCookies = i18n.Words{
		EN: `To see what third-party cookies are for, press "Block them" under Faults in the
console, or use a browser that blocks them: Safari, or an incognito window of
Chrome. With the parameters usercode and token members stay logged in. Switch
them off in the console: the help center asks for the login again, and the third
time our page says why.`,
		KO: `서드파티 쿠키가 왜 필요한지 보려면 콘솔의 오류 주입에서 "차단하기"를 누르거나,
Safari나 Chrome의 시크릿 창처럼 서드파티 쿠키를 차단하는 브라우저를 쓰세요.
usercode와 token 파라미터가 있으면 로그인이 유지됩니다. 콘솔에서 두 파라미터를
끄면 헬프센터가 로그인을 다시 요청하고, 세 번째에는 이 서버의 페이지가 이유를
알려 줍니다.`,
	}
	textCertificate = i18n.Words{
		EN: "The browser doesn't know the certificate: open each address once and accept it.",
		KO: "브라우저가 모르는 인증서입니다. 주소를 한 번씩 열어 허용하세요.",
	}
	textStop    = i18n.Words{EN: "Ctrl-C stops everything.", KO: "모두 끝내려면 Ctrl-C를 누르세요."}
	textOpen    = i18n.Words{EN: "Open this", KO: "열어 볼 주소"}
	textConsole = i18n.Words{EN: "Its console", KO: "콘솔"}
	textNext    = i18n.Words{EN: "Next", KO: "다음 단계"}
	textWays    = i18n.Words{EN: "beside your site, its tools alone, or as a fork: README.md", KO: "내 사이트 옆에 두기, 도구만 쓰기, 포크하기: README.ko.md"}
)

// print writes what info holds as a text, or as JSON with --json. The last lines say what to do.
func (c demoCommand) print(term cli.Terminal, info demoInfo) error {
	if c.json {
		return json.NewEncoder(term.Stdout).Encode(info)
	}
	text := term.Say(textMembers) + "\n\n"
	for _, m := range info.Members {
		text += "  " + column(m.UserCode, 12) + m.Password + "\n"
	}
	text += "\n" + fmt.Sprintf(term.Say(textCenter), info.HelpCenter, info.Service) + "\n"
	if info.Shop != "" {
		text += fmt.Sprintf(term.Say(textShop), info.Site) + "\n"
	}
	if c.handoff != "link" { // which needs no cookie in the help center's page
		text += "\n" + term.Say(textCookies) + "\n"
	}
	if c.tls {
		text += "\n" + term.Say(textCertificate) + "\n"
	}
	text += "\n" + term.Say(textStop) + "\n\n"
	for _, line := range [][2]string{{term.Say(textOpen), cmp.Or(info.Shop, info.Site)}, {term.Say(textConsole), info.Console}, {term.Say(textNext), term.Say(textWays)}} {
		text += column(line[0], 14) + term.Styled(cli.Bold, term.Stdout, line[1]) + "\n"
	}
	_, err := io.WriteString(term.Stdout, text)
	return err
}

// column fills a text with spaces up to a width. A Korean character is two columns wide.
func column(text string, width int) string {
	return text + strings.Repeat(" ", max(width-uniseg.StringWidth(text), 1))
}
