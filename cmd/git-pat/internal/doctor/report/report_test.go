package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// There is a sentence for each fact that doctor finds.
func TestFactsHaveSentences(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../facts.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var words strings.Builder
	for _, name := range []string{"report.go", "host.go", "store.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		words.Write(text)
	}
	facts := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if fact, ok := n.(*ast.TypeSpec); ok && fact.Name.Name != "Helper" {
			facts++
			name := "doctor." + fact.Name.Name
			if !strings.Contains(words.String(), "case "+name+":") && !strings.Contains(words.String(), "("+name+")") {
				t.Errorf("%s has no sentence", name)
			}
		}
		return true
	})
	if facts < 30 {
		t.Errorf("found only %d facts", facts)
	}
}
