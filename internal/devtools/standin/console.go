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
	Page           view
	T              *consoleText
	Settings       Settings // the key is empty unless Reveal
	Problems       []fieldError
	Faults         map[string]string // values of the fault form by field name
	FaultsSet      bool              // some fault is set
	FaultProblems  []fieldError
	CookiesBlocked bool
	Events         []Event
	Reveal         bool
}

// problem is the problem of a setting, or "".
func (v consoleView) problem(field string) string { return v.problemAmong(v.Problems, field) }

// faultProblem is the problem of a field of the fault form, or "".
func (v consoleView) faultProblem(field string) string { return v.problemAmong(v.FaultProblems, field) }

func (v consoleView) problemAmong(problems []fieldError, field string) string {
	for _, p := range problems {
		if p.Field == field {
			return v.T.say(p.Problem)
		}
	}
	return ""
}

// parameterPlace is the place in which a field is sent back; "" if it is not.
func (v consoleView) parameterPlace(name string) Place {
	for _, p := range v.Settings.Parameters {
		if p.Name == name {
			return p.In
		}
	}
	return ""
}

// consoleViewOf fills a view with the current state.
func (s *Simulator) consoleViewOf(w http.ResponseWriter, r *http.Request) consoleView {
	page := s.viewOf(w, r, consoleLangs)
	page.Framed = false
	faults := s.faults()
	v := consoleView{
		Page: page, T: consoleTexts[page.Lang], Settings: s.settings(), Faults: faultFields(faults), FaultsSet: faults.any(),
		CookiesBlocked: faults.BlockCookies, Reveal: reveals(r),
	}
	if !v.Reveal {
		v.Settings.OrganizationKey = ""
	}
	v.Events = s.eventsFor(r)
	return v
}

// explainLang is the language of the explanations of tokens.
func (v consoleView) explainLang() signing.Lang {
	if v.Page.Lang == langKO {
		return signing.Korean
	}
	return signing.English
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

func (s *Simulator) showConsole(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, consolePage(s.consoleViewOf(w, r)))
}

func (s *Simulator) showEvent(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	v := s.consoleViewOf(w, r)
	i := slices.IndexFunc(v.Events, func(e Event) bool { return e.ID == id })
	if err != nil || i < 0 {
		s.render(w, r, http.StatusNotFound, noEventPage(v))
		return
	}
	s.render(w, r, http.StatusOK, eventPage(v, v.Events[i]))
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
		v := s.consoleViewOf(w, r)
		v.Settings, v.Problems = settings, found
		v.Settings.OrganizationKey = ""
		s.render(w, r, http.StatusBadRequest, consolePage(v))
		return
	}
	http.Redirect(w, r, "/console", http.StatusSeeOther)
}

func (s *Simulator) saveFaults(w http.ResponseWriter, r *http.Request) {
	if !s.readForm(w, r) {
		return
	}
	faults, found := formFaults(r)
	if found = append(found, faults.problems()...); len(found) > 0 {
		v := s.consoleViewOf(w, r)
		for name := range v.Faults {
			v.Faults[name] = r.PostForm.Get(name)
		}
		v.FaultProblems = found
		s.render(w, r, http.StatusBadRequest, consolePage(v))
		return
	}
	faults.BlockCookies = s.faults().BlockCookies // has a button of its own
	s.setFaults(faults)
	http.Redirect(w, r, "/console", http.StatusSeeOther)
}

// faultFields are the values of the fault form. A field is named after its place in the JSON.
func faultFields(faults Faults) map[string]string {
	fields := map[string]string{"clock_offset": faults.ClockOffset.String()}
	for _, endpoint := range faultEndpoints {
		fault := faults.Endpoints[endpoint]
		fields[faultField(endpoint, "delay")] = fault.Delay.String()
		fields[faultField(endpoint, "status")] = strconv.Itoa(fault.Status)
		fields[faultField(endpoint, "body")] = fault.Body
	}
	return fields
}

func faultField(endpoint Kind, name string) string {
	return "endpoints." + string(endpoint) + "." + name
}

// formFaults reads the fault form.
func formFaults(r *http.Request) (faults Faults, found []fieldError) {
	duration := func(field string) Duration {
		d, err := parseDuration(strings.TrimSpace(r.PostForm.Get(field)))
		if err != nil {
			found = append(found, fieldError{field, problemDuration})
		}
		return d
	}
	faults = Faults{ClockOffset: duration("clock_offset"), Endpoints: make(map[Kind]Fault)}
	for _, endpoint := range faultEndpoints {
		fault := Fault{Delay: duration(faultField(endpoint, "delay")), Body: r.PostForm.Get(faultField(endpoint, "body"))}
		if text := strings.TrimSpace(r.PostForm.Get(faultField(endpoint, "status"))); text != "" {
			status, err := strconv.Atoi(text)
			if err != nil {
				found = append(found, fieldError{faultField(endpoint, "status"), problemNumber})
			}
			fault.Status = status
		}
		if fault != (Fault{}) {
			faults.Endpoints[endpoint] = fault
		}
	}
	return faults, found
}

// toggleCookies blocks third-party cookies, or no longer.
func (s *Simulator) toggleCookies(w http.ResponseWriter, r *http.Request) {
	faults := s.faults()
	faults.BlockCookies = !faults.BlockCookies
	s.setFaults(faults)
	http.Redirect(w, r, "/console", http.StatusSeeOther)
}

func (s *Simulator) resetAll(w http.ResponseWriter, r *http.Request) {
	s.reset()
	http.Redirect(w, r, "/console", http.StatusSeeOther)
}

// readForm reads a form. It returns false if it has answered with a problem.
func (s *Simulator) readForm(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		s.showProblem(w, r, http.StatusBadRequest, func(t *text) (string, string) { return t.UnreadableTitle, t.UnreadableText })
		return false
	}
	return true
}

// plain is the event as text to copy. It is in English in every language, like the console's API,
// so that it can be found in code and manuals.
func (e Event) plain() string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-9s %s\n", name, value)
		}
	}
	fmt.Fprintf(&b, "#%d %s\n", e.ID, e.Time.Format(time.RFC3339Nano))
	line("kind", string(e.Kind))
	line("call", e.Method+" "+e.Path)
	line("outcome", string(e.Outcome))
	line("detail", e.Detail)
	line("cause", e.Cause)
	line("message", e.Message)
	line("expected", e.Expected)
	line("received", e.Received)
	for _, field := range e.Fields {
		line("field", field.Name+"="+field.Value)
	}
	return b.String()
}
