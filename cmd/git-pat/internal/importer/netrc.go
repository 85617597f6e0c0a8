package importer

import (
	"regexp"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Each of these matches at the beginning of any text.
var (
	// A # where a keyword can stand begins a comment.
	netrcKeyword = regexp.MustCompile(`\A(?:[ \t\r\n]|#[^\n]*)*([^ \t\r\n]*)`)

	// A value is a text in quotes on one line, or a word. A text without its
	// closing quote is skipped.
	netrcValue = regexp.MustCompile(`\A[ \t\r\n]*(?:("(?:(?s:\\.)|[^"\\\n])*")|"[^\n]*|([^ \t\r\n]*))`)

	// A macro ends before the next empty line.
	netrcMacro = regexp.MustCompile(`\A[^\n]*(?:\n[^\n]*[^ \t\r\n][^\n]*)*\n?`)
)

// netrcEscapes are what a backslash means in a text in quotes.
var netrcEscapes = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", `\r`, "\r", `\t`, "\t", `\`, "", `"`, "")

// ParseNetrc reads the entries of a netrc file as curl does, which reads it for
// Git. The words machine and default begin an entry; login, password and account
// belong to it, in any order and on any line.
func ParseNetrc(data string) []*Item {
	var items []*Item
	var e *Item
	at := 0
	next := func(re *regexp.Regexp) []string {
		match := re.FindStringSubmatch(data[at:])
		at += len(match[0])
		return match
	}
	for {
		keyword := next(netrcKeyword)[1]
		start := at - len(keyword)
		if keyword == "" {
			break
		}
		if keyword == "machine" || keyword == "default" || e == nil {
			e = &Item{line: 1 + strings.Count(data[:start], "\n")}
			items = append(items, e)
		}
		switch keyword {
		case "machine", "login", "password", "account":
			value := next(netrcValue)
			e.setNetrc(keyword, value[1], value[2])
		case "default":
			e.malformed(ForAnyHost)
		case "macdef":
			next(netrcMacro)
			e.malformed(Macro)
		default:
			e.malformed(UnknownWord)
		}
		e.spans = append(e.spans, span{start, at})
	}
	for _, e := range items {
		if e.Result == 0 && e.Host == "" {
			e.malformed(NoMachine)
		}
	}
	return items
}

// setNetrc sets a field of an entry to a text in quotes, or to a word. A
// malformed entry stays as it is.
func (e *Item) setNetrc(keyword, quoted, word string) {
	value := word + netrcEscapes.Replace(quoted)
	switch {
	case word == "" && quoted == "":
		e.malformed(MissingWord)
	case e.Result != 0:
	case keyword == "machine":
		e.Host = value
	case keyword == "login":
		e.Login = value
	case keyword == "password":
		e.Secret = credential.NewSecret(value)
	}
}
