// Package web answers every HTTP request: the pages that members see, what the help center calls, and the operator's health
// checks.
//
// It knows HTTP and asks the internal packages for everything else. It reads no configuration; cmd/ocsso passes it
// what it needs.
package web

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/internal/issued"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
	"ocsso/internal/session"
	"ocsso/templates"
)

// Way is how a member is handed to the help center.
type Way string

// The ways of PROTOCOL section 1.
const (
	Form Way = "form" // the browser posts a form (section 4)
	API  Way = "api"  // this server calls theirs (section 5)
	Link Way = "link" // a signed link (section 8)
)

// Settings are what an operator chooses, checked by package config.
type Settings struct {
	Own            helpcenter.Origin   // where members reach this server
	Handoff        Way                 // what /login does
	ExtraOrigins   []helpcenter.Origin // may read the login status, beside the help center
	TrustedProxies []string            // CIDRs whose X-Forwarded-For and X-Request-Id are believed
	LinkKeys       [][32]byte          // SHA-256 of the bearer keys of /v1; empty: there is no /v1
	SiteName       string              // "" for a general word
	Language       i18n.Lang           // for a browser that asks for none of ours
	StoreTimeout   time.Duration       // how long the help center's calls wait for the store; 0 for one that answers at once
}

// server has what the handlers need. It is immutable, but for what it keeps to use again.
type server struct {
	Settings
	log      *slog.Logger
	metrics  *metrics.Metrics
	site     helpcenter.Site
	signer   helpcenter.Signer
	client   *helpcenter.Client
	members  member.Directory
	login    Login
	sessions *session.Manager
	tokens   *issued.Registry
	now      func() time.Time
	handoffs map[*i18n.Messages]templates.Handoff // by newHandoffs
	buffers  sync.Pool                            // of *bytes.Buffer, for pages

	languages []i18n.Lang // of its pages, in the order of the language switch
}

// New returns the handler for members, for the help center and for the customer's backends. Health checks are apart, in NewAdmin.
// members may be nil where members neither log in by password nor come by POST /v1/links.
func New(
	settings Settings, log *slog.Logger, counts *metrics.Metrics, site helpcenter.Site, signer helpcenter.Signer, client *helpcenter.Client,
	members member.Directory, login Login, sessions *session.Manager, tokens *issued.Registry, now func() time.Time,
) http.Handler {
	s := &server{settings, log, counts, site, signer, client, members, login, sessions, tokens, now, newHandoffs(settings, site), sync.Pool{}, i18n.Langs}
	return s.routes()
}
