package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// hostile is what a server, a repository or a file may have in a name.
const hostile = "a\x1b[2J\x1b]0;title\ab\u202ec\u200bd\u009b1me\u2028f\r\n\tg\x7fh\U000e0041i\xffj"

const hostileShown = `a\x1b[2J\x1b]0;title\ab\u202ec\u200bd\u009b1me\u2028f\r\n\tg\x7fh\U000e0041i\xffj`

func TestUIIsVisible(t *testing.T) {
	var out, errOut bytes.Buffer
	u := &ui{out: &out, errOut: &errOut, colours: true, links: true}
	u.say("it is %s", hostile)
	u.hint(hostile, hostile)
	u.steps([]string{hostile})
	u.page("at:", "https://github.com/"+hostile)
	u.progress(hostile, 2).end()
	u.exit(&hintError{text: hostile, hint: hostile, commands: []string{hostile}})
	shown := strings.NewReplacer("H", hostileShown, "^", "\x1b").Replace(
		"git pat: it is H\nhint: H\nhint:   H\nhint: H\nhint: at:\n" +
			"hint:   ^]8;;https://github.com/H^\\https://github.com/H^]8;;^\\\n" +
			"\rH: 0 of 2\r^[K")
	// The newline in a fault becomes a space: several errors may be joined by it.
	shown += "git pat: " + strings.ReplaceAll(hostileShown, `\n`, " ") + "\n" +
		strings.ReplaceAll("hint: H\nhint:   H\n", "H", hostileShown)
	if errOut.String() != shown {
		t.Errorf("got\n%q\nwant\n%q", &errOut, shown)
	}

	u.line(hostile)
	u.table([]string{"ONE", "LAST"}, [][]string{{"x", hostile}, {hostile, "y"}}, func(string) string { return "32" })
	u.report([]*finding{{heading: hostile, State: stateFault, What: hostile, Do: []string{hostile, hostile}}})
	wide := strings.Repeat(" ", utf8.RuneCountInString(hostileShown))
	shown = strings.NewReplacer("H", hostileShown, "^", "\x1b").Replace(
		"H\n" +
			"ONE" + wide[len("ONE"):] + "   LAST\n" +
			"x" + wide[len("x"):] + "   ^[32mH^[m\n" +
			"H   ^[32my^[m\n" +
			"H\n  ^[31mfault  ^[m  H\n             H\n               H\n")
	if out.String() != shown {
		t.Errorf("got\n%q\nwant\n%q", &out, shown)
	}
}

// In JSON it is the same data.
func TestUIJSON(t *testing.T) {
	var out bytes.Buffer
	u := &ui{out: &out}
	want := map[string]string{"name": strings.ToValidUTF8(hostile, "?"), "plain": "<b\u00f6b> & \u6771\u4eac \U0001f511 \\u0041"}
	if err := u.json(want); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsFunc(strings.ReplaceAll(out.String(), "\n", ""), func(r rune) bool { return !strconv.IsPrint(r) }) {
		t.Errorf("got %q", &out)
	}
	if !strings.Contains(out.String(), `"<b`+"\u00f6b> & \u6771\u4eac \U0001f511 "+`\\u0041"`) {
		t.Errorf("got %s, want what prints as it is", &out)
	}
	var got map[string]string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// Only in sentences is masked what looks like a token, and only if all of it
// does: the rest is data, or a command that has to work.
func TestUIMasks(t *testing.T) {
	secret := "ghp" + "_" + strings.Repeat("Z", 36)
	names := []string{"acme/walkthroughs_and_guides", "acme/ghp_tools_and_more_things", "github_pat_of_alices_laptop_at_work"}
	var out, errOut bytes.Buffer
	u := &ui{out: &out, errOut: &errOut}
	u.say("it is %s", secret)
	u.hint("it is "+secret, "git pat remove "+names[0])
	want := "git pat: it is ghp_***\nhint: it is ghp_***\nhint:   git pat remove " + names[0] + "\n"
	for _, name := range names {
		u.say("%s", name)
		u.hint(name)
		want += "git pat: " + name + "\nhint: " + name + "\n"
	}
	if errOut.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &errOut, want)
	}
	data := append(slices.Clone(names), secret)
	for _, text := range data {
		u.line(text)
	}
	u.table([]string{"NAME"}, [][]string{{data[0]}, {data[1]}, {data[2]}, {secret}}, func(string) string { return "" })
	if want := strings.Join(data, "\n") + "\nNAME\n" + strings.Join(data, "\n") + "\n"; out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
	out.Reset()
	u.json(data)
	if got := strings.Count(out.String(), secret) + strings.Count(out.String(), names[0]); got != 2 {
		t.Errorf("got %s, want it as it is", &out)
	}
}

// In both programs only ui.go writes to the terminal, because it escapes
// unprintable characters.
func TestOneWriter(t *testing.T) {
	for _, program := range []struct {
		folder, writer string
		allowed        []string // FILE: what it may have all the same
	}{
		{".", "ui.go", []string{
			"main.go: os.Stdout", "main.go: os.Stderr", // where the ui is made
			"exec_windows.go: os.Stdout", "exec_windows.go: os.Stderr", // for the command that is run
			"echo_unix.go: os.Stderr", // a newline
			// What they print they have made themselves, or it is the token.
			"help.go: .text", "man.go: .text", "token.go: .text", "completion.go: .text",
		}},
		{"../git-credential-pat", "ui.go", []string{
			"main.go: os.Stdout", // for Git
			"main.go: os.Stderr", // for the ui
			"main.go: errOut",
			"terminal.go: os.Stderr", // only to see whether they are a terminal
			"terminal.go: /dev/tty",
			"terminal.go: CONIN$",
			"main.go: fmt.Fprintln(out)", // the version and the usage
			"main.go: io.WriteString(out)",
		}},
	} {
		files, err := filepath.Glob(filepath.Join(program.folder, "*.go"))
		if err != nil || len(files) < 5 {
			t.Fatalf("%s: %d files, %v", program.folder, len(files), err)
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
					t.Errorf("%s/%s: this goes to the terminal past %s", program.folder, use, program.writer)
				}
				unused = slices.DeleteFunc(unused, func(allowed string) bool { return allowed == use })
			}
		}
		for _, allowed := range unused {
			t.Errorf("%s/%s: this is allowed and not there any more", program.folder, allowed)
		}
	}
}

// terminalUses returns what in a file could write to the terminal.
func terminalUses(t *testing.T, path string) (uses []string) {
	t.Helper()
	file, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, 0)
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
			case isUI(n.X) && (name == "out" || name == "errOut" || name == "text"):
				uses = append(uses, "."+name)
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

// isUI reports whether an expression is the ui, by its name.
func isUI(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name == "u" || x.Name == "ui"
	case *ast.SelectorExpr:
		return x.Sel.Name == "ui"
	}
	return false
}
