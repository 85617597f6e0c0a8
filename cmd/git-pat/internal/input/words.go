package input

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// maxWord is longer than the logins that forges allow.
const maxWord = 100 // bytes

// A WordError says that a word cannot be the value of an option.
type WordError struct{ Word, Option string }

func (e *WordError) Error() string {
	return fmt.Sprintf("%s cannot be used as %s", credential.Quote(e.Word), e.Option)
}

// CheckWords checks the name and the login in a record. The error is a *WordError or
// a *SecretError.
func CheckWords(r credential.Record) error {
	for _, given := range []WordError{{r.Name, "--name"}, {r.Username, "--username"}} {
		word := given.Word
		if credential.MaskTokens(word) != word {
			return &SecretError{credential.KindOf(credential.NewSecret(word), r.Host)}
		}
		bad := func(r rune) bool { return !unicode.IsPrint(r) }
		inLogin := given.Option == "--username" && strings.ContainsAny(word, " /:@")
		if !utf8.ValidString(word) || len(word) > maxWord || strings.ContainsFunc(word, bad) || inLogin {
			return &given
		}
	}
	return nil
}

// An ExpiryError says that a text cannot be the value of an option for a time.
type ExpiryError struct {
	Text   string
	Option string // such as --expires
	Past   bool   // it is a time in the past
}

func (e *ExpiryError) Error() string {
	if e.Past {
		return credential.Quote(e.Text) + " is in the past, and a token that expired does not answer"
	}
	return credential.Quote(e.Text) + " is not a date, a time or a number of days for " + e.Option
}

// maxDays is longer than the lifetime of any token.
const maxDays = 10000

// ParseExpiry reads the value of --expires, as ParseTime does.
func ParseExpiry(text string, now time.Time) (time.Time, error) {
	return ParseTime(text, "--expires", now)
}

// ParseTime reads the value of an option: a number of days, a time in RFC 3339, or a
// date, which means the last second of that day in the local time. The empty text is
// the zero time. The error is an *ExpiryError that names the option.
func ParseTime(text, option string, now time.Time) (time.Time, error) {
	var expires time.Time
	days, isDays := strings.CutSuffix(text, "d")
	n, err := strconv.Atoi(days)
	switch {
	case text == "":
		return expires, nil
	case isDays && err == nil && 0 < n && n < maxDays:
		expires = now.AddDate(0, 0, n).Truncate(time.Second)
	default:
		if expires, err = time.Parse(time.RFC3339, text); err == nil {
			break
		}
		var day time.Time
		if day, err = time.ParseInLocation(time.DateOnly, text, time.Local); err == nil {
			expires = day.AddDate(0, 0, 1).Add(-time.Second)
		}
	}
	expires = expires.UTC()
	switch {
	case err != nil || expires.Year() < 1 || expires.Year() > 9999:
		return time.Time{}, &ExpiryError{Text: text, Option: option}
	case !expires.After(now):
		return time.Time{}, &ExpiryError{Text: text, Option: option, Past: true}
	}
	return expires, nil
}
