package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
)

// withChips adds a script to the site's login page that offers the demo's members. The site itself
// has nothing of the kind.
func withChips(site http.Handler, members []demoMember) http.Handler {
	list, err := json.Marshal(members)
	if err != nil {
		panic(err) // impossible for two texts
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/demo.js":
			w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
			w.Write([]byte(strings.Replace(chipsScript, "MEMBERS", string(list), 1)))
		case r.URL.Path == "/login":
			site.ServeHTTP(chipsWriter{w}, r)
		default:
			site.ServeHTTP(w, r)
		}
	})
}

// chipsScript puts a button for each member below the form.
const chipsScript = `"use strict";
for (const form of document.querySelectorAll("#login")) {
  const panel = document.createElement("div");
  panel.style.cssText = "display: flex; flex-wrap: wrap; gap: 8px; margin-top: 24px; padding: 16px; border-radius: 12px; background: var(--tint)";
  const label = document.createElement("b");
  label.style.cssText = "flex-basis: 100%; font-size: 0.875rem";
  label.textContent = document.documentElement.lang === "ko" ? "데모 회원으로 채우기" : "Fill in a demo member";
  panel.append(label);
  for (const { usercode, password } of MEMBERS) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.textContent = usercode;
    chip.style.cssText = "padding: 8px 16px; border: 1px solid; border-radius: 99px; background: none; color: inherit; font: inherit; cursor: pointer";
    chip.addEventListener("click", () => {
      form.elements.usercode.value = usercode;
      form.elements.password.value = password;
      form.querySelector("button:not([type])").focus();
    });
    panel.append(chip);
  }
  form.after(panel);
}
`

// chipsWriter adds the script's element to a page, which is written at once.
type chipsWriter struct{ http.ResponseWriter }

func (w chipsWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w chipsWriter) WriteHeader(status int) {
	w.Header().Del("Content-Length")
	w.ResponseWriter.WriteHeader(status)
}

func (w chipsWriter) Write(page []byte) (int, error) {
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		changed := bytes.Replace(page, []byte("</body>"), []byte(`<script src="/demo.js" defer></script></body>`), 1)
		if _, err := w.ResponseWriter.Write(changed); err != nil {
			return 0, err
		}
		return len(page), nil
	}
	return w.ResponseWriter.Write(page)
}
