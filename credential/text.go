package credential

// Functions that make a text safe to show to people.

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Visible escapes, as package strconv does, everything that a terminal does not
// show or that changes how other text is shown: control characters, including
// newlines; format characters, such as those that reverse the text direction;
// and invalid UTF-8. Both programs call it for every message when they write
// it, so other code does not have to.
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
		if s[i] < ' ' || s[i] > '~' { // not printable ASCII, which most texts are
			return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) })
		}
	}
	return true
}

// ShellWord quotes a text as one word for a shell, in a command that people can
// paste. Unprintable characters are escaped as in Quote.
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

// Quote returns a text from another program or person as a quoted ASCII string.
// It escapes everything else and cuts off long texts.
func Quote(s string) string {
	const most = 200 // bytes
	if len(s) > most {
		s = s[:most] + "..."
	}
	return fmt.Sprintf("%+q", s)
}

// MaskTokens replaces every GitHub token in a message by its prefix and ***.
// The message may quote another program's error, for example. This is a second
// line of defense: no token should get there, because a Secret does not print.
// Only complete tokens are masked, because a name may begin like a token. Do
// not use it for data or for commands that people paste: they must not change.
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

// tokenForms lists the formats of GitHub's tokens. length returns how many
// bytes at the start of a text can follow the prefix, or 0 if it does not
// match.
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

// alphanumerics matches the random part of a token and its checksum.
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

// span returns how many bytes at the start of a text satisfy is.
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
