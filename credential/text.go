package credential

// Functions that make a text safe to show to people.

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// Visible escapes, as package strconv does, everything that a terminal does not
// show or that changes how other text is shown: control characters, including
// newlines; format characters, such as those that reverse the text direction;
// and invalid UTF-8. Both programs call it for every message when they write
// it, so other code does not have to.
func Visible(s string) string {
	quoted := strconv.Quote(s)
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(quoted[1 : len(quoted)-1])
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

// MaskTokens replaces every complete token in a message by its prefix and ***.
// The message may quote another program's error, for example. This is a second
// line of defense: no token should get there, because a Secret does not print. Do
// not use it for data or for commands that people paste: they must not change.
func MaskTokens(s string) string { return forge.Mask(s) }
