// Package keeper does what Git asks of a credential helper, with the records and
// stores of a person: fill a request, approve a credential, reject one.
//
// Every secret has a record: the record is written before the secret and removed
// after it. A rejected token is never deleted, because the server may be wrong.
// A token is stored only if Git asked for it before.
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
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/protocol"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A Keeper handles Git's requests. Only the fields that say so may be nil.
type Keeper struct {
	Tree *record.Tree
	Open func(name string) (store.Store, error)

	// DefaultStore returns the name of the store in which Approve stores new
	// credentials. It may be nil with SaveNever.
	DefaultStore func(context.Context) string

	Save Save
	Now  func() time.Time

	// OwnHeader returns the name of the setting that makes Git send its own
	// Authorization header to a URL, or "". It is called before a token is set
	// aside. Nil means that there is no such setting.
	OwnHeader func(ctx context.Context, url string) (setting string)

	// SaysPush reports whether Git is configured to mark pushes to a host; see
	// credential.PushLogin. It is called only if the answer depends on it. Nil
	// means no.
	SaysPush func(ctx context.Context, host string) bool
}

// Save says which credentials Approve stores that did not come from a Keeper.
type Save string

const (
	SaveTokens Save = "tokens" // personal tokens of a forge
	SaveAny    Save = "any"    // all credentials, as Git's own helpers do
	SaveNever  Save = "never"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Save) UnmarshalText(text []byte) error {
	switch save := Save(text); save {
	case SaveTokens, SaveAny, SaveNever:
		*s = save
		return nil
	}
	return errors.New("must be tokens, any or never")
}

// Check returns an error that wraps credential.ErrPath if the forge of the host
// cannot have the path. It says nothing about hosts without tokens, except GitHub's.
func (k *Keeper) Check(r credential.Request) error {
	host, path := r.Place()
	f := forge.Of(host)
	if f != forge.GitHub {
		strict := f
		if f == forge.Other {
			strict = forge.GitHub // every forge has all names that GitHub has
		}
		if _, err := strict.Repository(host, path); err == nil {
			return nil
		}
		f = k.Tree.Forge(host)
	}
	if _, err := f.Repository(host, path); err != nil && f != forge.Other {
		return fmt.Errorf("%s is %w", credential.Quote(r.Path), err)
	}
	return nil
}

// Fill is Decide for a login that the caller sends to a server. If the token was
// set aside and is tried once more, Fill notes that. If it cannot note it, it
// returns no login, because otherwise the token would be tried every time.
func (k *Keeper) Fill(ctx context.Context, request credential.Request) (credential.Decision, *Login, error) {
	d, login, err := k.Decide(ctx, request)
	if err == nil && d.OffersAgain() && k.Tree.NoteOffer(d.Considered[d.Winner].Candidate, d.Decided) != nil {
		return d.Withdraw(), nil, nil
	}
	return d, login, err
}

// Decide decides which record answers a request, and returns its login. If none
// answers, the login is nil and the decision has the reason.
//
// The error is a *store.Error if the store of the record cannot be read, and
// ErrSecret if the secret there cannot be a token. Then the record is the winner
// of the decision. If the tree cannot be read, the error is another one, and
// there is no winner.
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
			// A record without a secret is not a rival.
			rivals := d.With(credential.Rival)
			for _, rival := range rivals[:min(len(rivals), maxRivals)] {
				if _, err := k.login(ctx, rival.Candidate); errors.Is(err, store.ErrNotFound) {
					missing[secretPlace(rival.Record)] = true
				}
			}
		}
		if len(missing) == found {
			return k.withNear(d, candidates), nil, nil
		}
	}
}

// maxRivals limits how many rivals are checked, because each may take a process.
const maxRivals = 20

// choose calls credential.Choose. If it makes a difference whether the request
// is a fetch, it asks SaysPush. Git cannot mark pushes to a URL with a user name.
func (k *Keeper) choose(ctx context.Context, request credential.Request, candidates []credential.Candidate) credential.Decision {
	d := credential.Choose(request, candidates, k.Now())
	reads := func(c credential.Candidate) bool { return c.Access == credential.ReadAccess }
	if request.Username != "" || k.SaysPush == nil || !slices.ContainsFunc(candidates, reads) {
		return d
	}
	fetch := request
	fetch.Fetch = true
	ifFetch := credential.Choose(fetch, candidates, d.Decided)
	if ifFetch.Winner == d.Winner || !k.SaysPush(ctx, request.Host) {
		return d
	}
	return ifFetch
}

// maxNear limits the records that withNear adds.
const maxNear = 2

// withNear adds records for other repositories of the owner to a decision without
// a record that fits. They explain why there is no answer.
func (k *Keeper) withNear(d credential.Decision, candidates []credential.Candidate) credential.Decision {
	host, _ := d.Request.Place()
	owner := d.Request.Owner()
	if d.Outcome != credential.NoToken || owner == "" {
		return d
	}
	near := 0
	for c, err := range k.Tree.Within(host, owner) {
		known := slices.ContainsFunc(candidates, func(known credential.Candidate) bool { return known.Key == c.Key })
		if err != nil || known || !c.IsToken() || c.Damaged != nil {
			continue
		}
		candidates = append(candidates, c)
		if near++; near == maxNear {
			break
		}
	}
	return credential.Choose(d.Request, candidates, d.Decided)
}

// secretPlace identifies the place of a secret. It contains the store, because a
// token may move to another store after its record was read.
func secretPlace(r credential.Record) string { return r.Store + "\x00" + record.Key(r) }

// ErrSecret is the error for a secret that cannot be sent to Git.
var ErrSecret = errors.New("the secret is empty, too long or contains control characters")

// maxSecret is what fits in a line of Git's protocol with the longest key.
const maxSecret = protocol.MaxLine - len("oauth_refresh_token=\n") // bytes

func checkLogin(l Login, r credential.Record) error {
	for _, s := range []*credential.Secret{l.Password, l.RefreshToken, l.Credential} {
		if s == nil {
			continue
		}
		hasControl := strings.ContainsFunc(s.Reveal(), func(r rune) bool { return r < ' ' || r == 0x7f })
		if len(s.Reveal()) > maxSecret || hasControl || r.IsToken() && s.Empty() {
			return ErrSecret
		}
	}
	return nil
}

// login reads the login of a record from its store.
func (k *Keeper) login(ctx context.Context, c credential.Candidate) (*Login, error) {
	s, err := k.Open(c.Store)
	if err != nil {
		return nil, &store.Error{Store: c.Store, What: "is unknown to this version"}
	}
	secret, err := s.Get(ctx, c.Key)
	if err != nil {
		return nil, err
	}
	return decode(secret, c.Record)
}

// maxReported limits how many records of a host are read for a report without a
// path, because the secret of each may have to be read too.
const maxReported = 1000

// candidates returns the records that could answer a request. Records whose
// secretPlace is in missing have no secret. For a request without a path, these
// are all records of the host, at most maxReported. Unless all is set, it stops
// after two usable records with different targets: they are enough for no answer.
func (k *Keeper) candidates(ctx context.Context, request credential.Request, missing map[string]bool, all bool) ([]credential.Candidate, error) {
	var found []credential.Candidate
	add := func(some []credential.Candidate, err error) error {
		for _, c := range some {
			c.NoSecret = missing[secretPlace(c.Record)]
			if c.Aside != nil && c.Aside.Fingerprint != "" && !k.stillRejected(ctx, c) {
				c.Aside = nil
			}
			found = append(found, c)
		}
		return err
	}
	host, path := request.Place()
	if strings.Trim(path, "/") != "" {
		if err := add(k.Tree.Lookup(host, path)); err != nil {
			return nil, err
		}
	} else {
		var first *credential.Target // of a usable record
		several := false
		for c, err := range k.Tree.Host(host) {
			if err != nil {
				return nil, err
			}
			if len(found) == maxReported || !all && several && len(c.Paths) > 0 {
				break
			}
			add([]credential.Candidate{c}, nil)
			if credential.Choose(request, found[len(found)-1:], k.Now()).Outcome == credential.Answer {
				if first == nil {
					first = &c.Target
				}
				several = several || !c.Target.Equal(*first)
			}
		}
	}
	alias, ok := forge.AliasOf(host)
	if !ok {
		return found, nil
	}
	return found, add(k.Tree.Lookup(alias, ""))
}

// stillRejected reports whether a secret that others can change, such as an
// environment variable, is still the one that was rejected.
func (k *Keeper) stillRejected(ctx context.Context, c credential.Candidate) bool {
	login, err := k.login(ctx, c)
	return err != nil || login.Password == nil || fingerprint(*login.Password) == c.Aside.Fingerprint
}

// fingerprint distinguishes tokens. A token has about 180 random bits. The
// fingerprint has 32, so nobody can compute the token from it.
func fingerprint(s credential.Secret) string {
	h := fnv.New32a()
	io.WriteString(h, s.Reveal())
	return fmt.Sprintf("%08x", h.Sum32())
}

// IsOurs reports whether a host has tokens, or is github.com or gist.github.com.
// Programs print messages about such hosts only.
func (k *Keeper) IsOurs(host string) bool {
	if host == credential.GitHubHost || host == credential.GistHost {
		return true
	}
	for c, err := range k.Tree.Within(forge.Locate(host, "", "")) {
		if err == nil && c.IsToken() {
			return true
		}
	}
	return false
}
