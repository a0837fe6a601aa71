package web

import (
	"encoding/json"
	"net/http"
)

// writeJSON writes v, which is one of our own types and can't fail to encode.
func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // nosniff: browsers never read JSON as HTML
	encoder.Encode(v)
}
