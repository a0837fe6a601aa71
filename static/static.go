// Package static holds the files that pages load: the style sheet, scripts and icons, as they are
// or in an operator's colour. It serves them under names that change with their content, so that
// browsers may cache them for good.
package static

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed css js favicon.svg
var embedded embed.FS

// Look is what an operator chooses. Package config has checked it.
type Look struct {
	Accent   string // a colour that Accent takes; "" for our own
	LogoName string // a file name, for its extension; "" for no logo
	Logo     []byte // its content
}

// A file is one file as it is served.
type file struct {
	url         string
	contentType string
	content     []byte
}

// Files are the files of one look. Read-only.
type Files struct {
	byName, byURL map[string]file
	logo          string
}

// Plain returns the files as they are. They are made once, when they are first asked for.
var Plain = sync.OnceValue(func() *Files { return New(Look{}) })

// New returns the files in a look. It panics on a file that has no content type.
func New(look Look) *Files {
	f := &Files{byName: map[string]file{}, byURL: map[string]file{}}
	accent := cmp.Or(look.Accent, ours)
	fs.WalkDir(embedded, ".", func(name string, entry fs.DirEntry, err error) error {
		if !entry.IsDir() {
			content, _ := embedded.ReadFile(name) // never fails
			f.add(name, dress(name, content, accent))
		}
		return nil
	})
	f.add("icon.png", icon(accent))
	if look.LogoName != "" {
		f.logo = "logo" + strings.ToLower(path.Ext(look.LogoName))
		f.add(f.logo, look.Logo)
	}
	return f
}

// add inserts 64 bits of the content's SHA-256 before the name's extension.
func (f *Files) add(name string, content []byte) {
	sum, ext := sha256.Sum256(content), path.Ext(name)
	added := file{"/static/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:8]) + ext, contentTypes[ext], content}
	if added.contentType == "" {
		panic(fmt.Sprintf("static: %s: no content type for its extension", name))
	}
	f.byName[name], f.byURL[added.url] = added, added
}

// URL returns the path of a file with a hash of its content in it: for "css/site.css" it is
// "/static/css/site.0a1b2c3d4e5f6071.css". It panics when there is no such file.
func (f *Files) URL(name string) string {
	found, ok := f.byName[name]
	if !ok {
		panic(fmt.Sprintf("static: no file %q", name))
	}
	return found.url
}

// LogoURL is the path of the logo, or "".
func (f *Files) LogoURL() string { return f.byName[f.logo].url }

// URL is that of a file of Plain.
func URL(name string) string { return Plain().URL(name) }

// ServeHTTP answers at the paths that URL returns, and lets caches keep the answer for a year.
// Mount it at /static/, for GET and HEAD, without stripping the prefix. Every other path is not
// found, also a file's plain name and another version's hash, so that no cache keeps old content
// under a new URL. It ignores Range: our files are small, and thousands of ranges in a request are
// costly.
func (f *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, ok := f.byURL[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Content-Type", found.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(found.content)))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if strings.HasPrefix(found.contentType, "image/svg") { // a logo may have styles, which Firefox would leave out
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	}
	if r.Method != http.MethodHead {
		w.Write(found.content)
	}
}

// contentTypes has what package mime reads from the machine's own table, which differs between
// machines.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml; charset=utf-8",
	".png":  "image/png",
	".jpg":  "image/jpeg",
	".jpeg": "image/jpeg",
	".webp": "image/webp",
}
