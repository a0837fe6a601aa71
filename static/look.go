package static

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strconv"
	"strings"
)

// ours is the accent colour of the files as they are.
const ours = "#0f6b5c"

// textContrast is the contrast of text that WCAG 2.2 AA asks for (1.4.3).
const textContrast = 4.5

var white, black = color.RGBA{255, 255, 255, 255}, color.RGBA{0, 0, 0, 255}

// Accent checks a colour such as "#0f6b5c" for buttons and links. contrast is the one with white,
// which is their text's and the page's colour, and readable is the colour, or the nearest darker
// one whose contrast is enough. ok is false for what isn't six digits in hex behind a "#".
func Accent(text string) (contrast float64, readable string, ok bool) {
	c, ok := parse(text)
	if !ok {
		return 0, "", false
	}
	return contrastOf(c, white), hexOf(until(c, black, textContrast, white)), true
}

func parse(text string) (color.RGBA, bool) {
	digits, found := strings.CutPrefix(text, "#")
	rgb, err := strconv.ParseUint(digits, 16, 24)
	return color.RGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 255}, found && len(digits) == 6 && err == nil
}

func hexOf(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// mixed is so many hundredths of with in c.
func mixed(c, with color.RGBA, hundredths int) color.RGBA {
	mix := func(a, b uint8) uint8 { return uint8((int(a)*(100-hundredths) + int(b)*hundredths) / 100) }
	return color.RGBA{mix(c.R, with.R), mix(c.G, with.G), mix(c.B, with.B), 255}
}

// until mixes as little of with into c as gives it a contrast.
func until(c, with color.RGBA, contrast float64, back color.RGBA) color.RGBA {
	for n := range 100 {
		if m := mixed(c, with, n); contrastOf(m, back) >= contrast {
			return m
		}
	}
	return with
}

// dress gives a file an accent colour. In the dark, that is a lighter one.
func dress(name string, content []byte, accent string) []byte {
	c, _ := parse(accent)
	switch {
	case accent == ours:
	case name == "favicon.svg":
		return bytes.ReplaceAll(content, []byte(ours), []byte(accent))
	case name == "css/site.css":
		const properties = ":root { --accent: %s; --accent-strong: %s; --on-accent: %s; --tint: %s; }"
		colours := func(c, stronger, on, ground color.RGBA) string {
			return fmt.Sprintf(properties, hexOf(c), hexOf(mixed(c, stronger, 20)), hexOf(on), hexOf(mixed(ground, c, 8)))
		}
		surface := color.RGBA{0x1a, 0x1f, 0x1d, 255}
		light := colours(c, black, white, white)
		dark := colours(until(c, white, 6, surface), white, black, surface)
		return fmt.Appendf(content, "\n%s\n@media (prefers-color-scheme: dark) { %s }\n", light, dark)
	}
	return content
}

// contrastOf is WCAG's contrast ratio of two colours.
func contrastOf(a, b color.RGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is WCAG's relative luminance.
func luminance(c color.RGBA) float64 {
	linear := func(eightBits uint8) float64 {
		v := float64(eightBits) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// icon draws favicon.svg's speech bubble for what takes no SVG: phones' home screens, which round
// the corners, and /favicon.ico.
func icon(accent string) []byte {
	c, _ := parse(accent)
	picture := image.NewPaletted(image.Rect(0, 0, 180, 180), color.Palette{c, white})
	draw.Draw(picture, image.Rect(42, 58, 138, 116), image.NewUniform(white), image.Point{}, draw.Src)
	for y := range 24 { // the bubble's tail
		draw.Draw(picture, image.Rect(70, 116+y, 94-y, 117+y), image.NewUniform(white), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	png.Encode(&b, picture) // never fails
	return b.Bytes()
}
