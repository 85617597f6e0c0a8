package manual

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

type keepCommand struct {
	What []string `arg:"" help:"what to keep"`
	Tag  string   `placeholder:"TAG" short:"t" help:"a word for it that is long enough to need a second line in the help"`
	All  bool     `help:"everything"`
}

func (keepCommand) Help() string {
	return "Two options:\n\n    --one   first\n            and more\n    --two   second\n\n    git-x keep a"
}

func testProgram(t *testing.T) (Program, *kong.Kong) {
	t.Helper()
	var c struct {
		Keep   keepCommand `cmd:"" help:"Keep things"`
		Kelp   struct{}    `cmd:"" help:"Grow"`
		Secret struct{}    `cmd:"" hidden:"" help:"Hide"`
	}
	parser, err := kong.New(&c, kong.Name("git x"), kong.NoDefaultHelp())
	if err != nil {
		t.Fatal(err)
	}
	return Program{Name: "git x", Overview: "It keeps.", Model: parser.Model, Synonyms: map[string]string{"hold": "keep"}}, parser
}

func TestHelp(t *testing.T) {
	p, _ := testProgram(t)
	want := "usage: git x <command> [<options>]\n\nIt keeps.\n\nThe commands are\n\n    keep        Keep things\n    kelp        Grow\n\nFor help on a command: git x help <command>\n"
	if got := p.Help(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got, err := p.HelpOn("keep")
	for _, want := range []string{
		"usage: git x keep [<options>] WHAT...\n\n    Keep things.\n\nTwo options:\n",
		"\n    WHAT                  what to keep\n",
		"\n    -t, --tag TAG         a word for it that is long enough to need a second\n                          line in the help\n    --all                 everything\n",
	} {
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("got %q, %v, want %q in it", got, err, want)
		}
	}
}

func TestExplain(t *testing.T) {
	p, parser := testProgram(t)
	for _, test := range []struct{ args, want, meant string }{
		{"keep", "WHAT is missing", ""},
		{"keep a --tg=x", `there is no option "--tg", did you mean "--tag"?`, ""},
		{"keep a --tag", "--tag needs a value", ""},
		{"keep a --all=perhaps", "--all takes no value", ""},
		{"kelp a", `"a" is one argument too many`, ""},
		{"keep a --tag b -t c", "--tag was given twice, but has one value", ""},
		{"HOLD", `there is no command "HOLD"`, "git x keep"},
		{"kel", `there is no command "kel"`, "git x kelp"},
		{"ke", `there is no command "ke"`, "git x keep, git x kelp"},
		{"secre", `there is no command "secre"`, ""},
	} {
		parsed, err := parser.Parse(strings.Fields(test.args))
		if err == nil {
			err = CheckRepeated(parsed)
		}
		err = p.Explain(err)
		var noCommand *NoCommandError
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", test.args, err, test.want)
		} else if errors.As(err, &noCommand) && strings.Join(noCommand.Meant, ", ") != test.meant {
			t.Errorf("%s: got %q, want %q", test.args, noCommand.Meant, test.meant)
		}
	}
}

func TestAsksForHelp(t *testing.T) {
	for _, test := range []struct {
		args, command string
		ok            bool
	}{
		{"", "", true}, {"-h", "", true}, {"keep a --help", "keep", true}, {"-x keep -h", "keep", true},
		{"keep", "keep", false}, {"keep -- -h", "keep", false},
	} {
		if command, ok := AsksForHelp(strings.Fields(test.args)); command != test.command || ok != test.ok {
			t.Errorf("%q: got %q, %v, want %q, %v", test.args, command, ok, test.command, test.ok)
		}
	}
}

func TestPage(t *testing.T) {
	p, _ := testProgram(t)
	page := NewPage("git-x", "1.0", "keep things")
	page.Section("COMMANDS", "")
	page.Commands(p)
	page.Paragraph(".so what\\n it is")
	want := []string{
		`.TH "GIT\-X" "1" "" "git\-x 1.0" "Git Manual"`, `.ad l`, `.nh`, `.SH "NAME"`, `git\-x \- keep things`, `.SH "COMMANDS"`,
		`.SS "git x keep [<options>] WHAT..."`, `Keep things.`, `.PP`, `Two options:`,
		`.TP`, `\fB\-\-one\fR`, `first and more`, `.TP`, `\fB\-\-two\fR`, `second`,
		`.PP`, `.RS 4`, `.nf`, `git\-x keep a`, `.fi`, `.RE`,
		`.TP`, `\fBWHAT\fR`, `what to keep`,
		`.TP`, `\fB\-t, \-\-tag TAG\fR`, `a word for it that is long enough to need a second line in the help`,
		`.TP`, `\fB\-\-all\fR`, `everything`,
		`.SS "git x kelp"`, `Grow.`,
		`.PP`, `\&.so what\en it is`, ``,
	}
	if got := strings.Split(page.String(), "\n"); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
