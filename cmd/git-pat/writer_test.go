package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Only package term, and in the helper ui.go, write to the terminal, because they
// escape unprintable characters.
func TestOneWriter(t *testing.T) {
	for _, program := range []struct {
		files, writer string
		allowed       []string // FILE: what it may have all the same
	}{
		{"*.go", "", []string{
			"main.go: os.Stdout", "main.go: os.Stderr", // where the terminal is made
			// They print what the program wrote itself, or the token.
			"help.go: .Text", "token.go: .Text", "completion.go: .Text", "doctor.go: .Text",
		}},
		{"internal/[^t]*/*.go", "", []string{
			"become_windows.go: os.Stdout", "become_windows.go: os.Stderr", // for the command that is run
		}},
		{"internal/tokens/*.go", "", nil},
		{"internal/*/*/*.go", "", nil},
		{"../git-credential-pat/*.go", "ui.go", []string{
			"main.go: os.Stdout", // for Git
			"main.go: os.Stderr", // for the ui
			"main.go: errOut",
			"terminal.go: os.Stderr", // only to see whether they are a terminal
			"terminal.go: /dev/tty",
			"main.go: fmt.Fprintln(out)", // the version and the usage
			"main.go: io.WriteString(out)",
		}},
	} {
		files, err := filepath.Glob(program.files)
		if err != nil || len(files) < 3 {
			t.Fatalf("%s: %d files, %v", program.files, len(files), err)
		}
		unused := slices.Clone(program.allowed)
		for _, path := range files {
			name := filepath.Base(path)
			if strings.HasSuffix(name, "_test.go") || name == program.writer {
				continue
			}
			for _, use := range terminalUses(t, path) {
				use := name + ": " + use
				if !slices.Contains(program.allowed, use) {
					t.Errorf("%s: %s writes to the terminal directly", path, use)
				}
				unused = slices.DeleteFunc(unused, func(allowed string) bool { return allowed == use })
			}
		}
		for _, allowed := range unused {
			t.Errorf("%s: %s is allowed and not there any more", program.files, allowed)
		}
	}
}

// terminalUses returns what in a file could write to the terminal.
func terminalUses(t *testing.T, path string) (uses []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			of, _ := n.X.(*ast.Ident)
			switch name := n.Sel.Name; {
			case of != nil && of.Name == "os" && (name == "Stdout" || name == "Stderr"),
				of != nil && of.Name == "fmt" && strings.HasPrefix(name, "Print"),
				of != nil && of.Name == "log" && name != "SetOutput",
				of != nil && of.Name == "syscall" && (name == "Write" || name == "Stdout" || name == "Stderr"):
				uses = append(uses, of.Name+"."+name)
			case name == "Text" && of != nil && of.Name == "t":
				uses = append(uses, ".Text")
			}
		case *ast.CallExpr:
			// What is written to a local variable of another name is no terminal.
			call, ok := n.Fun.(*ast.SelectorExpr)
			if of, _ := n.Fun.(*ast.Ident); of != nil && (of.Name == "print" || of.Name == "println") {
				uses = append(uses, of.Name)
			}
			if !ok || len(n.Args) == 0 {
				break
			}
			of, _ := call.X.(*ast.Ident)
			to, _ := n.Args[0].(*ast.Ident)
			if of != nil && to != nil && (to.Name == "out" || to.Name == "errOut") && (of.Name == "fmt" || of.Name == "io") {
				uses = append(uses, of.Name+"."+call.Sel.Name+"("+to.Name+")")
			}
		case *ast.CompositeLit:
			if of, _ := n.Type.(*ast.Ident); of != nil && of.Name == "ui" {
				uses = append(uses, "errOut")
			}
		case *ast.BasicLit:
			if value, err := strconv.Unquote(n.Value); err == nil && slices.Contains([]string{"/dev/tty", "/dev/stdout", "/dev/stderr", "CONIN$", "CONOUT$"}, value) {
				uses = append(uses, value)
			}
		}
		return true
	})
	return uses
}
