package static

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
)

// serve answers one request as Plain does.
func serve(method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	Plain().ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func TestEveryEmbeddedFileIsServedForGoodUnderItsURL(t *testing.T) {
	err := fs.WalkDir(embedded, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(embedded, name)
		if err != nil {
			return err
		}
		w := serve(http.MethodGet, URL(name))
		if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), content) {
			t.Errorf("%s: got status %d and %d bytes, want 200 and its %d bytes", URL(name), w.Code, w.Body.Len(), len(content))
		}
		for header, want := range map[string]string{
			"Cache-Control":          "public, max-age=31536000, immutable",
			"Content-Type":           contentTypes[path.Ext(name)],
			"X-Content-Type-Options": "nosniff",
		} {
			if got := w.Header().Get(header); got != want {
				t.Errorf("%s: %s: got %q, want %q", name, header, got, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAURLHasAHashOfTheContent(t *testing.T) {
	files := &Files{byName: map[string]file{}, byURL: map[string]file{}}
	files.add("css/site.css", []byte("one"))
	if got, want := files.URL("css/site.css"), "/static/css/site.7692c3ad3540bb80.css"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestNoPartOfAFileIsServed: thousands of ranges in one request would cost a second of work.
func TestNoPartOfAFileIsServed(t *testing.T) {
	for _, ranges := range []string{"bytes=0-1", "bytes=0-0" + strings.Repeat(",2-2", 6000), "bytes=-1", "lines=1"} {
		r, w := httptest.NewRequest("GET", URL("css/site.css"), nil), httptest.NewRecorder()
		r.Header.Set("Range", ranges)
		Plain().ServeHTTP(w, r)
		if want := len(Plain().byName["css/site.css"].content); w.Code != http.StatusOK || w.Body.Len() != want {
			t.Errorf("%.20s: got status %d and %d bytes, want 200 and all %d", ranges, w.Code, w.Body.Len(), want)
		}
	}
}

func TestURLPanicsForAFileThatDoesNotExist(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("URL returned, want a panic")
		}
	}()
	URL("css/sight.css")
}

func TestOnlyHashedNamesAreFound(t *testing.T) {
	url := URL("css/site.css")
	hash := strings.Split(url, ".")[1]
	for _, target := range []string{
		"/static/css/site.css",
		strings.Replace(url, hash, "0000000000000000", 1),
		strings.Replace(url, hash, hash[:8], 1),
		strings.TrimPrefix(url, "/static"),
		url + "/",
		"/static/",
		"/static/css/",
		"/static/../static.go",
	} {
		w := serve(http.MethodGet, target)
		if w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "" {
			t.Errorf("GET %s: got status %d and Cache-Control %q, want 404 and none", target, w.Code, w.Header().Get("Cache-Control"))
		}
	}
}
