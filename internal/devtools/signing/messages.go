package signing

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Which fields are signed.

// withReturnURL signs a returnUrl before the time, in a call that signs none.
func withReturnURL(c Case) func(signing) []variant {
	return func(s signing) (variants []variant) {
		if slices.ContainsFunc(s.parts, func(p part) bool { return p.name == "returnUrl" }) {
			return nil
		}
		for _, returnURL := range append([]string{c.Fields.ReturnURL}, c.ReturnURLs...) {
			added := part{name: "returnUrl", value: returnURL}
			variants = append(variants, variant{signing: s.withParts(slices.Insert(slices.Clone(s.parts), len(s.parts)-1, added))})
		}
		return variants
	}
}

// withUnsentReturnURL signs a returnUrl in a form that sends none.
func withUnsentReturnURL(c Case) func(signing) []variant {
	return func(s signing) (variants []variant) {
		i := slices.IndexFunc(s.parts, func(p part) bool { return p.name == "returnUrl" && p.left })
		for _, returnURL := range c.ReturnURLs {
			if i >= 0 {
				changed := s.withValue(i, returnURL)
				changed.parts[i].left = false
				variants = append(variants, variant{signing: changed})
			}
		}
		return variants
	}
}

// without leaves out one field.
func without(name string) func(signing) []variant {
	return func(s signing) []variant {
		_, i := s.value(name)
		if i < 0 {
			return nil
		}
		return []variant{{signing: s.leaving(i)}}
	}
}

func (s signing) leaving(positions ...int) signing {
	parts := slices.Clone(s.parts)
	for _, i := range positions {
		parts[i].left = true
	}
	return s.withParts(parts)
}

// present returns the positions of the parts that are signed.
func (s signing) present() (positions []int) {
	for i, p := range s.parts {
		if !p.left {
			positions = append(positions, i)
		}
	}
	return positions
}

func (s signing) names(positions []int) string {
	var names []string
	for _, i := range positions {
		names = append(names, s.parts[i].name)
	}
	return strings.Join(names, ", ")
}

// leftOut leaves out each field, all that are optional, each two, and then every other set of them.
func leftOut(s signing) iter.Seq[variant] {
	return func(yield func(variant) bool) {
		present := s.present()
		var optional []int
		for _, i := range present {
			if s.parts[i].optional {
				optional = append(optional, i)
			}
		}
		sets := [][]int{}
		for _, i := range present {
			sets = append(sets, []int{i})
		}
		sets = append(sets, optional)
		every := subsets(present, true)
		slices.SortStableFunc(every, func(a, b []int) int { return len(a) - len(b) })
		for _, set := range append(sets, every...) {
			if len(set) > 0 && len(set) < len(present) && !yield(variant{s.leaving(set...), s.names(set), ""}) {
				return
			}
		}
	}
}

// blankTexts are what languages print for a value that is absent.
var blankTexts = []string{
	"", "null", "undefined", "None", " ", "NULL", "nil", "<nil>", "NaN", "nan", "N/A", "-", "0", "false", `""`, "Null", "none", "(null)",
}

// withBlanks signs all, one or some of the blank fields: as they are or as the text for an absent
// value.
func withBlanks(s signing) iter.Seq[variant] {
	return func(yield func(variant) bool) {
		var blanks []int
		for i, p := range s.parts {
			if p.left {
				blanks = append(blanks, i)
			}
		}
		for _, subset := range subsets(blanks, true) {
			for n := -1; n < len(blankTexts); n++ {
				parts := slices.Clone(s.parts)
				for _, i := range subset {
					parts[i].left = false
					if n >= 0 {
						parts[i].value = blankTexts[n]
					}
				}
				detail := ""
				if n >= 0 {
					detail = strconv.Quote(blankTexts[n])
				}
				if !yield(variant{s.withParts(parts), s.names(subset), detail}) {
					return
				}
			}
		}
	}
}

// otherField signs one field's value in the place of another, also where the other one is blank.
func otherField(s signing) iter.Seq[variant] {
	return func(yield func(variant) bool) {
		for i := range s.parts {
			for _, j := range s.present() {
				if i == j {
					continue
				}
				parts := slices.Clone(s.parts)
				parts[i].value, parts[i].left = parts[j].value, false
				if !yield(variant{s.withParts(parts), parts[i].name, "= " + parts[j].name}) {
					return
				}
			}
		}
	}
}

// doubled signs one value a second time, somewhere else.
func doubled(s signing) iter.Seq[variant] {
	return func(yield func(variant) bool) {
		for _, i := range s.present() {
			for place := range len(s.parts) + 1 {
				parts := slices.Insert(slices.Clone(s.parts), place, s.parts[i])
				if !yield(variant{s.withParts(parts), parts[place].name, ""}) {
					return
				}
			}
		}
	}
}

// reordered puts the signed values in every order: first by name, backwards, by value and those
// that take one or two moves, then all. There can be 8 values, so 40,320 orders. Each variant is
// valid only until the next one, because they share their parts.
func reordered() func(signing) iter.Seq[variant] {
	near := map[int][][]int{} // by the number of values
	return func(s signing) iter.Seq[variant] {
		return func(yield func(variant) bool) {
			var kept []part
			for _, i := range s.present() {
				kept = append(kept, s.parts[i])
			}
			try := func(parts []part) bool { return yield(variant{signing: s.withParts(parts)}) }
			byName, backwards, byValue := slices.Clone(kept), slices.Clone(kept), slices.Clone(kept)
			slices.SortStableFunc(byName, func(a, b part) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
			slices.Reverse(backwards)
			slices.SortStableFunc(byValue, func(a, b part) int { return strings.Compare(a.value, b.value) })
			if !try(byName) || !try(backwards) || !try(byValue) {
				return
			}
			orders, ok := near[len(kept)]
			if !ok {
				orders = nearOrders(len(kept))
				near[len(kept)] = orders
			}
			parts := slices.Clone(kept)
			for _, order := range orders {
				for to, from := range order {
					parts[to] = kept[from]
				}
				if !try(parts) {
					return
				}
			}
			permute(kept, len(kept), func() bool { return try(kept) })
		}
	}
}

// nearOrders are the orders of n values that one move of a value gives, then those in which two
// values are swapped, then those of two moves.
func nearOrders(n int) (orders [][]int) {
	same := make([]int, n)
	for i := range same {
		same[i] = i
	}
	seen := map[string]bool{fmt.Sprint(same): true}
	level := [][]int{same}
	for moves := range 2 {
		var next [][]int
		for _, order := range level {
			for from := range n {
				for to := range n {
					moved := slices.Insert(slices.Delete(slices.Clone(order), from, from+1), to, order[from])
					if text := fmt.Sprint(moved); !seen[text] {
						seen[text] = true
						next = append(next, moved)
					}
				}
			}
		}
		orders, level = append(orders, next...), next
		if moves > 0 {
			break
		}
		for a := range n {
			for b := range a {
				swapped := slices.Clone(same)
				swapped[a], swapped[b] = b, a
				if text := fmt.Sprint(swapped); !seen[text] {
					seen[text] = true
					orders = append(orders, swapped)
				}
			}
		}
	}
	return orders
}

// permute is Heap's algorithm. It stops and returns false when yield returns false.
func permute(parts []part, n int, yield func() bool) bool {
	if n <= 1 {
		return yield()
	}
	for i := range n {
		if !permute(parts, n-1, yield) {
			return false
		}
		if n%2 == 0 {
			parts[i], parts[n-1] = parts[n-1], parts[i]
		} else {
			parts[0], parts[n-1] = parts[n-1], parts[0]
		}
	}
	return true
}

// How the values become a message.

var separators = func() (all []format) {
	for _, separator := range []string{
		"", "+", "|", ",", " & ", "&amp;", ", ", ";", ":", "-", "_", "\n", " ", "\t", "/", "#", "||", "&&", "%26", ".", "=", "\r\n", "\x00", "~", "*", "^",
		"$", "@", "?", `\&`, "＆", "& ", " &", " + ", " | ", "::", "|&|", `\u0026`, "\x1f", "\\n", "^|^",
	} {
		all = append(all, format{strconv.Quote(separator), separated(separator)})
	}
	return all
}()

// misplacedSeparators has separators at the ends, two for one, or none in one place.
func misplacedSeparators(s signing) iter.Seq[variant] {
	return func(yield func(variant) bool) {
		for _, ends := range [][2]string{{"", "&"}, {"&", ""}, {"&", "&"}, {"?", ""}, {"", "&&"}} {
			changed := s.withText(func(message []byte) []byte { return []byte(ends[0] + string(message) + ends[1]) })
			if !yield(variant{signing: changed, detail: ends[0] + "..." + ends[1]}) {
				return
			}
		}
		present := s.present()
		for at := 1; at < len(present); at++ {
			for _, between := range []string{"", "&&"} {
				parts := slices.Clone(s.parts)
				before, after := present[at-1], present[at]
				if between == "" {
					parts[after].value = parts[before].value + parts[after].value
					parts[before].left = true
				} else {
					parts[after].value = "&" + parts[after].value
				}
				if !yield(variant{s.withParts(parts), s.names(present[at : at+1]), ""}) {
					return
				}
			}
		}
	}
}

// inOrder returns the parts as they are, or by name.
func inOrder(parts []part, byName bool) []part {
	if byName {
		parts = slices.Clone(parts)
		slices.SortStableFunc(parts, func(a, b part) int { return strings.Compare(a.name, b.name) })
	}
	return parts
}

// pairFormats write names and values.
func pairFormats() (all []format) {
	for _, encode := range []func(string) string{
		func(s string) string { return s }, url.QueryEscape, EncodeURIComponent,
	} {
		for _, signs := range [][2]string{{"=", "&"}, {"=", ","}, {":", "&"}, {"=", ""}, {"", ""}, {"=", "\n"}, {":", "\n"}, {"=", ";"}, {":", ","}, {"=", "|"}, {"=", ", "}} {
			for _, byName := range []bool{false, true} {
				for _, blanks := range []bool{false, true} {
					all = append(all, format{"name" + signs[0] + "value" + signs[1], func(buf []byte, parts []part) []byte {
						first := true
						for _, p := range inOrder(parts, byName) {
							if p.left && !blanks {
								continue
							}
							if !first {
								buf = append(buf, signs[1]...)
							}
							first = false
							buf = append(buf, p.name+signs[0]+encode(p.value)...)
						}
						return buf
					}})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b format) int {
		return boolOrder(a.name != "name=value&", b.name != "name=value&")
	})
	return all
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// jsonFormats write an object or an array, as JSON or as languages print it.
func jsonFormats() (all []format) {
	escapes := []func(string) string{
		func(s string) string { return s }, unicodeEscapes(`\u%04x`),
		strings.NewReplacer("/", `\/`).Replace, func(s string) string { return strings.ReplaceAll(unicodeEscapes(`\u%04x`)(s), "/", `\/`) },
		strings.NewReplacer("&", `\u0026`, "<", `\u003c`, ">", `\u003e`).Replace,
	}
	spaces := [][2]string{{":", ","}, {": ", ", "}}
	object := func(escape func(string) string, spaces [2]string, number, byName bool, blank string) format {
		return format{"{...}", func(buf []byte, parts []part) []byte {
			var members []string
			for _, p := range inOrder(parts, byName) {
				value := escape(quoted(p.value))
				switch {
				case p.left && blank == "left out":
					continue
				case p.left:
					value = blank
				case p.name == "time" && number:
					value = p.value
				}
				members = append(members, `"`+p.name+`"`+spaces[0]+value)
			}
			return append(buf, "{"+strings.Join(members, spaces[1])+"}"...)
		}}
	}
	for _, blank := range []string{"left out", `""`, "null"} {
		for _, byName := range []bool{false, true} {
			for _, escape := range escapes {
				for _, space := range spaces {
					for _, number := range []bool{true, false} {
						all = append(all, object(escape, space, number, byName, blank))
					}
				}
			}
		}
	}
	for _, escape := range escapes {
		for _, space := range spaces {
			for _, number := range []bool{false, true} {
				all = append(all, listFormat("[...]", "[", "]", space[1], func(p part) string {
					if p.name == "time" && number {
						return p.value
					}
					return escape(quoted(p.value))
				}))
			}
		}
	}
	plain := func(p part) string { return p.value }
	python := func(p part) string { return "'" + p.value + "'" }
	printed := []format{
		listFormat("[a, b]", "[", "]", ", ", plain), listFormat("['a', 'b']", "[", "]", ", ", python), listFormat("('a', 'b')", "(", ")", ", ", python),
		listFormat("[a b]", "[", "]", " ", plain), listFormat("{name=value, ...}", "{", "}", ", ", func(p part) string { return p.name + "=" + p.value }),
		listFormat("{'name': 'value', ...}", "{", "}", ", ", func(p part) string { return "'" + p.name + "': '" + p.value + "'" }),
		listFormat("map[...]", "map[", "]", " ", func(p part) string { return p.name + ":" + p.value }),
	}
	const usual = 8
	return slices.Concat(all[:usual], printed, all[usual:])
}

func quoted(value string) string {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	encoder.Encode(value) // a string always has a JSON form
	return strings.TrimSuffix(buf.String(), "\n")
}

func listFormat(name, open, end, separator string, write func(part) string) format {
	return format{name, func(buf []byte, parts []part) []byte {
		var items []string
		for _, p := range parts {
			if !p.left {
				items = append(items, write(p))
			}
		}
		return append(buf, open+strings.Join(items, separator)+end...)
	}}
}

// The message's bytes.

var ends = []named{
	{`\n`, add("", "\n")}, {`\r\n`, add("", "\r\n")}, {" ", add("", " ")}, {" ", add(" ", "")}, {"U+FEFF", add("\ufeff", "")}, {`""`, add(`"`, `"`)},
	{"''", add("'", "'")}, {"b''", add("b'", "'")}, {`\x00`, add("", "\x00")}, {"U+200B", add("", "\u200b")}, {`\t`, add("", "\t")},
	{`\r`, add("", "\r")}, {"[]", add("[", "]")}, {"()", add("(", ")")}, {"{}", add("{", "}")}, {"null", add("null", "")}, {"undefined", add("undefined", "")},
	{`\n`, add("\n", "")}, {"U+FEFF", add("", "\ufeff")}, {"null", add("", "&null")}, {"message=", add("message=", "")}, {"SHA256Digest()", add("SHA256Digest(", ")")},
	{"=", add("", "=")}, {`\n`, add("", `\n`)}, {"undefined", add("", "&undefined")}, {".", add("", ".")}, {"[object Object]", add("[object Object]", "")},
}

var wholeMessages = []named{
	{"percent-encoded", EncodeURIComponent}, {"percent-encoded, as in a form", url.QueryEscape}, {"percent-encoded, in lower case", lowerHex(EncodeURIComponent)},
	{"percent-encoded, as in a form, in lower case", lowerHex(url.QueryEscape)}, {"encodeURI", encodeURI},
	{"Base64", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }},
	{"hex", func(s string) string { return hex.EncodeToString([]byte(s)) }}, {"upper-case hex", func(s string) string { return fmt.Sprintf("%X", s) }},
	{"lower case", strings.ToLower}, {"upper case", strings.ToUpper}, {"UTF-16LE", utf16Bytes("", 0, 8)}, {"UTF-16BE", utf16Bytes("", 8, 0)},
	{"UTF-16 with a mark", utf16Bytes("\xfe\xff", 8, 0)}, {"UTF-16LE with a mark", utf16Bytes("\xff\xfe", 0, 8)}, {"HTML escapes", html.EscapeString},
	{"JSON string", quoted}, {"low bytes", lowBytes}, {"without spaces", func(s string) string { return strings.Join(strings.Fields(s), "") }},
	{"URL-safe Base64", func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }},
	{"percent-decoded", unescapedPath}, {"percent-decoded, as in a form", unescapedQuery}, {"escape", jsEscape},
	{"UTF-32LE", utf32LE},
	{"percent-encoded twice", func(s string) string { return EncodeURIComponent(EncodeURIComponent(s)) }},
	{"backwards", func(s string) string {
		runes := []rune(s)
		slices.Reverse(runes)
		return string(runes)
	}},
}

func utf32LE(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r), byte(r>>8), byte(r>>16), 0)
	}
	return string(b)
}
