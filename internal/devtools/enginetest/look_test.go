package enginetest

import "testing"

// brokenWords are the words in the header and on the cards that go on in a second line.
const brokenWords = `[...document.querySelectorAll(".header, .card")].flatMap((part) => {
	const broken = [];
	const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		for (const word of texts.currentNode.data.matchAll(/\S+/g)) {
			const range = document.createRange();
			range.setStart(texts.currentNode, word.index);
			range.setEnd(texts.currentNode, word.index + word[0].length);
			const lines = new Set([...range.getClientRects()].map((line) => Math.round(line.bottom)));
			if (lines.size > 1) broken.push(word[0]);
		}
	}
	return broken;
})`

// overlaps are the parts of the header that lie on another one.
const overlaps = `[...document.querySelectorAll(".brand, .member, .quiet")].flatMap((part, i, all) => {
	const a = part.getBoundingClientRect();
	return all.slice(i + 1).filter((other) => {
		const b = other.getBoundingClientRect();
		return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
	}).map((other) => part.className + " and " + other.className);
})`

// TestTextOfTwiceTheSizeFits is WCAG 1.4.4, with the member's own setting of the text's size, which
// WebKitGTK has not.
func TestTextOfTwiceTheSizeFits(t *testing.T) {
	for _, e := range []engine{chromium, firefox} {
		t.Run(e.name, func(t *testing.T) {
			v := startBrowser(t, e, settings{largeText: true}).visit(t)
			v.logInAtTheSite(awkward)
			for _, lang := range []string{"ko", "en"} {
				v.open(v.Site + "/?lang=" + lang)
				for _, width := range []int{360, 500, 768, 1280} {
					v.resize(width)
					v.want("", brokenWords, []string{})
					v.want("", overlaps, []string{})
					v.want("", `[document.documentElement, document.querySelector(".brand span")]
						.map((part) => part.scrollWidth > part.clientWidth)`, []bool{false, false})
					v.want("", `[...document.querySelectorAll(".brand img")].map((logo) => logo.offsetWidth)`, []int{56})
				}
			}
		})
	}
}
