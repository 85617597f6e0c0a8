package main

// What people give to the commands that add and replace tokens.

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// checkWords returns an error for a name or login that cannot be recorded.
func checkWords(r credential.Record) error {
	for what, word := range map[string]string{"name": r.Name, "username": r.Username} {
		if credential.MaskTokens(word) != word {
			return &tokens.SecretError{Kind: credential.KindOf(credential.NewSecret(word), r.Host)}
		}
		bad := func(r rune) bool { return !unicode.IsPrint(r) }
		if !utf8.ValidString(word) || len(word) > 100 || strings.ContainsFunc(word, bad) || what == "username" && strings.ContainsAny(word, " /:@") {
			return &hintError{text: fmt.Sprintf("%s cannot be used as --%s", quote(word), what), status: exitUsage}
		}
	}
	return nil
}

// parseExpiry reads a number of days, a time, or a date that stands for the last
// second of that day in the local time. It must be in the future.
func parseExpiry(text string, now time.Time) (time.Time, error) {
	var expires time.Time
	days, isDays := strings.CutSuffix(text, "d")
	n, err := strconv.Atoi(days)
	switch {
	case text == "":
		return expires, nil
	case isDays && err == nil && 0 < n && n < 10000:
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
		return time.Time{}, &hintError{
			text:   fmt.Sprintf("%s is not a date, a time or a number of days for --expires", quote(text)),
			status: exitUsage,
			hint:   "write a date as 2027-01-31, days as 90d, or a time as 2027-01-31T12:00:00Z",
		}
	case !expires.After(now):
		return time.Time{}, &hintError{
			text:   fmt.Sprintf("%s is in the past, and a token that expired does not answer", quote(text)),
			status: exitUsage,
			hint:   "write the last day on which the token works",
		}
	}
	return expires, nil
}

// askLogin asks for the login that belongs to a password or to a token of another
// forge. Some servers need none.
func askLogin(t *term.Terminal, r *credential.Record) error {
	question := fmt.Sprintf("Login for %s (empty if it needs none): ", r.Host)
	switch {
	case r.Username != "" || r.Kind == credential.Other && r.IsToken() || !r.Kind.NeedsUserName():
		return nil
	case r.Kind == forge.GitLabDeploy:
		question = "User name that GitLab showed with the deploy token: "
	}
	login, err := t.Ask(question)
	if err != nil {
		return err
	}
	r.Username = login
	return checkWords(*r)
}

// maxToken is longer than any token, and shorter than what every store accepts.
const maxToken = 8 << 10 // bytes

// pastes is how often a person may paste a token whose checksum is wrong.
const pastes = 3

// readToken reads a token from standard input, from the variable of a read-only
// store, or from the terminal. It is empty if the variable is not set. The command
// is the one to name if there is no terminal.
func readToken(t *term.Terminal, r credential.Record, fromInput bool, command string) (credential.Secret, error) {
	for n := 1; ; n++ {
		secret, err := readOnce(t, r, fromInput, command)
		if err != nil || github.ChecksumOf(secret) != github.ChecksumBad || !fromInput && store.ReadOnly(r.Store) {
			return secret, err
		}
		const wrong = "the checksum of this token is wrong, so it is mistyped or incomplete"
		if fromInput || n == pastes {
			return secret, &hintError{text: wrong + "; nothing was changed", hint: "copy the whole token again"}
		}
		t.Say(wrong + "; copy the whole token and paste it again")
	}
}

// readOnce is readToken for a token with any checksum.
func readOnce(t *term.Terminal, r credential.Record, fromInput bool, command string) (credential.Secret, error) {
	severalLines := &hintError{text: "that is more than one line; nothing was changed", hint: "paste only the token"}
	var text string
	switch {
	case fromInput:
		in, err := io.ReadAll(io.LimitReader(bufio.NewReader(t.In), maxToken+1))
		if err != nil {
			return credential.Secret{}, err
		}
		text = string(in)
	case store.ReadOnly(r.Store):
		text = os.Getenv(strings.TrimPrefix(r.Store, "env:"))
		if text == "" {
			return credential.Secret{}, nil
		}
	default:
		var err error
		text, err = t.AskSecret(fmt.Sprintf("Token for %s (it is not shown): ", r.Target))
		if err == term.ErrNoTerminal {
			return credential.Secret{}, &hintError{
				text:     "there is no terminal to ask for the token at",
				hint:     "pipe the token into this command:",
				commands: []string{command + " " + shellWord(r.Target.Short()) + " --with-token"},
			}
		}
		if err == term.ErrSeveralLines {
			return credential.Secret{}, severalLines
		}
		if err != nil {
			return credential.Secret{}, err
		}
	}
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return credential.Secret{}, &hintError{text: "no token was given; nothing was changed"}
	case len(text) > maxToken:
		return credential.Secret{}, &hintError{text: fmt.Sprintf("that is longer than %d bytes, so it is not a token; nothing was changed", maxToken)}
	case strings.Contains(text, "\n"):
		return credential.Secret{}, severalLines
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return credential.Secret{}, &hintError{text: "that has control characters, so it is not a token; nothing was changed"}
	}
	return credential.NewSecret(text), nil
}
