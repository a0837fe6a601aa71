package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"ocsso/internal/config"
)

// loadCertificate serves the certificate in files, and the new one once they change. It is nil where none is configured: something in
// front of the server does TLS then.
func loadCertificate(files config.TLS, log *slog.Logger) (*tls.Config, error) {
	if files.CertFile == "" {
		return nil, nil
	}
	pair := &keyPair{files: files, log: log}
	if err := pair.read(); err != nil {
		return nil, usage(fmt.Errorf("server.tls: %w", err), "cert_file has the certificate chain and key_file its key, both PEM")
	}
	return &tls.Config{GetCertificate: pair.certificate, MinVersion: tls.VersionTLS12}, nil
}

// A keyPair is a certificate and its key, as last read from their files.
type keyPair struct {
	files config.TLS
	log   *slog.Logger

	mu      sync.Mutex
	changed [2]time.Time // when the files were, as far as they have been looked at
	current *tls.Certificate
}

// certificate looks at the files' times at each handshake, which costs next to nothing beside it. Files that don't fit
// together, as in the middle of a change, leave the old pair in use.
func (p *keyPair) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if changed, err := p.times(); err == nil && changed != p.changed {
		if err := p.read(); err != nil {
			p.log.Error("certificate not reloaded: the old one stays", "error", err)
		} else {
			p.log.Info("certificate reloaded")
		}
		p.changed = changed
	}
	return p.current, nil
}

func (p *keyPair) read() error {
	changed, err := p.times()
	if err != nil {
		return err
	}
	certificate, err := tls.LoadX509KeyPair(p.files.CertFile, p.files.KeyFile)
	if err != nil {
		return err
	}
	p.changed, p.current = changed, &certificate
	return nil
}

func (p *keyPair) times() (changed [2]time.Time, err error) {
	for i, name := range []string{p.files.CertFile, p.files.KeyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return changed, err
		}
		changed[i] = info.ModTime()
	}
	return changed, nil
}
