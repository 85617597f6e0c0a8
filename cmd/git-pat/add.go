package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type addCommand struct {
	Target    []string          `arg:"" help:"the target of the token"`
	Name      string            `placeholder:"NAME" help:"a name for the token, if the target has several; default: its login or kind"`
	Username  string            `placeholder:"LOGIN" help:"the login of the owner of the token"`
	Expires   string            `placeholder:"DATE" help:"the last day on which it works, as in 2027-01-31, or a time in RFC 3339"`
	Store     string            `placeholder:"STORE" help:"where to keep it: keyring, file, git:HELPER or env:VARIABLE; default: the keyring if there is one, else a file"`
	Access    credential.Access `placeholder:"ACCESS" help:"read (to fetch only) or write; see git pat help setup"`
	WithToken bool              `help:"read the token from standard input, as one line, and ask nothing"`
	Offline   bool              `help:"connect to nothing"`
	pageFlags
}

func (addCommand) Help() string {
	return `TARGET is one of these:

    OWNER, OWNER/REPO                      on github.com
    HOST, HOST/OWNER, HOST/OWNER/REPO      on any host: ghes.example.com/acme
    https://HOST/..., git@HOST:OWNER/REPO  a URL of one of these

For a token with several selected repositories of one owner, name them all.

git pat add shows the page of GitHub for a new token, and opens it if there is a
browser. Then it asks for the token on the terminal, without showing it, and
asks GitHub whether the token is valid. With --with-token it shows no page and
does not ask GitHub; git pat verify does.

If there is a token with the same target and name, its secret is replaced.

    git pat add acme --expires 2027-01-31
    git pat add acme/widgets acme/gadgets --name ci
    pbpaste | git pat add github.com --with-token

STORE is the keyring of the system, a plain file that only you can read,
another Git credential helper such as 'git:cache --timeout=3600', or a
variable of the environment, which is read each time and never written.`
}

func (c *addCommand) Run(ctx context.Context, t *term.Terminal, kept *tokens.Tokens, r *resolve.Resolver, reader *remotes.Reader) error {
	target, err := tokens.ParseTargets(c.Target)
	if err != nil {
		return err
	}
	wanted := credential.Record{
		Target:   target,
		Name:     strings.TrimSpace(c.Name),
		Username: strings.TrimSpace(c.Username),
		Store:    c.Store,
		Access:   c.Access,
		Added:    kept.Now.UTC(),
	}
	if err := checkWords(wanted); err != nil {
		return err
	}
	if wanted.Expires, err = parseExpiry(c.Expires); err != nil {
		return err
	}
	if wanted.Store != "" {
		if _, err := kept.Open(wanted.Store); err != nil {
			return &hintError{text: err.Error(), status: exitUsage}
		}
	}
	asked := !c.WithToken && !store.ReadOnly(wanted.Store)
	if asked {
		if err := probe(ctx, kept, wanted.Store); err != nil {
			return err
		}
		if err := showPage(t, wanted, c.pageFlags, c.Offline); err != nil {
			return err
		}
	}
	secret, err := readToken(t, wanted, c.WithToken, "git pat add")
	if err != nil {
		return err
	}
	if err := describe(&wanted, secret); err != nil {
		return err
	}
	if wanted.Name == "" && wanted.Username != "" {
		wanted.Name = record.DefaultName(wanted)
	}
	var v verification
	if asked && !c.Offline && wanted.Kind.IsGitHub() {
		v = checkPasted(ctx, t, r, &wanted, secret)
	}
	added, err := kept.Add(ctx, wanted, secret, v.Result == github.ResultRefused)
	if err := c.failed(t, wanted, v, err); err != nil {
		return err
	}
	wanted = added.Record
	verb, what := "added", wanted.Kind.String()+" token"
	if added.Replaced {
		verb = "replaced"
	}
	if wanted.Kind == credential.Other {
		what = "password or token"
	}
	t.Say("%s the %s %s for %s, in the store %s", verb, what, called(wanted, secret), wanted.Target, quote(wanted.Store))
	switch {
	case added.Default && wanted.Store == "file":
		t.Say("this machine has no keyring, so the token is in a plain file that only you can read, in %s", kept.Tree.Dir())
	case c.WithToken && store.ReadOnly(wanted.Store):
		t.Say("the token that you gave is not kept: %s is read each time", strings.TrimPrefix(wanted.Store, "env:"))
	}
	if v.Result != "" {
		afterCheck(t, wanted, v, kept.Now)
	}
	return afterAdd(ctx, t, r, reader, wanted, secret)
}

// failed returns why a token was not added. A copy of the old token that stays in
// its store is only said.
func (c *addCommand) failed(t *term.Terminal, r credential.Record, v verification, err error) error {
	var copied *tokens.CopyError
	var exists *tokens.ExistsError
	switch {
	case errors.As(err, &copied):
		exit(t, err)
		return nil
	case errors.As(err, &exists) && v.Result == github.ResultRefused:
		return &hintError{text: fmt.Sprintf("%s rejects this token (%s), so the old token %s stays", r.Host, v.What, quote(exists.Old.Name))}
	}
	return err
}

// checkPasted asks GitHub about a token that was just pasted, and completes its
// record.
func checkPasted(ctx context.Context, t *term.Terminal, r *resolve.Resolver, record *credential.Record, secret credential.Secret) verification {
	defer t.Waiting("asking " + record.Host)()
	v := newVerification(*record)
	v.inspect(ctx, r.Git, *record, secret, r.Tokens.Now)
	if v.Result == github.ResultGood {
		if record.Username == "" {
			record.Username = v.Login
		}
		record.Expires = v.Expires
	}
	return v
}

// afterCheck says what GitHub said about a token that was just kept.
func afterCheck(t *term.Terminal, r credential.Record, v verification, now time.Time) {
	switch v.Result {
	case github.ResultGood:
		v.explain(r)
		if v.Login != "" {
			t.Say("%s accepted the token; it belongs to %s", r.Host, quote(v.Login))
		} else {
			t.Say("%s accepted the token", r.Host)
		}
		if !r.Expires.IsZero() && !r.Expired(now) {
			t.Say("it expires %s", inWords(r.Expires, now))
		}
		v.say(t)
	case github.ResultRefused:
		t.Say("%s rejected the token: %s; it is set aside and does not answer", r.Host, v.What)
		t.Hint("to try it again, or to replace it:",
			"git pat verify "+shellWord(r.Target.Short()), onToken("git pat rotate", r))
	default:
		t.Say("it is not known whether %s accepts the token: %s", r.Host, v.What)
	}
}

// called returns the name of a token and the last characters of its secret.
func called(r credential.Record, secret credential.Secret) string {
	if tail := secret.Tail(); tail != "" {
		return fmt.Sprintf("%s (...%s)", quote(r.Name), tail)
	}
	return quote(r.Name)
}

// checkWords returns an error for a name or login that cannot be recorded.
func checkWords(r credential.Record) error {
	for what, word := range map[string]string{"name": r.Name, "username": r.Username} {
		bad := func(r rune) bool { return r < ' ' || r == 0x7f }
		if len(word) > 100 || strings.ContainsFunc(word, bad) || what == "username" && strings.ContainsAny(word, " /:@") {
			return &hintError{text: fmt.Sprintf("%s cannot be used as --%s", quote(word), what), status: exitUsage}
		}
	}
	return nil
}

// parseExpiry reads a time, or a date that stands for the last second of that day in
// the local time.
func parseExpiry(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if err != nil {
		return time.Time{}, &hintError{
			text:   fmt.Sprintf("%s is not a date or time for --expires", quote(text)),
			status: exitUsage,
			hint:   "write a date as 2027-01-31, or a time as 2027-01-31T12:00:00Z",
		}
	}
	return day.AddDate(0, 0, 1).Add(-time.Second).UTC(), nil
}

// maxToken is longer than any token, and shorter than what every store accepts.
const maxToken = 8 << 10 // bytes

// readToken reads a token from standard input, from the variable of a read-only
// store, or from the terminal. It is empty if the variable is not set. The command
// is the one to name if there is no terminal.
func readToken(t *term.Terminal, r credential.Record, fromInput bool, command string) (credential.Secret, error) {
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
