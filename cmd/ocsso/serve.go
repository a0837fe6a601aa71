package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"ocsso/internal/app"
	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/kv"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
	"ocsso/web"
)

func newServeCommand(term cli.Terminal) *cobra.Command {
	return withConfig(&cobra.Command{
		Use:     "serve",
		Short:   "Run the server of a real organization",
		Example: "  ocsso serve --config config.yaml",
	}, func(ctx context.Context, file cli.ConfigFile, _ []string) error { return serve(ctx, term, file) })
}

// serve serves until ctx is done. A SIGHUP at any time reloads the members and the keys.
func serve(ctx context.Context, term cli.Terminal, file cli.ConfigFile) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	cfg, err := file.Load(term)
	if err != nil {
		return err
	}
	log := cli.NewLogger(term.Stderr, cfg.Log.Format, slog.LevelInfo)
	cli.LimitMemory(log, term.LookupEnv)
	d, err := deploy(ctx, cfg, log, func() (config.Config, error) { return file.Load(term) })
	if err != nil {
		return err
	}
	defer d.close()
	certificate, err := loadCertificate(cfg.Server.TLS, log, d.counts)
	if err != nil {
		return err
	}
	// The admin listener opens first: who sees the public one open finds the other one, too.
	var endpoints []cli.Endpoint
	var adminAddr net.Addr
	if cfg.Server.AdminListen != "" {
		admin, err := cli.Listen(cfg.Server.AdminListen, nil)
		if err != nil {
			return cli.ListenError(err, cfg.Server.AdminListen, "server.admin_listen")
		}
		defer admin.Close()
		handler := web.NewAdmin(log, d.counts, d.readiness(ctx), setupSettings(cfg, d.app.Seen()), d.findings)
		endpoints = append(endpoints, cli.Endpoint{Handler: handler, Listeners: []net.Listener{admin}})
		adminAddr = admin.Addr()
	}
	public, err := cli.Listen(cfg.Server.Listen, certificate)
	if err != nil {
		return cli.ListenError(err, cfg.Server.Listen, "server.listen")
	}
	endpoints = append(endpoints, cli.Endpoint{Handler: d, Listeners: []net.Listener{public}, WriteTimeout: web.AnswerTimeout})
	go d.reloadOn(ctx, hangups)
	go d.watchMembers(ctx)
	go d.clock.watch(ctx)
	go d.app.CheckLogin(ctx)
	go d.storeWatch.watch(ctx)
	serving, end := drained(ctx, cfg.Server.Drain, log)
	defer end()
	sessionKey, organizationKey := cfg.KeysInUse()
	log.Info("serving", "version", cli.Version(version), "listen", public.Addr().String(), "public_url", cfg.Server.PublicURL,
		"help_center", cfg.HelpCenter.Origin(), "handoff", cfg.HelpCenter.Handoff, "store", cfg.Store.Kind, "login", cfg.Login.With,
		"session_key", sessionKey, "organization_key", organizationKey)
	notifySystemd(log, daemon.SdNotifyReady)
	if cli.IsTerminal(term.Stderr) {
		greet(term, cfg.Server.PublicURL, adminAddr)
		go sayMissing(ctx, term, d.findings)
	}
	err = cli.Serve(serving, log, endpoints...)
	log.Info("stopped")
	return err
}

// drained returns a context that ends drain after ctx does. In between /readyz answers 503 and
// requests are served, until the load balancer has noticed. The process ends by a second signal.
func drained(ctx context.Context, drain time.Duration, log *slog.Logger) (context.Context, context.CancelFunc) {
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		defer end()
		notifySystemd(log, daemon.SdNotifyStopping)
		if drain == 0 {
			return
		}
		log.Info("stopping: new requests are served for a while", "drain", drain)
		select {
		case <-time.After(drain):
		case <-serving.Done():
		}
	})
	return serving, end
}

// notifySystemd tells systemd the state of a service with Type=notify or notify-reload. It does
// nothing if systemd hasn't started this process.
func notifySystemd(log *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("tell systemd the state of the service", "error", err)
	}
}

// A deployment is a running server whose keys and members can change.
type deployment struct {
	app        *app.App
	log        *slog.Logger
	counts     *metrics.Metrics
	load       func() (config.Config, error)
	cfg        atomic.Pointer[config.Config] // the settings in use
	members    member.Directory              // nil where nobody is looked up
	store      kv.Store
	clock      *clockWatch
	storeWatch *storeWatch
	transport  http.RoundTripper // for calls to the help center and to the public URL
	lookUp     func(ctx context.Context, network, host string) ([]netip.Addr, error)
	current    atomic.Pointer[http.Handler]
}

// deploy opens what the settings name.
func deploy(ctx context.Context, cfg config.Config, log *slog.Logger, load func() (config.Config, error)) (_ *deployment, err error) {
	d := &deployment{
		log: log, counts: metrics.New(cli.Version(version)), load: load,
		transport: http.DefaultTransport, lookUp: net.DefaultResolver.LookupNetIP,
	}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	if d.members, err = openDirectory(ctx, cfg, log); err != nil {
		return nil, err
	}
	if d.store, err = openStore(ctx, cfg.Store, d.counts); err != nil {
		return nil, err
	}
	d.storeWatch = newStoreWatch(ctx, d.store, log, d.counts.StoreUp)
	d.app = app.New(log, d.counts, d.store, d.members, d.transport, cli.MemoryLimit())
	d.clock = &clockWatch{client: app.HelpCenter(cfg.HelpCenter, d.transport), log: log, gauge: d.counts.ClockDifference}
	return d, d.use(cfg)
}

// close closes what deploy has opened.
func (d *deployment) close() {
	end := func(part any, failed string) {
		if opened, ok := part.(io.Closer); ok {
			if err := opened.Close(); err != nil {
				d.log.Warn(failed, "error", err)
			}
		}
	}
	end(d.members, "close the member directory")
	end(d.store, "close the store")
}

// use applies the settings to the requests that follow.
func (d *deployment) use(cfg config.Config) error {
	handler, err := d.app.Handler(cfg)
	if err != nil {
		return err
	}
	d.counts.ShowKeys(cfg.KeysInUse())
	d.cfg.Store(&cfg)
	d.current.Store(&handler)
	return nil
}

// ServeHTTP implements http.Handler with the settings in use.
func (d *deployment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*d.current.Load()).ServeHTTP(w, r)
}

// readiness reports whether requests can be served, with a line about the store, and a warning when
// the clocks differ. A store that is out of order is an error only when strict, or where it has
// never worked: all replicas have the same one, so without them members would get the balancer's
// page in place of ours.
func (d *deployment) readiness(stopping context.Context) func(strict bool) (string, error) {
	return func(strict bool) (string, error) {
		if stopping.Err() != nil {
			// A load balancer sends no new requests, and the running ones end.
			return "", errors.New("stopping")
		}
		state := "store: ok"
		if err, worked := d.storeWatch.state(); err != nil {
			state = "store: out of order: " + err.Error()
			if strict || !worked {
				return "", errors.New(state)
			}
		}
		return "ready\n" + state + d.clock.warning(), nil
	}
}
