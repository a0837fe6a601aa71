package standin

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"ocsso/internal/devtools/signing"
)

// apiError is the JSON of an error of the console's API.
type apiError struct {
	Error string `json:"error"`
}

func (s *Simulator) getEvents(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, s.eventsFor(r))
}

func (s *Simulator) getInquiries(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, append([]Inquiry{}, s.inquiries()...))
}

func (s *Simulator) getSettings(w http.ResponseWriter, r *http.Request) {
	settings := s.settings()
	settings.Parameters = append([]Parameter{}, settings.Parameters...)
	if !reveals(r) {
		settings.OrganizationKey = signing.Mask
	}
	writeJSON(w, http.StatusOK, settings)
}

// putJSON replaces a whole value with the one in the body if it is valid, and answers as get does.
func putJSON[T any](change func(T) problems, get http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var value T
		err := readJSON(w, r, &value)
		if err == nil {
			err = change(value).err()
		}
		if err != nil {
			writeJSON(w, http.StatusBadRequest, apiError{err.Error()})
			return
		}
		get(w, r)
	}
}

// getFaults lists every endpoint, including those without a fault.
func (s *Simulator) getFaults(w http.ResponseWriter, _ *http.Request) {
	faults := s.faults()
	endpoints := make(map[Kind]Fault)
	for _, endpoint := range faultEndpoints {
		endpoints[endpoint] = faults.Endpoints[endpoint]
	}
	faults.Endpoints = endpoints
	writeJSON(w, http.StatusOK, faults)
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
