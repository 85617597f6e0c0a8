package doctor

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// checkTokens checks the record and the secret of each token.
func (d *Doctor) checkTokens(ctx context.Context, r *report, found contents) {
	now := d.Resolver.Tokens.Now
	failed := map[string]bool{} // stores that were reported
	for _, f := range r.findings {
		if f.Check == "store" && f.State != OK {
			failed[f.Subject] = true
		}
	}
	usable := Usable{}
	for i := range found.tokens {
		c := &found.tokens[i]
		before := len(r.findings)
		r.checkRecord(*c, now)
		if c.Damaged == nil && !failed[c.Store] {
			err := d.secret(ctx, *c, found)
			c.NoSecret = errors.Is(err, store.ErrNotFound)
			r.checkSecret(*c, err)
		}
		if len(r.findings) == before {
			usable.Tokens++
		}
	}
	r.checkRivals(found.tokens, now, func(host string) bool { return d.Resolver.SaysPush(ctx, host) })
	switch {
	case len(found.tokens) == 0:
		r.checkElsewhere(d.Resolver.Tokens.Tree.Dir(), git.Home(os.LookupEnv))
	case usable.Tokens > 0:
		r.add(OK, "tokens", "", usable)
	}
}

// checkElsewhere looks for tokens in the usual folder, if there are none in dir. Some
// programs, such as snaps, run others with an XDG_DATA_HOME of their own.
func (r *report) checkElsewhere(dir, home string) {
	usual := filepath.Join(home, ".local", "share", "git-pat") // macOS and Windows ignore XDG_DATA_HOME
	if filepath.IsAbs(home) && usual != dir && len(record.NewTree(usual).Hosts()) > 0 {
		r.add(Warning, "tokens", "", TokensElsewhere{dir, usual})
		return
	}
	r.add(OK, "tokens", "", NoTokens{})
}

func subject(c credential.Candidate) string { return c.Target.String() + " " + c.Name }

// checkRecord checks what the record of a token says.
func (r *report) checkRecord(c credential.Candidate, now time.Time) {
	switch {
	case c.Damaged != nil:
		r.failed("token-damaged", subject(c), c.Damaged, Failed{c.Damaged})
		return
	case c.Aside != nil:
		r.add(Warning, "token-aside", subject(c), Token{c})
	case tokens.IsUnused(c, now):
		r.add(Warning, "token-unused", subject(c), Token{c})
	}
	switch {
	case c.Expired(now):
		r.add(Error, "token-expired", subject(c), Token{c})
	case tokens.ExpiresSoon(c.Record, now):
		r.add(Warning, "token-ends", subject(c), Token{c})
	}
}

// checkSecret adds a finding for the error of reading a secret, if there is one.
func (r *report) checkSecret(c credential.Candidate, err error) {
	if err == nil {
		return
	}
	if !errors.Is(err, store.ErrNotFound) {
		var trouble *store.Error
		if errors.As(err, &trouble) && trouble.File != nil {
			err = trouble.File
		}
		r.failed("token-secret", subject(c), err, SecretFailed{c.Record, err})
		return
	}
	f := r.add(Error, "token-secret", subject(c), SecretMissing{c.Record})
	switch {
	case strings.HasPrefix(c.Store, "env:"):
		f.State = Warning
	case !strings.HasPrefix(c.Store, "git:"): // a helper that cannot be asked now does not say so
		f.Mending = &Mending{Kind: RemoveRecord, Token: c}
	}
}

// secret reads the secret of a token and returns the error.
func (d *Doctor) secret(ctx context.Context, c credential.Candidate, found contents) error {
	if c.Store == "file" && found.filesErr == nil {
		// A missing secret may have been written meanwhile, so it is read again below.
		if err := found.files.Check(c.Key); !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	s, err := d.Resolver.Tokens.Open(c.Store)
	if err == nil {
		_, err = s.Get(ctx, c.Key)
	}
	return err
}

// checkRivals looks for several tokens for the same target: then none of them answers.
func (r *report) checkRivals(all []credential.Candidate, now time.Time, saysPush func(host string) bool) {
	type target struct{ host, path string }
	at := map[target][]credential.Candidate{}
	var targets []target
	for _, c := range all {
		paths := c.Paths
		if len(paths) == 0 {
			paths = []string{""}
		}
		for _, path := range paths {
			t := target{c.Host, path}
			if len(at[t]) == 0 {
				targets = append(targets, t)
			}
			at[t] = append(at[t], c)
		}
	}
	for _, t := range targets {
		request := credential.Request{Host: t.host, Path: t.path}
		if t.path == "" {
			request.Path = "any/repository" // a request without a path is decided by other rules
		}
		choice := credential.Choose(request, at[t], now)
		choice.Request.Path = t.path
		has := func(access credential.Access) bool {
			return slices.ContainsFunc(at[t], func(c credential.Candidate) bool { return c.Access == access })
		}
		if has(credential.ReadAccess) && has(credential.WriteAccess) {
			if !saysPush(t.host) {
				target := choice.Request.Target()
				r.add(Warning, "least-privilege", target.String(), PushesUnknown{target})
				continue
			}
			request.Fetch = true
			choice = credential.Choose(request, at[t], now)
			choice.Request.Path = t.path
		}
		if choice.Outcome == credential.Ambiguous {
			r.addRivals(choice)
		}
	}
}

// addRivals adds the rivals of a decision. If all logins differ, a URL can choose.
func (r *report) addRivals(choice credential.Decision) {
	rivals := choice.With(credential.Rival)
	logins := map[string]bool{}
	for _, rival := range rivals {
		if rival.Username != "" {
			logins[strings.ToLower(rival.Username)] = true
		}
	}
	fact, state := Rivals{choice, len(logins) == len(rivals)}, Error
	if fact.Logins {
		state = Warning
	}
	r.add(state, "token-rival", choice.Request.Target().String(), fact)
}
