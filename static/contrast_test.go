package static

import (
	"maps"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Contrasts that WCAG 2.2 AA asks for: of text (1.4.3), and of what shows where a control is
// (1.4.11).
const (
	textContrast    = 4.5
	controlContrast = 3
)

func TestColoursHaveEnoughContrastInLightAndDark(t *testing.T) {
	light, dark := palettes(t)
	pairs := []struct {
		front, back string
		want        float64
	}{
		{"ink", "ground", textContrast},
		{"ink", "surface", textContrast},
		{"muted", "ground", textContrast},
		{"muted", "surface", textContrast},
		{"accent", "ground", textContrast},
		{"accent", "surface", textContrast},
		{"accent", "tint", textContrast},
		{"on-accent", "accent", textContrast},
		{"on-accent", "accent-strong", textContrast},
		{"danger", "danger-tint", textContrast},
		{"control", "ground", controlContrast},
		{"control", "surface", controlContrast},
		{"danger", "ground", controlContrast},
		{"danger", "surface", controlContrast},
	}
	for scheme, palette := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, pair := range pairs {
			got := contrast(luminance(t, palette[pair.front]), luminance(t, palette[pair.back]))
			if got < pair.want {
				t.Errorf("%s: --%s on --%s: got contrast %.2f, want %.1f", scheme, pair.front, pair.back, got, pair.want)
			}
		}
	}
}

// palettes returns the theme's colours by their names. Dark ones stand after the first mention of
// the dark scheme and replace the light ones.
func palettes(t *testing.T) (light, dark map[string]string) {
	css, err := embedded.ReadFile("css/theme.css")
	if err != nil {
		t.Fatal(err)
	}
	first, second, found := strings.Cut(string(css), "(prefers-color-scheme: dark)")
	if !found {
		t.Fatal("the theme has no dark scheme")
	}
	colour := regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)
	light = map[string]string{}
	for _, m := range colour.FindAllStringSubmatch(first, -1) {
		light[m[1]] = m[2]
	}
	dark = maps.Clone(light)
	for _, m := range colour.FindAllStringSubmatch(second, -1) {
		dark[m[1]] = m[2]
	}
	return light, dark
}

// luminance is WCAG's relative luminance of an #rrggbb colour.
func luminance(t *testing.T, colour string) float64 {
	rgb, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 24)
	if err != nil {
		t.Fatalf("colour %q: %v", colour, err)
	}
	linear := func(eightBits uint64) float64 {
		c := float64(eightBits&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(rgb>>16) + 0.7152*linear(rgb>>8) + 0.0722*linear(rgb)
}

// contrast is WCAG's contrast ratio of two relative luminances.
func contrast(a, b float64) float64 {
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}
