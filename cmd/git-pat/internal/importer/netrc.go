package importer

import (
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// ParseNetrc reads the entries of a netrc file as curl does, through which Git
// reads it. The words machine and default begin an entry; login, password and
// account belong to it, in any order and on any line. A value may be in quotes,
// with a backslash before a character to be taken literally. A macdef ends at
// the next empty line.
func ParseNetrc(data string) []*Item {
	n := &netrc{data: data}
	for {
		word, start, ok := n.keyword()
		if !ok {
			n.end()
			return n.items
		}
		if word == "machine" || word == "default" || n.now == nil {
			n.begin(start)
		}
		e := n.now
		switch word {
		case "machine":
			n.value(func(host string) { e.Host = host })
		case "default":
			e.malformed(Reason{Why: ForAnyHost})
		case "login":
			n.value(func(login string) { e.Login = login })
		case "password":
			n.value(func(password string) { e.Secret = credential.NewSecret(password) })
		case "account":
			n.value(func(string) {})
		case "macdef":
			n.skipMacro()
			e.malformed(Reason{Why: Macro})
		default:
			e.malformed(Reason{Why: UnknownWord})
		}
		n.now.spans = append(n.now.spans, [2]int{start, n.at})
	}
}

type netrc struct {
	data  string
	at    int
	now   *Item // nil before the first
	items []*Item
}

func (n *netrc) begin(start int) {
	n.end()
	n.now = &Item{line: 1 + strings.Count(n.data[:start], "\n")}
	n.items = append(n.items, n.now)
}

func (n *netrc) end() {
	if n.now != nil && n.now.Result == 0 && n.now.Host == "" {
		n.now.malformed(Reason{Why: NoMachine})
	}
}

const netrcBlanks = " \t\r\n"

// keyword returns the next word and where it begins. What follows a # is a
// comment.
func (n *netrc) keyword() (word string, start int, ok bool) {
	for {
		n.blanks()
		if n.at == len(n.data) || n.data[n.at] != '#' {
			break
		}
		n.skipTo("\n")
	}
	start = n.at
	word = n.plain()
	return word, start, word != ""
}

// value hands on the word after a keyword. Of an entry that is malformed
// nothing is.
func (n *netrc) value(set func(string)) {
	n.blanks()
	word, ok := n.quoted()
	switch {
	case !ok:
		n.now.malformed(Reason{Why: MissingWord})
	case n.now.Result == 0:
		set(word)
	}
}

func (n *netrc) quoted() (word string, ok bool) {
	if !strings.HasPrefix(n.data[n.at:], `"`) {
		word = n.plain()
		return word, word != ""
	}
	var b strings.Builder
	for i := n.at + 1; i < len(n.data) && n.data[i] != '\n'; i++ {
		switch c := n.data[i]; {
		case c == '"':
			n.at = i + 1
			return b.String(), true
		case c == '\\' && i+1 < len(n.data):
			i++
			b.WriteString(strings.NewReplacer("n", "\n", "r", "\r", "t", "\t").Replace(n.data[i : i+1]))
		default:
			b.WriteByte(c)
		}
	}
	n.skipTo("\n") // a quote that does not end
	return "", false
}

func (n *netrc) blanks() {
	for n.at < len(n.data) && strings.IndexByte(netrcBlanks, n.data[n.at]) >= 0 {
		n.at++
	}
}

func (n *netrc) plain() string {
	start := n.at
	for n.at < len(n.data) && strings.IndexByte(netrcBlanks, n.data[n.at]) < 0 {
		n.at++
	}
	return n.data[start:n.at]
}

// skipTo goes on to a text, or to the end.
func (n *netrc) skipTo(text string) {
	if i := strings.Index(n.data[n.at:], text); i >= 0 {
		n.at += i
	} else {
		n.at = len(n.data)
	}
}

// skipMacro goes on to the next empty line.
func (n *netrc) skipMacro() {
	for n.at < len(n.data) {
		n.skipTo("\n")
		rest, _ := strings.CutPrefix(n.data[n.at:], "\n")
		line, _, _ := strings.Cut(rest, "\n")
		if n.at = len(n.data) - len(rest); strings.TrimSpace(line) == "" {
			return
		}
	}
}
