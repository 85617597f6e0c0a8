package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
)

// manCommand prints the manual pages for make install, from what the programs
// say of themselves for --help.
type manCommand struct {
	Page string `arg:"" help:"git-pat, or git-credential-pat with what it prints for --help on standard input"`
}

func (c *manCommand) Run(t *term.Terminal, model *kong.Application) error {
	var p manual
	switch c.Page {
	case "git-pat":
		p.gitPat(model)
	case "git-credential-pat":
		usage, err := io.ReadAll(t.In)
		if err != nil {
			return err
		}
		p.helper(string(usage))
	default:
		return &hintError{text: fmt.Sprintf("there is no manual page %s", quote(c.Page)), status: exitUsage}
	}
	return t.Text(p.String())
}

// A manual is a page in the language of man(7).
type manual struct{ strings.Builder }

func (p *manual) gitPat(model *kong.Application) {
	p.title("git-pat", "keep GitHub tokens for Git, one for each owner or repository")
	p.section("SYNOPSIS")
	p.body("git pat COMMAND [OPTIONS]")
	p.section("DESCRIPTION")
	p.body(overview)
	p.section("COMMANDS")
	for _, node := range model.Children {
		if node.Hidden {
			continue
		}
		p.macro("SS", usage(node))
		p.body(node.Help + ".\n\n" + node.Detail)
		for _, arg := range node.Positional {
			p.item(strings.ToUpper(arg.Name), arg.Help)
		}
		for _, flag := range ownFlags(node) {
			p.item(flagText(flag), flag.Help)
		}
	}
	p.section("EXIT STATUS")
	p.item("0", "what was asked is done")
	p.item("1", "it could not be")
	p.item("2", "wrong usage")
	p.macro("PP")
	p.fill("After git pat exec it is that of the command.")
	p.files()
	p.item("NO_COLOR", "if it is set, nothing has a colour")
	p.section("SEE ALSO")
	p.body("git-credential-pat(1), git-credential(1), gitcredentials(7), git-config(1)")
}

// helper makes the page of git-credential-pat from what it prints for --help.
func (p *manual) helper(text string) {
	synopsis, description, _ := strings.Cut(text, "\n\n")
	p.title("git-credential-pat", "Git credential helper that picks the right GitHub token for each repository")
	p.section("SYNOPSIS")
	p.body(strings.Join(strings.Fields(strings.TrimPrefix(synopsis, "usage: ")), " "))
	p.section("DESCRIPTION")
	p.body(description)
	p.section("EXIT STATUS")
	p.item("0", "success, even if there is no answer")
	p.item("1", "an error")
	p.item("2", "wrong usage")
	p.files()
	p.item("GIT_TERMINAL_PROMPT", "if it is 0, the helper does not wait for a person to unlock a keyring")
	p.section("SEE ALSO")
	p.body("git-pat(1), git-credential(1), gitcredentials(7)")
}

// files is what the two programs have in common. The section on the
// environment is the last, and may go on.
func (p *manual) files() {
	p.section("FILES")
	p.item("~/.local/share/git-pat", "what each token is for, in small files without secrets, and the secrets of the store "+
		"called file; on macOS in ~/Library/Application Support/git-pat, on Windows in %LocalAppData%\\git-pat")
	p.section("ENVIRONMENT")
	p.item("GIT_PAT_DIR", "the folder for these files, instead")
	p.item("XDG_DATA_HOME", "the folder that has git-pat, instead of ~/.local/share")
}

func (p *manual) title(name, what string) {
	// Without a date: it would be that of the build.
	p.macro("TH", strings.ToUpper(name), "1", "", name+" "+versionText(), "Git Manual")
	p.WriteString(".ad l\n.nh\n") // words stay as they are: they may be commands
	p.section("NAME")
	p.body(name + " - " + what)
}

func (p *manual) section(name string) { p.macro("SH", name) }

func (p *manual) macro(name string, args ...string) {
	p.WriteString("." + name)
	for _, arg := range args {
		p.WriteString(` "` + strings.ReplaceAll(roff(arg), `"`, `\(dq`) + `"`)
	}
	p.WriteString("\n")
}

// item is a word with what it means.
func (p *manual) item(word, meaning string) {
	p.macro("TP")
	p.WriteString(`\fB` + roff(word) + "\\fR\n")
	p.fill(meaning)
}

// fill writes text that is to be filled, in lines of a size that one can read.
func (p *manual) fill(text string) {
	const width = 76
	line := ""
	for word := range strings.FieldsSeq(roff(text)) {
		if line != "" && len(line)+1+len(word) > width {
			p.line(line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	p.line(line)
}

// line writes a line of text, which is no request also where it begins with
// the character of one.
func (p *manual) line(text string) {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	p.WriteString(text + "\n")
}

// body has paragraphs of text as they are in the help. What is indented stays
// as it is, but for a list of options.
func (p *manual) body(text string) {
	for i, block := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		indent := len(block) - len(strings.TrimLeft(block, " "))
		switch {
		case indent > 0 && strings.HasPrefix(block[indent:], "--"):
			p.options(block, indent)
			continue
		case i > 0:
			p.macro("PP")
		}
		if indent == 0 {
			p.fill(block)
			continue
		}
		p.WriteString(".RS 4\n.nf\n")
		for line := range strings.Lines(block) {
			p.line(roff(strings.TrimRight(line[min(indent, len(line)):], "\n")))
		}
		p.WriteString(".fi\n.RE\n")
	}
}

// options has a list of options, each with its meaning in a second column,
// which may go on in the next line.
func (p *manual) options(block string, indent int) {
	word, meaning := "", ""
	for line := range strings.Lines(block) {
		w, m, ok := strings.Cut(line[min(indent, len(line)):], "  ")
		if !ok || w == "" {
			meaning += " " + line
			continue
		}
		if word != "" {
			p.item(word, meaning)
		}
		word, meaning = w, m
	}
	p.item(word, meaning)
}

// roff returns a text as troff has to be given it, with hyphens that can be
// pasted into a command.
func roff(text string) string { return strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text) }
