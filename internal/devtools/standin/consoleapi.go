package standin

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
)

// apiError is the JSON of an error of the console's API.
type apiError struct {
	Error string `json:"error"`
}

func (s *Simulator) getEvents(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, s.eventsFor(r))
}

func (s *Simulator) getInquiries(w http.ResponseWriter, _ *http.Request) {
	inquiries := s.inquiries()
	if inquiries == nil {
		inquiries = []Inquiry{}
	}
	writeJSON(w, http.StatusOK, inquiries)
}

func (s *Simulator) getSettings(w http.ResponseWriter, r *http.Request) {
	settings := s.settings()
	if settings.Parameters == nil {
		settings.Parameters = []Parameter{}
	}
	if !reveals(r) {
		settings = settings.masked()
	}
	writeJSON(w, http.StatusOK, settings)
}

// putSettings replaces all settings. If the key is missing, or is the mask that GET shows, it
// stays.
func (s *Simulator) putSettings(w http.ResponseWriter, r *http.Request) {
	var settings Settings
	if err := readJSON(w, r, &settings); err != nil {
		writeJSON(w, http.StatusBadRequest, apiError{err.Error()})
		return
	}
	if err := joinProblems(s.changeSettings(settings)); err != nil {
		writeJSON(w, http.StatusBadRequest, apiError{err.Error()})
		return
	}
	s.getSettings(w, r)
}

// getFaults lists every endpoint, including those without a fault.
func (s *Simulator) getFaults(w http.ResponseWriter, _ *http.Request) {
	faults := s.faults()
	endpoints := make(map[Kind]Fault)
	for _, endpoint := range faultEndpoints {
		endpoints[endpoint] = Fault{}
	}
	maps.Copy(endpoints, faults.Endpoints)
	faults.Endpoints = endpoints
	writeJSON(w, http.StatusOK, faults)
}

// putFaults replaces all faults; {} clears them.
func (s *Simulator) putFaults(w http.ResponseWriter, r *http.Request) {
	var faults Faults
	err := readJSON(w, r, &faults)
	if err == nil {
		err = joinProblems(faults.problems())
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, apiError{err.Error()})
		return
	}
	s.setFaults(faults)
	s.getFaults(w, r)
}

func (s *Simulator) postReset(w http.ResponseWriter, _ *http.Request) {
	s.reset()
	w.WriteHeader(http.StatusNoContent)
}

// readJSON reads one JSON value. Unknown fields are an error.
func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	// A page of another site can send this type only after a preflight, which the simulator never
	// allows.
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return errors.New("Content-Type: must be application/json")
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	return nil
}
