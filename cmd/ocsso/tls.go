package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/metrics"
)

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
		p.modTimes = modTimes
	}
	return p.current, nil
}

func (p *keyPair) read() error {
	modTimes, err := p.stat()
	if err != nil {
		return err
	}
	certificate, err := tls.LoadX509KeyPair(p.files.CertFile, p.files.KeyFile)
	if err != nil {
		return err
	}
	p.modTimes, p.current = modTimes, &certificate
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
