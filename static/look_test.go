package static

import (
	"bytes"
	"fmt"
	"image/png"
	"maps"
	"regexp"
	"strings"
	"testing"
)

// controlContrast is what WCAG 2.2 AA asks for of what shows where a control is (1.4.11).
const controlContrast = 3

func TestColoursHaveEnoughContrastInLightAndDark(t *testing.T) {
	pairs := []struct {
		front, back string
		want        float64
	}{
		{"ink", "ground", textContrast},
		{"ink", "surface", textContrast},
		{"ink", "tint", textContrast},
		{"muted", "ground", textContrast},
		{"muted", "surface", textContrast},
		{"accent", "ground", textContrast},
		{"accent", "surface", textContrast},
		{"on-accent", "accent", textContrast},
		{"on-accent", "accent-strong", textContrast},
		{"danger", "danger-tint", textContrast},
		{"danger", "surface", textContrast},
		{"caution", "surface", textContrast},
		{"control", "ground", controlContrast},
		{"control", "surface", controlContrast},
		{"accent", "tint", controlContrast}, // an icon
	}
	for _, accent := range []string{"", "#767676", "#000000", "#0064ff", "#7a0019", "#00008b", "#b5006b"} {
		light, dark := palettes(t, New(Look{Accent: accent}))
		for scheme, palette := range map[string]map[string]string{"light": light, "dark": dark} {
			for _, pair := range pairs {
				front, ok := parse(palette[pair.front])
				back, okBack := parse(palette[pair.back])
				if got := contrastOf(front, back); !ok || !okBack || got < pair.want {
					t.Errorf("accent %q, %s: --%s on --%s: got contrast %.2f, want %.1f", accent, scheme, pair.front, pair.back, got, pair.want)
				}
			}
		}
		if got := light["accent"]; accent != "" && got != accent {
			t.Errorf("got the accent %s, want %s", got, accent)
		}
	}
}

// palettes returns the colours of the style sheet by their names. Later ones replace earlier ones,
// and dark ones the light ones.
func palettes(t *testing.T, files *Files) (light, dark map[string]string) {
	t.Helper()
	colour := regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)
	scheme := regexp.MustCompile(`(?s)(@media \(prefers-color-scheme: dark\) \{\s*)?:root \{.*?\}`)
	light, dark = map[string]string{}, map[string]string{}
	for _, block := range scheme.FindAllStringSubmatch(string(files.byName["css/site.css"].content), -1) {
		palette := light
		if block[1] != "" {
			palette = dark
		}
		for _, m := range colour.FindAllStringSubmatch(block[0], -1) {
			palette[m[1]] = m[2]
		}
	}
	all := maps.Clone(light)
	maps.Copy(all, dark)
	return light, all
}

func TestAnAccentIsReadableOrHasAReadableNeighbour(t *testing.T) {
	for text, want := range map[string]string{
		"#0f6b5c": "6.4 #0f6b5c true", "#767676": "4.5 #767676 true", "#777777": "4.5 #757575 true", "#03c75a": "2.3 #02893e true",
		"#FFFFFF": "1.0 #757575 true", "#ffeb3b": "1.2 #82771e true",
		"": "0.0  false", "#fff": "0.0  false", "0f6b5c": "0.0  false", "#0f6b5g": "0.0  false", "#+f6b5c": "0.0  false", "green": "0.0  false",
	} {
		contrast, readable, ok := Accent(text)
		if got := fmt.Sprintf("%.1f %s %t", contrast, readable, ok); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestALookChangesTheFilesAndTheirURLs(t *testing.T) {
	files := New(Look{Accent: "#0064ff", LogoName: "/etc/ocsso/Acme Logo.PNG", Logo: []byte("its bytes")})
	for _, name := range []string{"css/site.css", "favicon.svg", "icon.png"} {
		if files.URL(name) == URL(name) {
			t.Errorf("%s: got one URL for two looks", name)
		}
		if bytes.Contains(files.byName[name].content, []byte(ours)) && name != "css/site.css" {
			t.Errorf("%s still has our colour", name)
		}
	}
	if files.URL("js/login.js") != URL("js/login.js") {
		t.Error("got another script for another colour")
	}
	if logo := files.LogoURL(); !strings.HasPrefix(logo, "/static/logo.") || files.byURL[logo].contentType != "image/png" {
		t.Errorf("got the logo at %q as %q", logo, files.byURL[logo].contentType)
	}
	if got := Plain().LogoURL(); got != "" {
		t.Errorf("got the logo %q, want none", got)
	}
	picture, err := png.Decode(bytes.NewReader(files.byName["icon.png"].content))
	if err != nil || picture.Bounds().Dx() != 180 {
		t.Fatalf("got an icon of %v, %v", picture, err)
	}
	if r, g, b, _ := picture.At(1, 1).RGBA(); r>>8 != 0 || g>>8 != 0x64 || b>>8 != 0xff {
		t.Errorf("got a corner of %x %x %x, want the accent", r>>8, g>>8, b>>8)
	}
}
