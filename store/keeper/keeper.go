// Package keeper does what Git asks of a credential helper, over records and
// stores: fill a request, approve a credential, reject one.
//
// There is no secret without a record: the record is written first and goes
// last. Git's word is a report and not an order: a token is never destroyed
// because a server refused it once, and none is kept but what Git asked for.
package keeper

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/protocol"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A Keeper does what Git asks of a helper with the records of a tree and the
// stores that they name.
type Keeper struct {
	Tree *record.Tree
	Open func(name string) (store.Store, error)

	// DefaultStore names the store for what Approve keeps. It is called only
	// when something is to be kept.
	DefaultStore func(context.Context) string

	Save Save
	Now  func() time.Time

	// OwnHeader returns the name of the setting by which Git sends a header of
	// its own to log in to a URL, if there is one. It is called only where a
	// token of ours is about to be set aside. Nil is for none.
	OwnHeader func(ctx context.Context, url string) (setting string)

	// SaysPush reports whether Git is set up to say of a host's URLs which
	// requests are pushes; see credential.PushLogin. It is called only where
	// that decides which token answers. Nil is for never.
	SaysPush func(ctx context.Context, host string) bool
}

// Save says which of the credentials that did not come from us Approve keeps.
type Save string

const (
	SaveTokens Save = "tokens" // personal tokens of GitHub
	SaveAny    Save = "any"    // everything, as Git's own helpers do
	SaveNever  Save = "never"
)

// UnmarshalText reads a Save as a person writes it.
func (s *Save) UnmarshalText(text []byte) error {
	switch save := Save(text); save {
	case SaveTokens, SaveAny, SaveNever:
		*s = save
		return nil
	}
	return errors.New("must be tokens, any or never")
}

// MarshalText is the reverse of UnmarshalText.
func (s Save) MarshalText() ([]byte, error) { return []byte(s), nil }

// Check returns an error that wraps credential.ErrPath for a path that GitHub
// cannot have, if the request is for a host about which people are told
// anything.
func (k *Keeper) Check(r credential.Request) error {
	if _, err := r.Repository(); err != nil && k.Speaks(r.Host) {
		return fmt.Errorf("%w: %s", err, credential.Quote(r.Path))
	}
	return nil
}

// Fill decides which record answers a request and returns what it logs in
// with, to be handed out: of a token that is offered once more although it was
// set aside, that is noted, or it is not offered.
func (k *Keeper) Fill(ctx context.Context, request credential.Request) (credential.Decision, *Login, error) {
	d, login, err := k.Decide(ctx, request)
	if err == nil && d.OffersAgain() && k.Tree.NoteOffer(d.Considered[d.Winner].Candidate, d.Decided) != nil {
		return d.Withdraw(), nil, nil
	}
	return d, login, err
}

// Decide decides which record answers a request and returns what it logs in
// with. Where there is no answer, the decision says why and the login is nil.
//
// The error is a *store.Error if the store of the record that answers, or the tree
// itself, cannot be read; the decision names the record then. It is ErrSecret
// if what the store has can be no token.
func (k *Keeper) Decide(ctx context.Context, request credential.Request) (credential.Decision, *Login, error) {
	missing := map[string]bool{}
	for {
		candidates, err := k.candidates(ctx, request, missing, false)
		if err != nil {
			return credential.Decision{Request: request, Winner: -1}, nil, err
		}
		d := k.choose(ctx, request, candidates)
		found := len(missing)
		switch d.Outcome {
		case credential.Answer:
			winner := d.Considered[d.Winner]
			login, err := k.login(ctx, winner.Candidate)
			if err == nil {
				err = checkLogin(*login, winner.Record)
			}
			if !errors.Is(err, store.ErrNotFound) {
				return d, login, err
			}
			missing[secretPlace(winner.Record)] = true
		case credential.Ambiguous, credential.Unspecified:
			// One whose secret is gone is no rival. Of many, some are asked for.
			rivals := d.With(credential.Rival)
			for _, rival := range rivals[:min(len(rivals), maxRivals)] {
				if _, err := k.login(ctx, rival.Candidate); errors.Is(err, store.ErrNotFound) {
					missing[secretPlace(rival.Record)] = true
				}
			}
		}
		if len(missing) == found {
			return d, nil, nil
		}
	}
}

// maxRivals is how many secrets are looked for where several tokens fit equally.
const maxRivals = 20

// choose chooses, and asks whether the request can be no push where that makes
// a difference. Of a URL with a user name in it Git says nothing.
func (k *Keeper) choose(ctx context.Context, request credential.Request, candidates []credential.Candidate) credential.Decision {
	d := credential.Choose(request, candidates, k.Now())
	reads := func(c credential.Candidate) bool { return c.Access == credential.ReadAccess }
	if request.Username != "" || k.SaysPush == nil || !slices.ContainsFunc(candidates, reads) {
		return d // most often
	}
	fetch := request
	fetch.Fetch = true
	known := credential.Choose(fetch, candidates, d.Decided)
	if known.Winner == d.Winner || !k.SaysPush(ctx, request.Host) {
		return d
	}
	return known
}

// secretPlace tells where a secret is looked for. A token may be moved between
// the reading of its record and of its secret, and is looked for again then.
func secretPlace(r credential.Record) string { return r.Store + "\x00" + record.Key(r) }

// ErrSecret is the error for a secret that Git cannot be handed.
var ErrSecret = errors.New("the secret is empty, too long or holds control characters")

// maxSecret is what fits into a line of Git's protocol behind the longest key.
const maxSecret = protocol.MaxLine - len("oauth_refresh_token=\n") // bytes

func checkLogin(l Login, r credential.Record) error {
	for _, s := range []*credential.Secret{l.Password, l.RefreshToken, l.Credential} {
		if s == nil {
			continue
		}
		if len(s.Reveal()) > maxSecret || hasControl(s.Reveal()) || r.Kind.IsGitHub() && s.Empty() {
			return ErrSecret
		}
	}
	return nil
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// login returns what a record logs in with.
func (k *Keeper) login(ctx context.Context, c credential.Candidate) (*Login, error) {
	s, err := k.Open(c.Store)
	if err != nil {
		return nil, &store.Error{Store: c.Store, What: "is none that this version knows"}
	}
	secret, err := s.Get(ctx, c.Key)
	if err != nil {
		return nil, err
	}
	login, err := decode(secret, c.Record)
	if err != nil {
		return nil, err
	}
	return &login, nil
}

// maxReported is how many records of a host are looked at for a report without
// a path. Each may mean asking a store for its secret.
const maxReported = 1000

// candidates returns the records that could answer a request. Without a path
// that may be any of the host's, up to maxReported; unless all are wanted it
// stops when two of them can, for which of the others there are does not matter
// then.
func (k *Keeper) candidates(ctx context.Context, request credential.Request, missing map[string]bool, all bool) ([]credential.Candidate, error) {
	var found []credential.Candidate
	add := func(c credential.Candidate) {
		c.NoSecret = missing[secretPlace(c.Record)]
		if c.Aside != nil && c.Aside.Fingerprint != "" && !k.asideStands(ctx, c) {
			c.Aside = nil
		}
		found = append(found, c)
	}
	if strings.Trim(request.Path, "/") != "" {
		some, err := k.Tree.Lookup(request.Host, request.Path)
		if err != nil {
			return nil, err
		}
		for _, c := range some {
			add(c)
		}
	} else {
		could := 0
		for c, err := range k.Tree.Host(request.Host) {
			if err != nil {
				return nil, err
			}
			if len(found) == maxReported || !all && could > 1 && len(c.Paths) > 0 {
				break
			}
			add(c)
			last := found[len(found)-1]
			if credential.Choose(request, []credential.Candidate{last}, k.Now()).Outcome == credential.Answer {
				could++
			}
		}
	}
	if request.Host == credential.GistHost {
		some, err := k.Tree.Lookup(credential.GitHubHost, "")
		if err != nil {
			return nil, err
		}
		for _, c := range some {
			add(c)
		}
	}
	return found, nil
}

// asideStands reports whether a token that comes from outside is still the one
// that was refused.
func (k *Keeper) asideStands(ctx context.Context, c credential.Candidate) bool {
	login, err := k.login(ctx, c)
	return err != nil || login.Password == nil || fingerprint(*login.Password) == c.Aside.Fingerprint
}

// fingerprint tells one token from another. It has 32 bits, and so says no
// more of a token, which has some 180, however it is made.
func fingerprint(s credential.Secret) string {
	h := fnv.New32a()
	io.WriteString(h, s.Reveal())
	return fmt.Sprintf("%08x", h.Sum32())
}

// Speaks reports whether people are told anything about a host: github.com,
// and hosts with a token of GitHub's.
func (k *Keeper) Speaks(host string) bool {
	if host == credential.GitHubHost || host == credential.GistHost {
		return true
	}
	for c, err := range k.Tree.Host(host) {
		if err == nil && c.Kind.IsGitHub() {
			return true
		}
	}
	return false
}
