// Package static holds the files that pages load: style sheets, scripts and the icon. It serves
// them under names that change with their content, so that browsers may cache them for good.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed css js favicon.svg
var embedded embed.FS

// A file is one embedded file as it is served.
type file struct {
	url         string
	contentType string
	content     []byte
}

// byName and byURL hold the same files, by name and by the path that they are served at.
var byName, byURL = load(embedded)

// URL returns the path of a file with a hash of its content in it: for "css/site.css" it is
// "/static/css/site.0a1b2c3d4e5f6071.css". It panics when there is no such file.
func URL(name string) string {
	f, ok := byName[name]
	if !ok {
		panic(fmt.Sprintf("static: no file %q", name))
	}
	return f.url
}

// Handler answers GET and HEAD at the paths that URL returns, and lets caches keep the answer for a
// year. Mount it at /static/ without stripping the prefix. Every other path is not found, also a
// file's plain name and another version's hash, so that no cache keeps old content under a new URL.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := byURL[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Header().Set("Content-Type", f.contentType)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
	})
}

// load reads every file of fsys. It panics on a file that can't be read or has no content type,
// because fsys is part of the program.
func load(fsys fs.FS) (byName, byURL map[string]file) {
	byName, byURL = map[string]file{}, map[string]file{}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		contentType, err := contentTypeOf(name)
		if err != nil {
			return err
		}
		f := file{hashedURL(name, content), contentType, content}
		byName[name], byURL[f.url] = f, f
		return nil
	})
	if err != nil {
		panic(fmt.Sprintf("static: %v", err))
	}
	return byName, byURL
}

// hashedURL inserts 64 bits of the content's SHA-256 before the name's extension.
func hashedURL(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return "/static/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:8]) + ext
}

// contentTypeOf has its own table, because package mime reads the machine's, which differs between
// machines.
func contentTypeOf(name string) (string, error) {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8", nil
	case ".js":
		return "text/javascript; charset=utf-8", nil
	case ".svg":
		return "image/svg+xml; charset=utf-8", nil
	default:
		return "", fmt.Errorf("%s: no content type for its extension", name)
	}
}
