package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
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
			return &fault{text: err.Error(), status: exitUsage}
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

// keep keeps a token. What is decided by what is there already is decided
// under the lock, so that what another program does meanwhile is not undone. A
// token that GitHub does not take is kept all the same, set aside: it shows a
// token only once, and has been wrong.
func (c *addCommand) keep(a *app, tree *record.Tree, r credential.Record, secret credential.Secret, v verdict) (addition, error) {
	var none addition
	// A keyring may have to be unlocked, which the lock is not to wait for.
	ahead, _, err := c.complete(a, tree, r, v)
	if err != nil {
		return none, err
	}
	usual := ""
	if ahead.Store == "" {
		usual = store.Default(a.ctx, a.patience())
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
		usual = store.Default(a.ctx, a.patience())
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
		return r, nil, &fault{
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
	return &fault{text: fmt.Sprintf("%s does not take this token (%s), so the one there is, %s, stays", r.Host, v.What, quote(old))}
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

// probe makes sure that a store, or the one that would be chosen, can be used,
// before somebody makes a token that GitHub shows only once.
func (a *app) probe(tree *record.Tree, name string) error {
	chosen := name != ""
	if !chosen {
		name = "keyring"
	}
	trouble, err := a.trouble(tree, name)
	if err == nil && trouble != nil && (chosen || !trouble.Absent) {
		return trouble
	}
	return err
}

// trouble asks a store for what nobody has kept, and returns what keeps it from
// answering, if anything does.
func (a *app) trouble(tree *record.Tree, name string) (*store.Trouble, error) {
	s, err := a.open(tree, name)
	if err != nil {
		return nil, err
	}
	var trouble *store.Trouble
	_, err = s.Get(a.ctx, "git-pat.invalid/@/probe")
	errors.As(err, &trouble)
	return trouble, nil
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
			return all, &fault{text: err.Error(), status: exitUsage, hint: "what a target is:", commands: []string{"git pat help add"}}
		}
		if strings.HasSuffix(credential.WithoutPort(target.Host), ".") {
			return all, &fault{text: fmt.Sprintf("%s ends in a dot, with which no token would answer", quote(target.Host)), status: exitUsage, hint: "leave the dot out"}
		}
		if i > 0 && (target.Host != all.Host || target.Owner() == "" || !strings.EqualFold(target.Owner(), all.Owner())) {
			return all, &fault{text: "several targets must be repositories of one owner", status: exitUsage}
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
			return &fault{text: fmt.Sprintf("--%s cannot be %s", what, quote(word)), status: exitUsage}
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
		return time.Time{}, &fault{
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
			return credential.Secret{}, &fault{
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
		return credential.Secret{}, &fault{text: "there was no token, so nothing is changed"}
	case len(text) > maxToken:
		return credential.Secret{}, &fault{text: fmt.Sprintf("that is longer than %d bytes and no token, so nothing is changed", maxToken)}
	case strings.Contains(text, "\n"):
		return credential.Secret{}, &fault{text: "that is more than one line, so nothing is changed", hint: "give the token alone"}
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return credential.Secret{}, &fault{text: "that holds control characters and is no token, so nothing is changed"}
	}
	return credential.NewSecret(text), nil
}

// describe completes a record by what its secret is, and refuses what cannot
// be used.
func describe(r *credential.Record, secret credential.Secret) error {
	r.Kind = credential.KindOf(secret, r.Host)
	if secret.Empty() {
		// A variable that is not set here. Its kind will most likely be
		// what suits the target.
		r.Kind = credential.FineGrained
		if len(r.Paths) == 0 {
			r.Kind = credential.Classic
		}
	}
	if what, hint := unfit(*r, secret); what != "" {
		return &fault{text: what + ", so nothing is changed", hint: hint}
	}
	target, err := r.Target.For(r.Kind)
	if err != nil {
		return &fault{text: err.Error(), status: exitUsage}
	}
	r.Target = target
	return nil
}

// unfit says what is wrong with a secret with which nobody can log in.
func unfit(r credential.Record, secret credential.Secret) (what, hint string) {
	switch {
	case credential.IsRefreshToken(secret):
		return "this is the refresh token of a GitHub App (ghr_), with which Git cannot log in", ""
	case r.Kind == credential.Other && credential.IsGitHubHost(r.Host):
		return "this is no token of GitHub's, and GitHub takes no passwords", "tokens begin with github_pat_, ghp_, gho_, ghu_ or ghs_"
	case r.Kind.IsGitHub() && !secret.Printable():
		return "this token holds characters that none has", ""
	}
	return "", ""
}

// keep writes a record and its secret: in the place of an old one or, if that
// is nil, where there is none, which is fs.ErrExist if there is one. If
// anything fails, what was there stays. The caller holds the lock.
func (a *app) keep(tree *record.Tree, old *credential.Candidate, r credential.Record, secret credential.Secret) error {
	if err := a.put(tree, old, r, secret); err != nil {
		return err
	}
	if err := tree.Restore(record.Key(r)); err != nil {
		return err
	}
	if old != nil && old.Damaged == nil && old.Store != r.Store {
		a.ui.exit(a.dropOld(tree, r, secret, old.Store))
	}
	return nil
}

// put is keep without the marks. Where the secret comes into another store, the
// old one stays in its own, and the caller deletes it there.
//
// The record is changed when the new store has given the secret back. So the
// token answers whenever the program is killed: first from the old store, then
// from the new one.
func (a *app) put(tree *record.Tree, old *credential.Candidate, r credential.Record, secret credential.Secret) error {
	to, err := a.open(tree, r.Store)
	if err != nil {
		return err
	}
	key := record.Key(r)
	if old != nil && old.Damaged == nil && old.Store != r.Store {
		// Where records cannot be written, no secret is to go anywhere.
		if err := tree.Put(old.Record); err != nil {
			return err
		}
		if !store.ReadOnly(r.Store) {
			err = to.Set(a.ctx, key, secret)
			if err == nil {
				err = a.readBack(to, r, secret)
			}
		}
		if err == nil {
			err = tree.Put(r)
		}
		if err == nil {
			return nil
		}
		// An error may come after the record was changed. Then it needs the new secret.
		if now, failed := tree.Find(key); failed == nil && now.Record.Equal(old.Record) {
			to.Delete(a.ctx, key) // which may well fail where keeping did
		}
		return err
	}
	write, undo := tree.Put, func() error { return tree.Remove(key) }
	switch {
	case old == nil:
		write = tree.Create
		if err := keeper.Clear(a.ctx, tree, to, r); err != nil {
			return err
		}
	case old.Damaged == nil:
		undo = func() error { return tree.Put(old.Record) }
	}
	if err := write(r); err != nil || store.ReadOnly(r.Store) {
		return err
	}
	if err := to.Set(a.ctx, key, secret); err != nil {
		return errors.Join(err, undo())
	}
	return nil
}

// readBack makes sure that a store has the secret that it was given.
func (a *app) readBack(from store.Store, r credential.Record, secret credential.Secret) error {
	back, err := from.Get(a.ctx, record.Key(r))
	if errors.Is(err, store.ErrNotFound) || err == nil && !back.Equal(secret) {
		return &store.Trouble{Store: r.Store, What: "did not keep the secret", Advice: "choose another --store"}
	}
	return err
}

// afterAdd says what a person should know of the token that was just added.
func (a *app) afterAdd(tree *record.Tree, r credential.Record, secret credential.Secret) error {
	if r.Expired(a.now) {
		a.ui.say("it expired %s, so that it does not answer", inWords(r.Expires, a.now))
	}
	if github.ChecksumOf(secret) == github.ChecksumBad {
		a.ui.say("its checksum does not fit: it looks mistyped or cut short")
	}
	switch {
	case secret.Empty():
		a.ui.say("%s is not set here; the token is taken for a %s one", strings.TrimPrefix(r.Store, "env:"), r.Kind)
	case r.Kind == credential.FineGrained && len(r.Paths) == 0:
		a.ui.say("a fine-grained token belongs to one owner, and this one will answer for all of %s", r.Host)
		a.ui.hint("to have it answer for its owner only:", "git pat add "+shellWord(credential.Target{Host: r.Host, Paths: []string{"OWNER"}}.Short()))
	case r.Kind == credential.Other && len(r.Paths) > 0:
		a.ui.say("this is no token of GitHub's, so that it answers for exactly the path %s", quote(strings.Join(r.Paths, ", ")))
	}
	if err := a.warnOfRivals(tree, r); err != nil {
		return err
	}
	a.warnOfSSH(tree, r)
	a.warnOfSetup(r)
	return nil
}

// warnOfRivals says if there is now another token that fits as well.
func (a *app) warnOfRivals(tree *record.Tree, r credential.Record) error {
	path := ""
	if len(r.Paths) > 0 {
		path = r.Paths[0]
	}
	candidates, err := tree.Lookup(r.Host, path)
	if err != nil {
		return err
	}
	if path == "" {
		path = "any/repository" // a request for the whole host would say something else
	}
	request := credential.Request{Host: r.Host, Path: path}
	d := credential.Choose(request, candidates, a.now)
	if d.DependsOnAccess() {
		if !a.saysPush(r.Host) {
			a.ui.say("there are tokens for reading and for writing %s, and Git does not say which requests are pushes, so that none answers", r.Target)
			a.ui.hint("to have Git say so:", advice.SetupCommand("--least-privilege", r.Host))
		}
		return nil
	}
	rivals := d.With(credential.Rival)
	isNew := func(look credential.Look) bool { return look.Key == record.Key(r) }
	if d.Outcome != credential.Ambiguous || !slices.ContainsFunc(rivals, isNew) {
		return nil
	}
	for _, rival := range rivals {
		if rival.Key == record.Key(r) {
			continue
		}
		unless := ""
		if r.Username != "" || rival.Username != "" {
			unless = ", unless the URL names a login"
		}
		a.ui.say("the token %s fits %s as well, so that neither answers%s", quote(rival.Name), r.Target, unless)
		do, commands := advice.KeepOne(rivals)
		a.ui.hint(do, commands...)
		return nil
	}
	return nil
}

// warnOfSSH says which remotes of the repository one stands in the token is
// for, and cannot serve.
func (a *app) warnOfSSH(tree *record.Tree, r credential.Record) {
	entries, err := a.remotesReader(tree).List(a.ctx, "")
	if err != nil {
		return // no repository
	}
	for _, e := range entries {
		if !e.Refused() || !e.NotHTTPS() || e.Remote.Host != r.Host {
			continue
		}
		d := credential.Choose(credential.Request{Host: r.Host, Path: e.Remote.Path}, []credential.Candidate{{Record: r}}, r.Added)
		if len(d.With(credential.OtherPath)) == 0 {
			a.sayProblem(e)
		}
	}
}

// warnOfSetup says how to have Git ask for the token, if it seems not to.
func (a *app) warnOfSetup(r credential.Record) {
	if ok, err := a.asksUs("https://" + r.Host + "/" + r.Target.Owner()); ok || err != nil {
		return
	}
	a.ui.hint("Git does not ask for tokens of "+r.Host+" yet; to have it ask:", advice.SetupCommand("", r.Host))
}
