package check

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// A Browser is a running Chrome, Chromium or Edge with a profile of its own, for which this process
// is the help center. Each run gets a context of its own in it, without cookies.
type Browser struct {
	ctx     context.Context
	cancel  func()
	profile string
	server  *http.Server
	center  atomic.Pointer[Center] // of the run
	// proxy returns the address of the proxy for a run's pages; nil for none. Tests share a browser
	// by it, since the rules of names are the whole process's.
	proxy func(*Center) string
}

// BrowserOptions are what a Browser is started with.
type BrowserOptions struct {
	Path           string
	HelpCenter     string // the origin that this process plays
	UserAgent      string // "" for its own
	AnyCertificate bool
}

// vendorHosts are those of real help centers, which no run may reach.
var vendorHosts = []string{"oc.nhncloud.com", "oc.beta-nhncloud.com", "oc.alpha-nhncloud.com", "oc.toast.com", "alpha-oc.toast.com"}

// StartBrowser starts a browser, which lives until it is closed.
func StartBrowser(ctx context.Context, options BrowserOptions) (*Browser, error) {
	if !isOrigin(options.HelpCenter) {
		return nil, fmt.Errorf("the help center %q is not an origin such as https://example.oc.nhncloud.com", options.HelpCenter)
	}
	center := mustParse(options.HelpCenter)
	b := &Browser{}
	certificate, pin, err := selfSigned(center.Hostname())
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	serve := func(w http.ResponseWriter, r *http.Request) {
		if center := b.center.Load(); center != nil {
			center.ServeHTTP(w, r)
		}
	}
	b.server = &http.Server{
		Handler: http.HandlerFunc(serve), ReadHeaderTimeout: time.Minute,
		ErrorLog: log.New(io.Discard, "", 0), // a browser that leaves in the middle of a handshake
	}
	port := cmp.Or(center.Port(), map[string]string{"http": "80", "https": "443"}[center.Scheme])
	if center.Scheme == "https" {
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	}
	go b.server.Serve(listener)
	rules := []string{"MAP " + net.JoinHostPort(center.Hostname(), port) + " " + listener.Addr().String()}
	for _, host := range vendorHosts {
		rules = append(rules, "MAP *."+host+" 127.0.0.1:9") // where nothing listens
	}
	if b.profile, err = os.MkdirTemp("", "ocdev-check-"); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	// Chrome's usual window sends cookies of other sites, which some distributions turn off.
	preferences := filepath.Join(b.profile, "Default", "Preferences")
	err = cmp.Or(os.MkdirAll(filepath.Dir(preferences), 0o700),
		os.WriteFile(preferences, []byte(`{"profile":{"cookie_controls_mode":0}}`), 0o600))
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(options.Path), chromedp.UserDataDir(b.profile),
		chromedp.Flag("host-resolver-rules", strings.Join(rules, ", ")),
		chromedp.Flag("ignore-certificate-errors-spki-list", pin),
		// A frame of another site then tells the page's session what happens in it. The same-origin
		// policy and cookies are not affected.
		chromedp.Flag("disable-site-isolation-trials", true),
		// A window without pages of the browser's own, which cost as much as those that are
		// checked.
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,WebUIOmniboxPopup,WebUIOmniboxAimPopup"),
		chromedp.DisableGPU,
	)
	if options.AnyCertificate {
		flags = append(flags, chromedp.IgnoreCertErrors)
	}
	if options.UserAgent != "" {
		flags = append(flags, chromedp.Flag("user-agent", options.UserAgent))
	}
	if os.Geteuid() == 0 {
		flags = append(flags, chromedp.NoSandbox) // Chromium refuses to run as root otherwise
	}
	allocator, stop := chromedp.NewExecAllocator(ctx, flags...)
	b.cancel = stop
	b.ctx, _ = chromedp.NewContext(allocator)
	if err := chromedp.Do(b.ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start the browser %s: %w", options.Path, err), b.Close())
	}
	return b, nil
}

func (b *Browser) contextFor(center *Center) (context.Context, context.CancelFunc) {
	b.center.Store(center)
	var options []chromedp.CreateBrowserContextOption
	if b.proxy != nil {
		options = append(options, func(p *target.CreateBrowserContextParams) {
			p.ProxyServer, p.ProxyBypassList = b.proxy(center), "<-loopback>"
		})
	}
	return chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(options...))
}

// Close ends the browser and removes its profile.
func (b *Browser) Close() error {
	if b.ctx != nil {
		ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
		chromedp.Cancel(ctx) // an error means that it has ended by itself
		cancel()
	}
	if b.cancel != nil {
		b.cancel()
	}
	err := b.server.Close()
	if b.profile != "" {
		err = errors.Join(err, os.RemoveAll(b.profile))
	}
	return err
}

// selfSigned makes a certificate, and the hash of its key by which the browser accepts it.
func selfSigned(host string) (certificate tls.Certificate, pin string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certificate, "", err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, errDER := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	public, errKey := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err := cmp.Or(errDER, errKey); err != nil {
		return certificate, "", err
	}
	sum := sha256.Sum256(public)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, base64.StdEncoding.EncodeToString(sum[:]), nil
}
