package credential

// What makes a text fit to be shown to people.

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Visible escapes what would not show on a terminal, or would change what
// shows: each control character, newlines among them, each format character
// such as those that turn the direction of text around, and what is not UTF-8.
// Escapes are those of package strconv. Both programs pass all that they say
// through it where they write it, so that no caller has to think of it.
func Visible(s string) string {
	if isVisible(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		s = s[size:]
	}
	return b.String()
}

func isVisible(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' { // not plain ASCII, which most texts are
			return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) })
		}
	}
	return true
}

// ShellWord makes a text one word of a shell's command line, to be shown and
// pasted. Characters that would not show are escaped as Quote does.
func ShellWord(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@%+=:,/{}"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !strconv.IsPrint(r) }) {
		s = strings.Trim(Quote(s), `"`)
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Quote makes a text from outside fit for a terminal: control characters and
// what is not ASCII are escaped, and what is very long is cut.
func Quote(s string) string {
	const most = 200 // bytes
	if len(s) > most {
		s = s[:most] + "..."
	}
	return fmt.Sprintf("%+q", s)
}

// MaskTokens masks each token of GitHub's in a sentence, such as an error that
// quotes what another program said. It is a last net: a Secret does not print,
// so that no token should get there. Only a word with the whole form of a token
// is masked, since names may begin like one. What is data, or a command to be
// pasted, has to stay as it is and is never masked.
func MaskTokens(s string) string {
	for _, form := range tokenForms {
		for from := 0; ; {
			i := strings.Index(s[from:], form.prefix)
			if i < 0 {
				break
			}
			start := from + i
			body := start + len(form.prefix)
			from = body
			n := form.length(s[body:])
			if n > 0 && !endsInWord(s[:start]) && !beginsWithWord(s[body+n:]) {
				s = s[:body] + masked + s[body+n:]
			}
		}
	}
	return s
}

// tokenForms are the forms of GitHub's tokens, and how many bytes of a text
// have the form of what follows the prefix; 0 if none.
var tokenForms = []struct {
	prefix string
	length func(string) int
}{
	{"github_pat_", fineGrainedLength},
	{"ghp_", alphanumerics},
	{"gho_", alphanumerics},
	{"ghu_", alphanumerics},
	{"ghr_", alphanumerics},
	{"ghs_", func(s string) int {
		return atLeast(36, span(s, func(c byte) bool { return isAlphanumeric(c) || c == '.' || c == '_' || c == '-' }))
	}},
}

// alphanumerics is the form of what is random in a token and its checksum.
func alphanumerics(s string) int { return atLeast(36, span(s, isAlphanumeric)) }

func fineGrainedLength(s string) int {
	const first, second = 22, 59
	if span(s, isAlphanumeric) != first || !strings.HasPrefix(s[first:], "_") || span(s[first+1:], isAlphanumeric) != second {
		return 0
	}
	return first + len("_") + second
}

func atLeast(least, n int) int {
	if n < least {
		return 0
	}
	return n
}

// span returns how many bytes at the start of a text are of a kind.
func span(s string, is func(byte) bool) int {
	n := 0
	for n < len(s) && is(s[n]) {
		n++
	}
	return n
}

func isWord(c byte) bool { return isAlphanumeric(c) || c == '_' }

func endsInWord(s string) bool { return s != "" && isWord(s[len(s)-1]) }

func beginsWithWord(s string) bool { return s != "" && isWord(s[0]) }
