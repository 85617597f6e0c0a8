package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type addCommand struct {
	Target    []string          `arg:"" help:"what the token is for"`
	Name      string            `placeholder:"NAME" help:"what to call it, if there are several of one target; else its login or kind"`
	Username  string            `placeholder:"LOGIN" help:"whose token it is"`
	Expires   string            `placeholder:"DATE" help:"the last day on which it works, as in 2027-01-31, or the time in RFC 3339"`
	Store     string            `placeholder:"STORE" help:"where to keep it: keyring, file, git:HELPER or env:VARIABLE; else the keyring where there is one, or a file"`
	Access    credential.Access `placeholder:"ACCESS" help:"what it is for: read, to fetch only, or write; see git pat help setup"`
	WithToken bool              `help:"read the token from standard input, one line, and ask nothing"`
	Offline   bool              `help:"connect to nothing"`
	pageFlags
}

func (addCommand) Help() string {
	return `TARGET is what the token is for:

    OWNER, OWNER/REPO                      on github.com
    HOST, HOST/OWNER, HOST/OWNER/REPO      on any host: ghes.example.com/acme
    https://HOST/..., git@HOST:OWNER/REPO  a URL of those

Several repositories of one owner may be named for a token that has just
these selected.

GitHub's page for a new token is shown, and opened if there is a browser. Then
the token is asked for on the terminal, where it does not show, and GitHub is
asked whether it is good. With --with-token there is no page, and GitHub is
not asked: git pat verify does that.

A token of the same target and name has its secret replaced.

    git pat add acme --expires 2027-01-31
    git pat add acme/widgets acme/gadgets --name ci
    pbpaste | git pat add github.com --with-token

STORE is the system's keyring, a plain file that only you can read, another
Git credential helper such as 'git:cache --timeout=3600', or a variable of
the environment, which is read each time and never written.`
}

func (c *addCommand) Run(a *app) error {
	target, err := parseTargets(c.Target)
	if err != nil {
		return err
	}
	tree, err := a.tree()
	if err != nil {
		return err
	}
	record := credential.Record{
		Target:   target,
		Name:     strings.TrimSpace(c.Name),
		Username: strings.TrimSpace(c.Username),
		Store:    c.Store,
		Access:   c.Access,
		Added:    a.now.UTC(),
	}
	if err := checkWords(record); err != nil {
		return err
	}
	if record.Expires, err = parseExpiry(c.Expires); err != nil {
		return err
	}
	if record.Store != "" {
		if _, err := a.open(tree, record.Store); err != nil {
			return &hintError{text: err.Error(), status: exitUsage}
		}
	}
	asked := !c.WithToken && !store.ReadOnly(record.Store)
	if asked {
		if err := a.probe(tree, record.Store); err != nil {
			return err
		}
		if err := a.showPage(record, c.pageFlags, c.Offline); err != nil {
			return err
		}
	}
	secret, err := c.secret(a, record, "git pat add")
	if err != nil {
		return err
	}
	if err := describe(&record, secret); err != nil {
		return err
	}
	var v verdict
	if asked && !c.Offline && record.Kind.IsGitHub() {
		v = a.checkPasted(&record, secret)
	}
	kept, err := c.keep(a, tree, record, secret, v)
	if err != nil {
		return err
	}
	record = kept.record
	verb, what := "added", record.Kind.String()+" token"
	if kept.replaced {
		verb = "replaced"
	}
	if record.Kind == credential.Other {
		what = "password or token"
	}
	a.ui.say("%s the %s %s for %s, in the store %s", verb, what, called(record, secret), record.Target, quote(record.Store))
	switch {
	case kept.chosen && record.Store == "file":
		a.ui.say("there is no keyring here, so it is in a plain file that only you can read, in %s", tree.Dir())
	case c.WithToken && store.ReadOnly(record.Store):
		a.ui.say("what was given is not kept: %s is read each time", strings.TrimPrefix(record.Store, "env:"))
	}
	if v.Result != "" {
		a.afterCheck(record, v)
	}
	return a.afterAdd(tree, record, secret)
}

// An addition is what came of adding a token.
type addition struct {
	record   credential.Record
	replaced bool // there was a token of its target and name
	chosen   bool // nobody said which store
}

// keep keeps a token. It looks at what is there already under the lock, so that
// it does not undo what another program does meanwhile. A token that GitHub does
// not take is kept too, but set aside: GitHub shows a token only once, and has
// been wrong.
func (c *addCommand) keep(a *app, tree *record.Tree, r credential.Record, secret credential.Secret, v verdict) (addition, error) {
	var none addition
	// A keyring may have to be unlocked, which the lock is not to wait for.
	ahead, _, err := c.complete(a, tree, r, v)
	if err != nil {
		return none, err
	}
	usual := ""
	if ahead.Store == "" {
		usual = store.Default(a.ctx, a.storeOptions())
	}
	a.wake(tree, ahead.Store)

	unlock, err := tree.Lock(a.ctx)
	if err != nil {
		return none, err
	}
	defer unlock()
	r, old, err := c.complete(a, tree, r, v)
	if err != nil {
		return none, err
	}
	chosen := r.Store == ""
	if chosen && usual == "" { // what was there is gone
		usual = store.Default(a.ctx, a.storeOptions())
	}
	if chosen {
		r.Store = usual
	}
	if err := a.keep(tree, old, r, secret); err != nil {
		return none, err
	}
	if v.Result == github.ResultRefused {
		if err := tree.SetAside(record.Key(r), credential.Refused(r.Host, a.now)); err != nil {
			return none, err
		}
	}
	return addition{r, old != nil, chosen}, nil
}

// complete completes a record by what is there, and returns the record whose
// place it takes, or nil. Where nothing says which store, that stays empty.
func (c *addCommand) complete(a *app, tree *record.Tree, r credential.Record, v verdict) (credential.Record, *credential.Candidate, error) {
	var err error
	switch {
	case r.Name != "":
	case c.Username != "":
		r.Name = record.DefaultName(r)
	default:
		if r.Name, err = defaultName(tree, r); err != nil {
			return r, nil, err
		}
	}
	old, err := tree.Find(record.Key(r))
	var file *disk.FileError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return r, nil, nil
	case err != nil:
		return r, nil, err
	case errors.As(old.Damaged, &file) && file.Newer:
		return r, nil, old.Damaged
	case old.Damaged != nil:
		return r, &old, nil
	case v.Result == github.ResultRefused:
		return r, nil, a.refusedPaste(r, v, old.Name)
	case !old.Target.Equal(r.Target):
		return r, nil, &hintError{
			text: fmt.Sprintf("there is a token %s for %s already", quote(old.Name), old.Target),
			hint: "choose another name with --name",
		}
	}
	// What takes a token's place is the same person's, and kept where that one
	// is, unless it is said to be otherwise.
	if r.Store == "" && !store.ReadOnly(old.Store) {
		r.Store = old.Store
	}
	if r.Username == "" {
		r.Username = old.Username
	}
	if r.Access == "" {
		r.Access = old.Access
	}
	return r, &old, nil
}

// defaultName is what a token is called for which nobody chose a name or named
// a login: as the one of the same target that was called by its kind while
// nobody knew whose it was, else by the login that GitHub named, or its kind.
func defaultName(tree *record.Tree, r credential.Record) (string, error) {
	path := ""
	if len(r.Paths) > 0 {
		path = r.Paths[0]
	}
	candidates, err := tree.Lookup(r.Host, path)
	if err != nil {
		return "", err
	}
	for _, c := range candidates {
		same := c.Username == "" || credential.EqualFold(c.Username, r.Username)
		unnamed := record.DefaultName(credential.Record{Kind: r.Kind, Access: r.Access})
		if c.Target.Equal(r.Target) && c.Kind == r.Kind && c.Name == unnamed && same {
			return c.Name, nil
		}
	}
	return record.DefaultName(r), nil
}

// refusedPaste is the error for a token that GitHub does not take, where there
// is another one that it would replace.
func (a *app) refusedPaste(r credential.Record, v verdict, old string) error {
	return &hintError{text: fmt.Sprintf("%s does not take this token (%s), so the one there is, %s, stays", r.Host, v.What, quote(old))}
}

// afterCheck says what GitHub made of a token that was just kept.
func (a *app) afterCheck(r credential.Record, v verdict) {
	switch v.Result {
	case github.ResultGood:
		v.explain(r)
		if v.Login != "" {
			a.ui.say("%s takes it: it is of %s", r.Host, quote(v.Login))
		} else {
			a.ui.say("%s takes it", r.Host)
		}
		if !r.Expires.IsZero() && !r.Expired(a.now) {
			a.ui.say("it expires %s", inWords(r.Expires, a.now))
		}
		a.explainVerdict(v)
	case github.ResultRefused:
		a.ui.say("%s does not take it: %s; it is set aside and does not answer", r.Host, v.What)
		a.ui.hint("to try it again, or to put another one in its place:",
			"git pat verify "+shellWord(r.Target.Short()), onToken("git pat rotate", r))
	default:
		a.ui.say("whether %s takes it is not known: %s", r.Host, v.What)
	}
}

// called is a token's name and, to tell it by, its end.
func called(r credential.Record, secret credential.Secret) string {
	if tail := secret.Tail(); tail != "" {
		return fmt.Sprintf("%s (...%s)", quote(r.Name), tail)
	}
	return quote(r.Name)
}

// parseTargets reads one target, or several repositories of one owner.
func parseTargets(texts []string) (credential.Target, error) {
	var all credential.Target
	for i, text := range texts {
		target, err := credential.ParseTarget(text)
		if err != nil {
			return all, &hintError{text: err.Error(), status: exitUsage, hint: "what a target is:", commands: []string{"git pat help add"}}
		}
		if strings.HasSuffix(credential.WithoutPort(target.Host), ".") {
			return all, &hintError{text: fmt.Sprintf("%s ends in a dot, with which no token would answer", quote(target.Host)), status: exitUsage, hint: "leave the dot out"}
		}
		if i > 0 && (target.Host != all.Host || target.Owner() == "" || !strings.EqualFold(target.Owner(), all.Owner())) {
			return all, &hintError{text: "several targets must be repositories of one owner", status: exitUsage}
		}
		all.Host = target.Host
		all.Paths = append(all.Paths, target.Paths...)
	}
	return all, nil
}

func checkWords(r credential.Record) error {
	for what, word := range map[string]string{"name": r.Name, "username": r.Username} {
		bad := func(r rune) bool { return r < ' ' || r == 0x7f }
		if len(word) > 100 || strings.ContainsFunc(word, bad) || what == "username" && strings.ContainsAny(word, " /:@") {
			return &hintError{text: fmt.Sprintf("--%s cannot be %s", what, quote(word)), status: exitUsage}
		}
	}
	return nil
}

// parseExpiry reads a date, at whose end in the local time a token expires, or
// a time.
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
			text:   fmt.Sprintf("--expires cannot be %s", quote(text)),
			status: exitUsage,
			hint:   "write a date as in 2027-01-31, or a time as in 2027-01-31T12:00:00Z",
		}
	}
	return day.AddDate(0, 0, 1).Add(-time.Second).UTC(), nil
}

// maxToken is more than any token has, and less than any store takes.
const maxToken = 8 << 10 // bytes

// secret gets the token from where it is to come from. For a store that is
// only read, that may be nowhere, and the secret is empty. The command is the
// one that takes it from standard input instead.
func (c *addCommand) secret(a *app, r credential.Record, command string) (credential.Secret, error) {
	var text string
	switch {
	case c.WithToken:
		in, err := io.ReadAll(io.LimitReader(bufio.NewReader(a.ui.in), maxToken+1))
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
		text, err = a.ui.askSecret(fmt.Sprintf("Token for %s (it does not show): ", r.Target))
		if err == errNoTerminal {
			return credential.Secret{}, &hintError{
				text:     "there is no terminal to ask for the token at",
				hint:     "give it on standard input:",
				commands: []string{command + " " + shellWord(r.Target.Short()) + " --with-token"},
			}
		}
		if err != nil {
			return credential.Secret{}, err
		}
		// A terminal may put these around what is pasted.
		text = strings.NewReplacer("\x1b[200~", "", "\x1b[201~", "").Replace(text)
	}
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return credential.Secret{}, &hintError{text: "there was no token, so nothing is changed"}
	case len(text) > maxToken:
		return credential.Secret{}, &hintError{text: fmt.Sprintf("that is longer than %d bytes and no token, so nothing is changed", maxToken)}
	case strings.Contains(text, "\n"):
		return credential.Secret{}, &hintError{text: "that is more than one line, so nothing is changed", hint: "give the token alone"}
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return credential.Secret{}, &hintError{text: "that holds control characters and is no token, so nothing is changed"}
	}
	return credential.NewSecret(text), nil
}
