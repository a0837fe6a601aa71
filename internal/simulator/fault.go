package simulator

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

// Faults are what the console can order to go wrong. The zero value is none.
type Faults struct {
	// ClockOffset is added to the help center's clock.
	ClockOffset Duration `json:"clock_offset"`
	// Endpoints has a fault for each of KindForm, KindAPI, KindHome, KindInquiry and KindHistory; one that is left
	// out has none.
	Endpoints map[Kind]Fault `json:"endpoints"`
}

// Fault is what goes wrong at one endpoint. The zero value is nothing.
type Fault struct {
	// Delay comes first, whatever the answer; 60 s at most.
	Delay Duration `json:"delay"`
	// Status and Body are answered instead of the endpoint's own, when either is set. Status 0 is then 200.
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// Duration is a time.Duration that is text in JSON, as in "1.5s".
type Duration time.Duration

// MarshalText writes the duration as time.Duration prints it.
func (d Duration) MarshalText() ([]byte, error) {
	return []byte(time.Duration(d).String()), nil
}

// UnmarshalText reads what time.ParseDuration does; empty text is 0.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	if *d, err = parseDuration(string(text)); err != nil {
		// Of all errors, encoding/json adds the field's name to this one only.
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

// String is the duration as time.Duration prints it.
func (d Duration) String() string { return time.Duration(d).String() }

// any tells whether anything is ordered.
func (f Faults) any() bool {
	for _, fault := range f.Endpoints {
		if fault != (Fault{}) {
			return true
		}
	}
	return f.ClockOffset != 0
}

const maxDelay = Duration(time.Minute) // also in problemDelay

// faultable are the endpoints that can have a fault, in the console's order.
var faultable = []Kind{KindForm, KindAPI, KindHome, KindInquiry, KindHistory}

// problems lists everything that is wrong with the faults, by its place in the JSON.
func (f Faults) problems() []fieldError {
	var found []fieldError
	for endpoint, fault := range f.Endpoints {
		place := "endpoints." + string(endpoint)
		if !slices.Contains(faultable, endpoint) {
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

// withFault answers with the fault that the console ordered for the endpoint, or lets the handler answer.
func (s *Simulator) withFault(endpoint Kind, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		fault := s.faults().Endpoints[endpoint]
		// Until the body is read, net/http doesn't notice that the caller leaves. The handler refuses one that is too long.
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil {
			return // the caller has left
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !wait(r.Context(), time.Duration(fault.Delay)) {
			return // nobody is there to answer
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
		io.WriteString(w, fault.Body) // the client may have gone; there is nobody else to tell
	}
}

// wait lets the delay pass; false when the caller left first.
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
