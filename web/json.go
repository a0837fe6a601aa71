package web

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// writeJSON writes v, which is one of our own types and can't fail to encode. No newline follows:
// the body is exactly the contract's (CONTRACT 7).
func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // nosniff: browsers never read JSON as HTML
	encoder.Encode(v)
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(bytes.TrimSuffix(body.Bytes(), []byte("\n")))
}
