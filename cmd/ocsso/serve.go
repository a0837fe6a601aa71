package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"reflect"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"ocsso/internal/config"
	"ocsso/internal/metrics"
	"ocsso/web"
)

func newServeCommand(term terminal) *cobra.Command {
	var file configFile
	command := &cobra.Command{
		Use:     "serve",
		Short:   "Run the server of a real organization",
		Example: "  ocsso serve --config config.yaml",
		RunE:    func(command *cobra.Command, _ []string) error { return runServe(command.Context(), term, file) },
	}
	file.addFlag(command)
	return command
}

// configFile is the path of the configuration file.
type configFile string

func (f *configFile) addFlag(command *cobra.Command) {
	command.Flags().StringVar((*string)(f), "config", "config.yaml", "the configuration `file`")
}

// load reads the configuration.
func (f configFile) load(term terminal) (config.Config, error) {
	data, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrPermission) && os.Getuid() >= 0 { // not on Windows
		return config.Config{}, usage(err, fmt.Sprintf("this process runs as user %d, who must be able to read it: sudo chown %[1]d %s", os.Getuid(), f))
	}
	if err != nil {
		return config.Config{}, usage(err, "make one with ocsso config init, or name another with --config")
	}
	return config.Load(string(f), data, term.environ(), os.ReadFile)
}

// runServe serves until ctx is done. A SIGHUP at any time reloads the members and the keys.
func runServe(ctx context.Context, term terminal, file configFile) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	cfg, err := file.load(term)
	if err != nil {
		return err
	}
	log, err := newLogger(term.stderr, cfg.Log)
	if err != nil {
		return err
	}
	limitMemory(log, term.lookupEnv)
	d, err := deploy(ctx, cfg, log, func() (config.Config, error) { return file.load(term) })
	if err != nil {
		return err
	}
	defer d.close()
	certificate, err := loadCertificate(cfg.Server.TLS, log, d.app.counts)
	if err != nil {
		return err
	}
	public, err := listen(cfg.Server.Listen, certificate)
	if err != nil {
		return listenError(err, cfg.Server.Listen, "server.listen")
	}
	endpoints := []endpoint{{handler: d, listeners: []net.Listener{public},
		idleTimeout: cfg.Server.IdleTimeout, writeTimeout: web.AnswerTimeout}}
	var adminAddr net.Addr
	if cfg.Server.AdminListen != "" {
		admin, err := listen(cfg.Server.AdminListen, nil)
		if err != nil {
			public.Close()
			return listenError(err, cfg.Server.AdminListen, "server.admin_listen")
		}
		handler := web.NewAdmin(log, d.app.counts, d.readiness(ctx), setupSettings(cfg), onboarding{d})
		endpoints = append(endpoints, endpoint{handler: handler, listeners: []net.Listener{admin}})
		adminAddr = admin.Addr()
	}
	go d.reloadOn(ctx, hangups)
	go d.watchMembers(ctx)
	go d.clock.watch(ctx)
	go d.store.watch(ctx)
	serving, end := drained(ctx, cfg.Server.Drain, log)
	defer end()
	log.Info("serving", "listen", public.Addr().String(), "public_url", cfg.Server.PublicURL,
		"help_center", cfg.HelpCenter.Origin(), "handoff", cfg.HelpCenter.Handoff, "store", cfg.Store.Kind, "login", cfg.Login.With)
	notifySystemd(log, daemon.SdNotifyReady)
	if isTerminal(term.stderr) {
		greet(term.stderr, cfg.Server.PublicURL, adminAddr)
		go sayMissing(ctx, term.stderr, onboarding{d}.Findings)
	}
	err = serve(serving, log, endpoints...)
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

// A deployment is a running server whose keys and members can change.
type deployment struct {
	app        *app
	log        *slog.Logger
	load       func() (config.Config, error)
	cfg        atomic.Pointer[config.Config] // the settings in use
	members    *directory
	clock      *clockWatch
	store      *storeWatch
	closeStore func() error
	current    atomic.Pointer[http.Handler]
}

// deploy opens what the settings name.
func deploy(ctx context.Context, cfg config.Config, log *slog.Logger, load func() (config.Config, error)) (_ *deployment, err error) {
	d := &deployment{log: log, load: load}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	counts := metrics.New(buildVersion())
	if d.members, err = openDirectory(ctx, cfg, counts); err != nil {
		return nil, err
	}
	store, closeStore, err := openStore(ctx, cfg.Store, counts)
	if err != nil {
		return nil, err
	}
	d.closeStore = closeStore
	d.store = newStoreWatch(store, log, counts.StoreUp)
	d.app = newApp(log, counts, store, d.members, http.DefaultTransport)
	center, err := newHelpCenterClient(cfg.HelpCenter, d.app.transport)
	if err != nil {
		return nil, err
	}
	d.clock = &clockWatch{client: center, log: log, gauge: counts.ClockDifference}
	return d, d.use(cfg)
}

// use applies the settings to the requests that follow.
func (d *deployment) use(cfg config.Config) error {
	handler, err := d.app.handler(cfg)
	if err != nil {
		return err
	}
	d.cfg.Store(&cfg)
	d.current.Store(&handler)
	return nil
}

// ServeHTTP implements http.Handler with the settings in use.
func (d *deployment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*d.current.Load()).ServeHTTP(w, r)
}

// reloadOn reloads at each hang-up, until ctx is done.
func (d *deployment) reloadOn(ctx context.Context, hangups <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			d.reload()
		}
	}
}

// reload reads the member file and the keys again. When one of the two has an error, it is logged
// and the old one stays in use.
func (d *deployment) reload() {
	notifySystemd(d.log, daemon.SdNotifyReloading+"\n"+daemon.SdNotifyMonotonicUsec())
	defer notifySystemd(d.log, daemon.SdNotifyReady)
	d.reloadMembers()
	changed, err := d.reloadKeys()
	d.app.counts.CountReload("keys", err)
	if err != nil {
		d.log.Error("keys not reloaded: the old ones stay", "error", err)
		return
	}
	d.log.Info("keys reloaded")
	if changed {
		d.log.Warn("other settings have changed: restart to put them in place")
	}
}

// reloadKeys reports whether other settings have changed, too.
func (d *deployment) reloadKeys() (changed bool, err error) {
	fresh, err := d.load()
	if err != nil {
		return false, err
	}
	cfg := *d.cfg.Load()
	cfg.HelpCenter.OrganizationKey, cfg.Session.Keys = fresh.HelpCenter.OrganizationKey, fresh.Session.Keys
	return !reflect.DeepEqual(cfg, fresh), d.use(cfg)
}

// readiness reports whether requests can be served, with a line about the store, and a warning when
// the clocks differ. A store that is out of order is an error only when strict: all replicas have
// the same one, so without them members would get the balancer's page in place of ours.
func (d *deployment) readiness(stopping context.Context) func(strict bool) (string, error) {
	return func(strict bool) (string, error) {
		if stopping.Err() != nil {
			// A load balancer sends no new requests, and the running ones end.
			return "", errors.New("stopping")
		}
		state := "store: ok"
		if err := d.store.failure(); err != nil {
			state = "store: out of order: " + err.Error()
			if strict {
				return "", errors.New(state)
			}
		}
		return "ready\n" + state + d.clock.warning(), nil
	}
}

// close closes what deploy has opened.
func (d *deployment) close() {
	if d.members != nil {
		if err := d.members.close(); err != nil {
			d.log.Warn("close the member directory", "error", err)
		}
	}
	if d.closeStore != nil {
		if err := d.closeStore(); err != nil {
			d.log.Warn("close the store", "error", err)
		}
	}
}
