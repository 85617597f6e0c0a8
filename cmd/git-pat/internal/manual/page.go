package manual

import "strings"

// A Page is a page of the manual, in the language of man(7).
type Page struct{ text strings.Builder }

// NewPage returns a page on a program, which begins with its name.
func NewPage(name, version, what string) *Page {
	p := new(Page)
	// There is no date, because it would be the date of the build.
	p.macro("TH", strings.ToUpper(name), "1", "", name+" "+version, "Git Manual")
	p.text.WriteString(".ad l\n.nh\n") // no word is broken: it may be a command
	p.Section("NAME", name+" - "+what)
	return p
}

func (p *Page) String() string { return p.text.String() }

// Section begins a section. The paragraphs of its text are as in the help: an
// indented one stays as it is, unless it is a list of options.
func (p *Page) Section(name, text string) {
	p.macro("SH", name)
	if text != "" {
		p.body(text)
	}
}

// Item is a word with its meaning.
func (p *Page) Item(word, meaning string) {
	p.macro("TP")
	p.text.WriteString(`\fB` + roff(word) + "\\fR\n")
	p.fill(meaning)
}

// Paragraph begins a new paragraph after items.
func (p *Page) Paragraph(text string) {
	p.macro("PP")
	p.fill(text)
}

// Commands describes the commands of a program.
func (p *Page) Commands(program Program) {
	for _, node := range program.Commands() {
		p.macro("SS", program.Usage(node))
		p.body(node.Help + ".\n\n" + node.Detail)
		for _, arg := range node.Positional {
			p.Item(strings.ToUpper(arg.Name), arg.Help)
		}
		for _, flag := range Flags(node) {
			p.Item(flagText(flag), flag.Help)
		}
	}
}

func (p *Page) macro(name string, args ...string) {
	p.text.WriteString("." + name)
	for _, arg := range args {
		p.text.WriteString(` "` + strings.ReplaceAll(roff(arg), `"`, `\(dq`) + `"`)
	}
	p.text.WriteString("\n")
}

// fill writes text that troff fills, in lines that people can read.
func (p *Page) fill(text string) {
	for _, line := range filled(roff(text), 76) {
		p.line(line)
	}
}

// line writes a line of text. It is no request, even if it begins like one.
func (p *Page) line(text string) {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	p.text.WriteString(text + "\n")
}

func (p *Page) body(text string) {
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
		p.text.WriteString(".RS 4\n.nf\n")
		for line := range strings.Lines(block) {
			p.line(roff(strings.TrimRight(line[min(indent, len(line)):], "\n")))
		}
		p.text.WriteString(".fi\n.RE\n")
	}
}

// options writes a list of options. Each has its meaning in a second column, which
// may continue in the next line.
func (p *Page) options(block string, indent int) {
	word, meaning := "", ""
	for line := range strings.Lines(block) {
		w, m, ok := strings.Cut(line[min(indent, len(line)):], "  ")
		if !ok || w == "" {
			meaning += " " + line
			continue
		}
		if word != "" {
			p.Item(word, meaning)
		}
		word, meaning = w, m
	}
	p.Item(word, meaning)
}

// roff escapes a text for troff. People can paste its hyphens into a command.
func roff(text string) string { return strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text) }
