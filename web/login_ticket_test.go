package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ocsso/internal/member"
	"ocsso/internal/session"
)

// TicketLogin is a way to log in that a fork adds, as an example. The company's own single sign-on
// has a login page, which leads back to us with a ticket: who the member is, signed with a key that
// both sides have. README.md, "Add a way to log in", has what else it touches.
type TicketLogin struct {
	LoginURL string // the company's login page; it takes return (the way back) and state
	Key      []byte // signs the tickets
}

// A Ticket is what the company's single sign-on says.
type Ticket struct {
	UserCode string    `json:"usercode"`
	State    string    `json:"state"` // as its login page got it
	Expires  time.Time `json:"expires"`
}

// ticketLifetime is the longest time for which a ticket is good.
const ticketLifetime = 2 * time.Minute

var errTicket = errors.New("the ticket is not valid")

// Sign returns a ticket as the company's single sign-on writes it.
func (l TicketLogin) Sign(t Ticket) string {
	text, _ := json.Marshal(t) // has no value that fails
	payload := base64.RawURLEncoding.EncodeToString(text)
	return payload + "." + base64.RawURLEncoding.EncodeToString(l.mac(payload))
}

func (l TicketLogin) mac(payload string) []byte {
	h := hmac.New(sha256.New, l.Key)
	h.Write([]byte(payload))
	return h.Sum(nil)
}

// verify reads a ticket. The signature comes first: nothing is believed without it.
func (l TicketLogin) verify(ticket string, now time.Time) (Ticket, error) {
	payload, signature, _ := strings.Cut(ticket, ".")
	mac, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(mac, l.mac(payload)) {
		return Ticket{}, fmt.Errorf("%w: its signature is wrong", errTicket)
	}
	var t Ticket
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err != nil {
		return Ticket{}, fmt.Errorf("%w: %w", errTicket, err)
	}
	if left := t.Expires.Sub(now); left <= 0 || left > ticketLifetime {
		return Ticket{}, fmt.Errorf("%w: it expires in %v", errTicket, left)
	}
	return t, nil
}

// Begin sends the browser to the company's login page. The login that has begun is in a sealed
// cookie of this browser: a stranger can't make a member use the stranger's ticket, and nothing is
// stored for whoever only begins.
func (l TicketLogin) Begin(s *server, w http.ResponseWriter, r *http.Request, returnURL string) error {
	if framed(r) {
		return s.leaveFrame(w, r, returnURL)
	}
	pending := s.sessions.NewPending(w, r, r.URL.Path, returnURL)
	back := string(s.Own) + s.BasePath + ticketPath
	return seeOther(w, l.LoginURL+"?"+url.Values{"return": {back}, "state": {pending.Seed}}.Encode())
}

const ticketPath = "/login/ticket"

// Routes are for the browser that comes back.
func (l TicketLogin) Routes() []loginRoute {
	return []loginRoute{{method: http.MethodGet, path: ticketPath, answer: l.comeBack}}
}

// comeBack starts the session of a ticket, which is good once, in the browser where the login
// began.
func (l TicketLogin) comeBack(s *server, w http.ResponseWriter, r *http.Request) error {
	buckets := s.limits.ofAddress(r)
	if err := s.countAttempt(w, r, "", buckets); err != nil {
		return err
	}
	ticket, err := l.verify(r.URL.Query().Get("ticket"), time.Now())
	if err != nil {
		s.countLogin(w, r, "refused", "", err)
		return errors.Join(errLoginExpired, err)
	}
	begun, _ := s.sessions.Pending(r)
	for _, pending := range begun {
		if pending.Seed != ticket.State {
			continue
		}
		first, err := s.sessions.First(r.Context(), "ticket "+ticket.State, ticketLifetime)
		if err != nil {
			return unavailable(err)
		}
		if !first {
			break
		}
		if err := s.limits.takeBack(r, buckets); err != nil {
			return err
		}
		// What a recheck asks with: without it nobody asks again whether this is still a member.
		ties := session.Ties{Source: ticket.UserCode}
		return s.Finish(w, r, member.Member{UserCode: ticket.UserCode}, ties, pending.Path, pending.ReturnURL)
	}
	s.countLogin(w, r, "expired", ticket.UserCode, errLoginExpired)
	return errLoginExpired
}

// leave leads to the company's own logout.
func (l TicketLogin) leave(context.Context, string) (string, error) {
	return l.LoginURL + "/logout", nil
}
