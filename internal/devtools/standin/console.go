package standin

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
)

// consoleView has the data of the console's pages.
type consoleView struct {
	Page     view
	Tab      string // "" for the calls
	Settings Settings
	Problems problems
	Faults   Faults
	Reveal   bool // of the key and tokens
	Saved    bool

	Visits   []loginVisit
	Selected *Event
	Chosen   bool // the reader has chosen the selected event
	Search   string
	Only     Outcome // "" for all
	Failures int
	Warnings int
}

// problem is the problem of a setting, or "".
func (v consoleView) problem(field string) string {
	if i := slices.IndexFunc(v.Problems, func(p fieldError) bool { return p.Field == field }); i >= 0 {
		return v.Page.of(v.Problems[i].Problem)
	}
	return ""
}

// parameterPlace is the place in which a field is sent back; "" if it is not.
func (v consoleView) parameterPlace(name string) Place {
	if i := slices.IndexFunc(v.Settings.Parameters, func(p Parameter) bool { return p.Name == name }); i >= 0 {
		return v.Settings.Parameters[i].In
	}
	return ""
}

// consoleViewOf fills a view with the current state.
func (s *Simulator) consoleViewOf(w http.ResponseWriter, r *http.Request, tab string) consoleView {
	query := r.URL.Query()
	v := consoleView{
		Page: s.viewOf(w, r), Tab: tab, Settings: s.settings(), Faults: s.faults(), Reveal: reveals(r), Saved: query.Has("saved"),
		Search: query.Get("q"), Only: Outcome(query.Get("only")),
	}
	v.Page.Framed = false
	if !v.Reveal {
		v.Settings.OrganizationKey = ""
	}
	events := s.eventsFor(r)
	for _, e := range events {
		switch e.Outcome {
		case OutcomeRefused:
			v.Failures++
		case OutcomeWarning:
			v.Warnings++
		}
	}
	v.Visits = visitsOf(v.Page.lang, events)
	if v.Search != "" || v.Only != "" {
		v.Visits = slices.DeleteFunc(v.Visits, func(visit loginVisit) bool { return !visit.matches(v.Search, v.Only) })
	}
	v.Selected = selected(v.Visits, events, r.PathValue("id"))
	v.Chosen = r.PathValue("id") != ""
	return v
}

// selected is the event with the id, or without an id the last failure of the newest visit that has
// one, or the newest event.
func selected(visits []loginVisit, events []Event, id string) *Event {
	if id != "" {
		i := slices.IndexFunc(events, func(e Event) bool { return strconv.Itoa(e.ID) == id })
		if i < 0 {
			return nil
		}
		return &events[i]
	}
	for _, visit := range visits {
		for _, e := range slices.Backward(visit.Events) {
			if e.Outcome == OutcomeRefused {
				return &e
			}
		}
	}
	if len(visits) > 0 {
		return &visits[0].Events[len(visits[0].Events)-1]
	}
	return nil
}

// link is a URL of the console that keeps what the reader has chosen.
func (v consoleView) link(path string) string {
	reveal := map[bool]string{true: "1"}[v.Reveal]
	for _, chosen := range []Field{{"q", v.Search}, {"only", string(v.Only)}, {"reveal", reveal}} {
		if chosen.Value != "" {
			path = withQuery(path, chosen.Name, chosen.Value)
		}
	}
	return path
}

func eventPath(id int) string { return fmt.Sprintf("/console/events/%d", id) }

func (v consoleView) eventLink(id int) string { return v.link(eventPath(id)) }

// here is the address of the page that is shown.
func (v consoleView) here() string {
	if v.Chosen && v.Selected != nil {
		return eventPath(v.Selected.ID)
	}
	return "/console"
}

// reveals reports whether the reader asked to see the key and tokens.
func reveals(r *http.Request) bool { return r.URL.Query().Get("reveal") == "1" }

// eventsFor returns the events, newest first. They are masked unless the reader asked to see
// tokens.
func (s *Simulator) eventsFor(r *http.Request) []Event {
	events := s.events()
	if reveals(r) {
		return events
	}
	for i, e := range events {
		events[i] = e.masked()
	}
	return events
}

// showCalls shows the calls, with the one of the path or the one that matters most.
func (s *Simulator) showCalls(w http.ResponseWriter, r *http.Request) {
	v := s.consoleViewOf(w, r, "")
	if v.Selected == nil && v.Chosen {
		s.render(w, r, http.StatusNotFound, noEventPage(v))
		return
	}
	s.render(w, r, http.StatusOK, callsPage(v))
}

func (s *Simulator) showTab(tab string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.render(w, r, http.StatusOK, tabPage(s.consoleViewOf(w, r, tab)))
	}
}

// followEvents tells the console's script about each new event, and when a handoff may be missed.
func (s *Simulator) followEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	control.SetWriteDeadline(time.Time{}) // a server that has none can't set it either
	for {
		s.mu.Lock()
		last, changed := s.state.lastEvent, s.changed
		s.mu.Unlock()
		if _, err := fmt.Fprintf(w, "data: %d\n\n", last); err != nil || control.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-s.stopped:
			return
		case <-changed:
		case <-time.After(handoffPatience):
		}
	}
}

func (s *Simulator) saveSettings(w http.ResponseWriter, r *http.Request) {
	if !s.readForm(w, r) {
		return
	}
	form := r.PostForm
	settings := Settings{
		Enabled:         form.Has("enabled"),
		Guests:          form.Has("guests"),
		Type:            LoginType(form.Get("type")),
		LoginURL:        strings.TrimSpace(form.Get("login_url")),
		LoginStatusURL:  strings.TrimSpace(form.Get("login_status_url")),
		TokenVerifyURL:  strings.TrimSpace(form.Get("token_verify_url")),
		Service:         form.Get("service"),
		OrganizationKey: signing.Key(form.Get("organization_key")),
		Parameters:      []Parameter{},
	}
	for _, name := range signing.FieldNames {
		if place := form.Get("parameter." + name); place != "" {
			settings.Parameters = append(settings.Parameters, Parameter{Name: name, In: Place(place)})
		}
	}
	if found := s.changeSettings(settings); len(found) > 0 {
		v := s.consoleViewOf(w, r, "settings")
		v.Settings, v.Problems = settings, found
		v.Settings.OrganizationKey = ""
		s.render(w, r, http.StatusBadRequest, tabPage(v))
		return
	}
	http.Redirect(w, r, "/console/settings?saved", http.StatusSeeOther)
}

func (s *Simulator) saveFaults(w http.ResponseWriter, r *http.Request) {
	if !s.readForm(w, r) {
		return
	}
	i := slices.IndexFunc(presets, func(p preset) bool { return p.id == r.PostForm.Get("preset") })
	if i < 0 {
		v := s.consoleViewOf(w, r, "faults")
		v.Problems.add(true, "preset", "no such fault", "없는 항목입니다.")
		s.render(w, r, http.StatusBadRequest, tabPage(v))
		return
	}
	faults := presets[i].faults
	faults.BlockCookies = s.faults().BlockCookies // has a button of its own
	s.changeFaults(faults)
	http.Redirect(w, r, "/console/faults?saved", http.StatusSeeOther)
}

// toggleCookies blocks third-party cookies, or no longer.
func (s *Simulator) toggleCookies(w http.ResponseWriter, r *http.Request) {
	faults := s.faults()
	faults.BlockCookies = !faults.BlockCookies
	s.changeFaults(faults)
	http.Redirect(w, r, "/console/faults?saved", http.StatusSeeOther)
}

func (s *Simulator) resetAll(w http.ResponseWriter, r *http.Request) {
	s.reset()
	http.Redirect(w, r, "/console", http.StatusSeeOther)
}

// readForm reads a form. It returns false if it has answered with a problem.
func (s *Simulator) readForm(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		s.showProblem(w, r, s.viewOf(w, r), http.StatusBadRequest, words{"Not a form that we can read", "읽을 수 없는 양식입니다"},
			words{"It is too large, or broken.", "내용이 너무 크거나 형식이 올바르지 않습니다."}, "")
		return false
	}
	return true
}
