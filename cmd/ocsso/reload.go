package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
)

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
	d.counts.CountReload("keys", err)
	if err != nil {
		d.log.Error("keys not reloaded: the old ones stay", "error", err)
		return
	}
	sessionKey, organizationKey := d.cfg.Load().KeysInUse()
	d.log.Info("keys reloaded", "session_key", sessionKey, "organization_key", organizationKey)
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
	cfg.TakeKeys(fresh)
	return !reflect.DeepEqual(cfg, fresh), d.use(cfg)
}

// reloadMembers reads the member file again, if there is one. After an error, which is logged, the
// old members stay in use.
func (d *deployment) reloadMembers() {
	file, ok := d.members.(*member.File)
	if !ok {
		return
	}
	err := file.Reload()
	d.counts.CountReload("members", err)
	if err != nil {
		d.log.Error("members not reloaded: the old ones stay", "error", err)
		return
	}
	d.log.Info("members reloaded", "count", file.Count())
}

// memberInterval is how often the member file is looked at.
const memberInterval = time.Second

// watchMembers reads the member file again when it has changed, until ctx is done. It waits until
// two looks find the same, so that it doesn't read a file that is being written.
func (d *deployment) watchMembers(ctx context.Context) {
	file, ok := d.members.(*member.File)
	if !ok {
		return
	}
	last := file.Read()
	every(ctx, memberInterval, func() {
		now := file.Version()
		if now == last && now != file.Read() {
			d.reloadMembers()
		}
		last = now
	})
}

// loadCertificate returns the TLS settings for the certificate in files, which is read again when
// the files change. It returns nil if no files are configured: then a proxy in front terminates
// TLS.
func loadCertificate(files config.TLS, log *slog.Logger, counts *metrics.Metrics) (*tls.Config, error) {
	if files.CertFile == "" {
		return nil, nil
	}
	pair := &keyPair{files: files, log: log, counts: counts}
	if err := pair.read(); err != nil {
		return nil, cli.Usage(fmt.Errorf("server.tls: %w", err), "cert_file has the certificate chain and key_file its key, both PEM")
	}
	return &tls.Config{GetCertificate: pair.certificate, MinVersion: tls.VersionTLS12}, nil
}

// A keyPair is a certificate and its key, as last read from their files.
type keyPair struct {
	files  config.TLS
	log    *slog.Logger
	counts *metrics.Metrics

	mu       sync.Mutex
	current  *tls.Certificate
	modTimes [2]time.Time // of the files at the last attempt to read them
}

// certificate implements tls.Config.GetCertificate. It checks the files' modification times at each
// handshake. If the new files do not match, as in the middle of a change, the old pair stays in
// use.
func (p *keyPair) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if modTimes, err := p.stat(); err == nil && modTimes != p.modTimes {
		err := p.read()
		p.counts.CountReload("certificate", err)
		if err != nil {
			p.log.Error("certificate not reloaded: the old one stays", "error", err)
		} else {
			p.log.Info("certificate reloaded")
		}
	}
	return p.current, nil
}

func (p *keyPair) read() (err error) {
	if p.modTimes, err = p.stat(); err != nil {
		return err
	}
	certificate, err := tls.LoadX509KeyPair(p.files.CertFile, p.files.KeyFile)
	if err != nil {
		return err
	}
	p.current = &certificate
	p.counts.CertificateExpiry.Set(float64(certificate.Leaf.NotAfter.Unix()))
	return nil
}

func (p *keyPair) stat() (modTimes [2]time.Time, err error) {
	for i, name := range []string{p.files.CertFile, p.files.KeyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return modTimes, err
		}
		modTimes[i] = info.ModTime()
	}
	return modTimes, nil
}
