package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// Faults are the faults set in the console. The zero value has none.
type Faults struct {
	// ClockOffset is added to the help center's clock.
	ClockOffset Duration `json:"clock_offset"`
	// BlockCookies makes the login status call go without the member's cookie, as in a browser that
	// blocks third-party cookies.
	BlockCookies bool `json:"block_cookies"`
	// Endpoints may have a fault for each of KindForm, KindAPI, KindHome, KindInquiry and
	// KindHistory.
	Endpoints map[Kind]Fault `json:"endpoints"`
}

// Fault is a fault of one endpoint. The zero value has no effect.
type Fault struct {
	// Delay passes before any answer. At most 60 s.
	Delay Duration `json:"delay"`
	// Status and Body replace the endpoint's answer when either is set. Status 0 then means 200.
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// Duration is a time.Duration that is written as text in JSON, such as "1.5s".
type Duration time.Duration

// MarshalText writes the duration as time.Duration prints it.
func (d Duration) MarshalText() ([]byte, error) {
	return []byte(time.Duration(d).String()), nil
}

// UnmarshalText reads text as time.ParseDuration does. Empty text is 0.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	if *d, err = parseDuration(string(text)); err != nil {
		// encoding/json adds the field's name to no other type of error.
		return &json.UnmarshalTypeError{Value: strconv.Quote(string(text)), Type: reflect.TypeFor[Duration]()}
	}
	return nil
}

func parseDuration(text string) (Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	return Duration(d), err
}

// String prints the duration as time.Duration does.
func (d Duration) String() string { return time.Duration(d).String() }

// any reports whether any fault or clock offset is set.
func (f Faults) any() bool {
	for _, fault := range f.Endpoints {
		if fault != (Fault{}) {
			return true
		}
	}
	return f.ClockOffset != 0 || f.BlockCookies
}

const maxDelay = Duration(time.Minute) // problemDelay repeats it

// faultEndpoints lists the endpoints that can have a fault, in the console's order. Read-only.
var faultEndpoints = []Kind{KindForm, KindAPI, KindHome, KindInquiry, KindHistory}

// problems lists every problem of the faults, by its place in the JSON.
func (f Faults) problems() []fieldError {
	var found []fieldError
	for endpoint, fault := range f.Endpoints {
		place := "endpoints." + string(endpoint)
		if !slices.Contains(faultEndpoints, endpoint) {
			found = append(found, fieldError{place, problemEndpoint})
		}
		if fault.Delay < 0 || fault.Delay > maxDelay {
			found = append(found, fieldError{place + ".delay", problemDelay})
		}
		if fault.Status != 0 && (fault.Status < 200 || fault.Status > 599) {
			found = append(found, fieldError{place + ".status", problemStatus})
		}
	}
	return found
}

// withFault applies the endpoint's fault, and calls the handler unless the fault has its own
// answer.
func (s *Simulator) withFault(endpoint Kind, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		fault := s.faults().Endpoints[endpoint]
		// net/http notices that the caller has left only once the body is read. The handler refuses
		// a body that is too long.
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil {
			return // the caller has left
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !wait(r.Context(), time.Duration(fault.Delay)) {
			return // the caller has left
		}
		if fault.Status == 0 && fault.Body == "" {
			next(w, r)
			return
		}
		status := fault.Status
		if status == 0 {
			status = http.StatusOK
		}
		s.record(Event{Kind: endpoint, Method: r.Method, Path: r.URL.Path, Outcome: OutcomeFault}.with(noted(sayFault, status)))
		contentType := "text/plain; charset=utf-8"
		if endpoint == KindAPI {
			contentType = "application/json"
		}
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, fault.Body) // an error means that the client has left
	}
}

// wait waits for the delay. It returns false if the context ended first.
func wait(ctx context.Context, delay time.Duration) bool {
	if delay <= 0 {
		return true
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
