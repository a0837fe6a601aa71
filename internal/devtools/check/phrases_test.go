package check

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	hangul  = regexp.MustCompile(`\p{Hangul}`)
	english = regexp.MustCompile(`\b[a-z]+ [a-z]+\b`)
)

func TestEachWantAndGotHasAKoreanSentence(t *testing.T) {
	checked := 0
	for _, text := range wantsAndGots(t) {
		if !english.MatchString(text) || strings.HasPrefix(text, "<") {
			continue // a header, a URL, JSON or an HTML tag
		}
		checked++
		if got := (Reader{Lang: KO}).phrase(text); !hangul.MatchString(got) {
			t.Errorf("got no Korean for %q", text)
		}
	}
	if checked < 100 {
		t.Errorf("got %d sentences in the source, want at least 100", checked)
	}
}

// wantsAndGots returns the sentences that the package's calls of fail and warn are given, and those
// that it puts together from texts. An X stands for what is not a literal.
func wantsAndGots(t *testing.T) (all []string) {
	t.Helper()
	set := token.NewFileSet()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, entry.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.CallExpr:
				if name, ok := n.Fun.(*ast.Ident); ok && (name.Name == "fail" || name.Name == "warn") {
					all = append(all, sentence(n.Args[0]), sentence(n.Args[1]))
				}
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if name.Name == "want" && i < len(n.Values) {
						all = append(all, sentence(n.Values[i]))
					}
				}
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					if name, ok := left.(*ast.Ident); ok && (name.Name == "want" || name.Name == "problem") && i < len(n.Rhs) {
						all = append(all, sentence(n.Rhs[i]))
					}
				}
			case *ast.FuncDecl:
				if n.Name.Name == "whyUnsent" || n.Name.Name == "whyRefused" {
					ast.Inspect(n, func(node ast.Node) bool {
						if result, ok := node.(*ast.ReturnStmt); ok {
							all = append(all, sentence(result.Results[0]))
						}
						return true
					})
				}
			}
			return true
		})
	}
	return all
}

// sentence is the text of an expression.
func sentence(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return text
		}
	case *ast.BinaryExpr:
		return sentence(e.X) + sentence(e.Y)
	}
	return "X"
}

func TestPhrasesTranslateWhatStandsInThem(t *testing.T) {
	for text, want := range map[string]string{
		"logged in: Vary: (none)": "로그인 상태: Vary: (없음)",
		"nobody is logged in: 200 OK with a page; the cookie sid is not sent to /status: its Path is /member; the cookie b has expired": "로그인되지 않음: 200 OK, HTML 페이지; " +
			"쿠키 sid가 /status로 전송되지 않음: Path가 /member; 쿠키 b가 만료됨",
		"200 OK; the browser showed: an empty page; and said: 100% no": "200 OK; 브라우저 화면: 빈 페이지; 알림과 오류: 100% no",
		"no Access-Control-Allow-Origin for null":                      "null에는 Access-Control-Allow-Origin 없음",
		"usercode minji": "usercode minji",
	} {
		if got := (Reader{Lang: KO}).phrase(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := (Reader{Lang: EN}).phrase(text); got != text {
			t.Errorf("got %q in English, want %q", got, text)
		}
	}
}
