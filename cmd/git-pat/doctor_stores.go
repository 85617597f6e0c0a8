package main

// What git pat doctor finds in the stores, and of the tokens.

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

// checkStores checks the folder of the tree and the stores that have secrets,
// or would have the next one.
func (d *doctor) checkStores() {
	d.add(stateOK, "folder", d.kept.Tree.Dir(), "the records are in %s, which only you can change", d.kept.Tree.Dir())
	counts := map[string]int{}
	for _, c := range d.tokens {
		if c.Damaged == nil && !store.ReadOnly(c.Store) {
			counts[c.Store]++
		}
	}
	keyring := d.checkStore("keyring", counts["keyring"])
	delete(counts, "keyring")
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.Sort(names)
	files := true
	for _, name := range names {
		if !d.checkStore(name, counts[name]) && name == "file" {
			files = false
		}
	}
	if counts["file"] > 0 && keyring {
		d.add(stateWarning, "plain-file", "file", "%s in plain files, while there is a keyring", are(counts["file"], "token")).
			do("to move what is there:", "git pat move --all --from file --store keyring")
	}
	d.checkLeftovers()
	switch {
	case d.filesErr == nil:
		d.checkOrphans()
	case files: // else that was said of the store
		d.cannot("orphan", "file", d.filesErr)
	}
}

func are(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return count(n, noun, noun+"s") + " are"
}

// checkStore checks one store, which has so many of the tokens, and reports
// whether it answers.
func (d *doctor) checkStore(name string, tokens int) bool {
	trouble, err := d.kept.Probe(d.ctx, name)
	switch {
	case err != nil:
		d.cannot("store", name, err)
	case trouble == nil:
		d.add(stateOK, "store", name, "the store %s answers", quote(name))
		return true
	case tokens > 0:
		d.cannot("store", name, trouble).What += fmt.Sprintf("; %s in it", are(tokens, "token"))
	case trouble.Absent:
		d.add(stateOK, "store", name, "%s, so that new tokens are kept in plain files", trouble)
	default:
		d.cannot("store", name, trouble).State = stateWarning
	}
	return false
}

// checkLeftovers looks for what killed writers left behind.
func (d *doctor) checkLeftovers() {
	leftovers := d.leftovers
	if d.filesErr == nil {
		leftovers = append(leftovers, d.files.Leftovers...)
	}
	for _, path := range leftovers {
		d.add(stateWarning, "leftover", path, "%s was left half written, and may hold a secret", path).
			do("to remove it:", "rm "+shellWord(path)).
			mend(d.onFile(path, func() error { return os.Remove(path) }), "Remove %s?", quote(path))
	}
}

// checkOrphans looks for secrets of which nobody knows.
func (d *doctor) checkOrphans() {
	for _, orphan := range keeper.Orphans(d.files, d.tokens) {
		if still, err := keeper.IsOrphan(d.kept.Tree, orphan.Key); err != nil || !still {
			continue // its record was written since the others were read
		}
		f := d.add(stateFault, "orphan", orphan.Key, "the store \"file\" has a secret %s that no record names, so that it answers nothing", quote(orphan.Key)).
			do("to remove it, be asked by:", "git pat doctor --fix").
			mend(func() error { return d.removeOrphan(orphan.Key) }, "Remove the secret %s? It cannot be shown again.", quote(orphan.Key))
		if orphan.At != nil {
			f.do("to use it again, or to be asked whether to remove it:",
				"git pat add "+orphan.At.Arguments()+" --store file --with-token <"+shellWord(orphan.Path), "git pat doctor --fix")
		}
	}
}

// removeOrphan removes a secret, unless it has a record meanwhile.
func (d *doctor) removeOrphan(key string) error {
	unlock, err := d.kept.Tree.Lock(d.ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if orphan, err := keeper.IsOrphan(d.kept.Tree, key); err != nil || !orphan {
		return err
	}
	s, err := d.kept.Open("file")
	if err != nil {
		return err
	}
	return s.Delete(d.ctx, key)
}

// soon is from when on a token's end is said, as by git-credential-pat.
const soon = 7 * 24 * time.Hour

// checkTokens checks each token by its record, and that its secret is there.
func (d *doctor) checkTokens() {
	troubled := map[string]bool{}
	for _, f := range d.findings {
		if f.Check == "store" && f.State != stateOK {
			troubled[f.Subject] = true
		}
	}
	good := 0
	for i := range d.tokens {
		c := &d.tokens[i]
		before := len(d.findings)
		d.checkToken(c)
		if c.Damaged == nil && !troubled[c.Store] {
			d.checkSecret(c)
		}
		if len(d.findings) == before {
			good++
		}
	}
	d.checkRivals()
	switch {
	case len(d.tokens) == 0:
		d.add(stateOK, "tokens", "", "there are no tokens yet").do("to add one:", "git pat add OWNER")
	case good > 0:
		text := "1 token has its secret and has not ended; only GitHub knows whether it takes it"
		if good > 1 {
			text = count(good, "token", "tokens") + " have their secrets and have not ended; only GitHub knows whether it takes them"
		}
		d.add(stateOK, "tokens", "", "%s", text).do("to ask it:", "git pat verify --all")
	}
}

// checkToken checks what the record of a token says.
func (d *doctor) checkToken(c *credential.Candidate) {
	subject := c.Target.String() + " " + c.Name
	token := "the token " + c.Title()
	renew := advice.Renew(c.Record)
	switch {
	case c.Damaged != nil:
		d.cannot("token-damaged", subject, c.Damaged)
		return
	case c.Aside != nil:
		d.add(stateWarning, "token-aside", subject, "%s was %s on %s, and does not answer", token, c.Aside.Reason, c.Aside.Time.Local().Format(time.DateOnly)).
			do("to have it tried again, or to put a new one in its place:", "git pat verify "+shellWord(c.Target.Short()), onToken("git pat rotate", c.Record))
	case isUnused(*c, d.kept.Now):
		d.add(stateWarning, "token-unused", subject, "%s was not used for eleven months; GitHub removes it after a year", token).
			do("to use it, or to remove it:", "git pat verify "+shellWord(c.Target.Short()), onToken("git pat remove", c.Record))
	}
	switch {
	case c.Expired(d.kept.Now):
		d.add(stateFault, "token-expired", subject, "%s expired %s, and does not answer", token, inWords(c.Expires, d.kept.Now)).do(renew.Do, renew.Commands...)
	case !c.Expires.IsZero() && c.Expires.Sub(d.kept.Now) < soon:
		d.add(stateWarning, "token-ends", subject, "%s expires %s", token, inWords(c.Expires, d.kept.Now)).do(renew.Do, renew.Commands...)
	}
}

// checkSecret checks that the secret of a token is where its record says.
func (d *doctor) checkSecret(c *credential.Candidate) {
	subject := c.Target.String() + " " + c.Name
	err := d.secretError(*c)
	variable, environment := strings.CutPrefix(c.Store, "env:")
	switch {
	case err == nil:
	case errors.Is(err, store.ErrNotFound) && environment:
		c.NoSecret = true
		d.add(stateWarning, "token-secret", subject, "the token %s is read from the variable %s, which is not set here", c.Title(), variable).
			do("set it where Git runs")
	case errors.Is(err, store.ErrNotFound):
		c.NoSecret = true
		f := d.add(stateFault, "token-secret", subject, "the secret of the token %s is not in the store %s any more", c.Title(), quote(c.Store))
		switch {
		case strings.HasPrefix(c.Store, "git:"):
			// The helper may be one that cannot be asked now: it does not say so.
			f.do("to add it again:", onToken("git pat add", c.Record))
		default:
			f.do("to add it again, or to remove what is left of it:", onToken("git pat add", c.Record), onToken("git pat remove", c.Record))
			f.mend(func() error { return d.removeEmpty(*c) }, "Remove the token %s, whose secret is lost?", c.Title())
		}
	default:
		var trouble *store.Error
		if errors.As(err, &trouble) && trouble.File != nil {
			err = trouble.File
		}
		f := d.cannot("token-secret", subject, err)
		f.What = fmt.Sprintf("the token %s cannot be read: %s", c.Title(), f.What)
	}
}

// secretError is the error with which the secret of a token is not to be had.
func (d *doctor) secretError(c credential.Candidate) error {
	if c.Store == "file" && d.filesErr == nil {
		// One that is not there may have been written since.
		if err := d.files.Check(c.Key); !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	s, err := d.kept.Open(c.Store)
	if err == nil {
		_, err = s.Get(d.ctx, c.Key)
	}
	return err
}

// removeEmpty removes a record, unless it has a secret meanwhile.
func (d *doctor) removeEmpty(c credential.Candidate) error {
	const so = "it stays"
	return d.kept.IfUnchanged(d.ctx, c, func(now credential.Candidate) error {
		if err := d.kept.SameSecret(d.ctx, now, nil); err != nil {
			return err
		}
		return d.kept.Remove(d.ctx, now)
	})
}

// checkRivals looks for tokens of which neither answers, since they are for
// the same.
func (d *doctor) checkRivals() {
	type place struct{ host, path string }
	at := map[place][]credential.Candidate{}
	var places []place
	for _, c := range d.tokens {
		paths := c.Paths
		if len(paths) == 0 {
			paths = []string{""}
		}
		for _, path := range paths {
			p := place{c.Host, path}
			if len(at[p]) == 0 {
				places = append(places, p)
			}
			at[p] = append(at[p], c)
		}
	}
	for _, p := range places {
		request := credential.Request{Host: p.host, Path: p.path}
		if p.path == "" {
			request.Path = "any/repository" // a request for the whole host would say something else
		}
		choice := credential.Choose(request, at[p], d.kept.Now)
		choice.Request.Path = p.path
		subject := choice.Request.Target().String()
		has := func(access credential.Access) bool {
			return slices.ContainsFunc(at[p], func(c credential.Candidate) bool { return c.Access == access })
		}
		if has(credential.ReadAccess) && has(credential.WriteAccess) {
			if !d.r.SaysPush(d.ctx, p.host) {
				d.add(stateWarning, "least-privilege", subject, "there are tokens for reading and for writing %s, and Git does not say which requests are pushes, so that the right one cannot be told", subject).
					do("to have Git say so:", advice.SetupCommand("--least-privilege", p.host))
				continue
			}
			request.Fetch = true
			choice = credential.Choose(request, at[p], d.kept.Now)
			choice.Request.Path = p.path
		}
		if choice.Outcome == credential.Ambiguous {
			d.addRivals(choice, subject)
		}
	}
}

// addRivals notes that several tokens are for the same.
func (d *doctor) addRivals(choice credential.Decision, subject string) {
	rivals := choice.With(credential.Rival)
	logins := map[string]bool{}
	for _, rival := range rivals {
		if rival.Username != "" {
			logins[strings.ToLower(rival.Username)] = true
		}
	}
	state, unless := stateFault, ""
	if len(logins) == len(rivals) {
		state, unless = stateWarning, " unless the URL names a login"
	}
	do, commands := advice.KeepOne(rivals)
	d.add(state, "token-rival", subject, "%s, so that none of them answers%s", choice.Reason(), unless).do(do, commands...)
}
