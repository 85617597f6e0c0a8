package store

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/protocol"
)

// A Vault does what Git asks of a helper with the records of a tree and the
// stores that they name.
type Vault struct {
	Tree *Tree
	Open func(name string) (Store, error)

	// DefaultStore names the store for what Approve keeps. It is called only
	// when something is to be kept.
	DefaultStore func(context.Context) string

	Save Save
	Now  func() time.Time

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
func (v *Vault) Check(r credential.Request) error {
	if _, err := r.Repository(); err != nil && v.Speaks(r.Host) {
		return fmt.Errorf("%w: %s", err, credential.Quote(r.Path))
	}
	return nil
}

// Fill decides which record answers a request and returns what it logs in
// with. Where there is no answer, the decision says why and the login is nil.
//
// The error is a *Trouble if the store of the record that answers, or the tree
// itself, cannot be read; the decision names the record then. It is ErrSecret
// if what the store has can be no token.
func (v *Vault) Fill(ctx context.Context, request credential.Request) (credential.Decision, *Login, error) {
	missing := map[string]bool{}
	for {
		candidates, err := v.candidates(ctx, request, missing, false)
		if err != nil {
			return credential.Decision{Request: request, Winner: -1}, nil, err
		}
		d := v.choose(ctx, request, candidates)
		found := len(missing)
		switch d.Outcome {
		case credential.Answer:
			winner := d.Looked[d.Winner]
			login, err := v.login(ctx, winner.Candidate)
			if err == nil {
				err = checkLogin(*login, winner.Record)
			}
			if !errors.Is(err, ErrNotFound) {
				return d, login, err
			}
			missing[secretPlace(winner.Record)] = true
		case credential.Ambiguous, credential.Unspecified:
			// One whose secret is gone is no rival.
			for _, rival := range d.With(credential.Rival) {
				if _, err := v.login(ctx, rival.Candidate); errors.Is(err, ErrNotFound) {
					missing[secretPlace(rival.Record)] = true
				}
			}
		}
		if len(missing) == found {
			return d, nil, nil
		}
	}
}

// choose chooses, and asks whether the request can be no push where that makes
// a difference. Of a URL with a user name in it Git says nothing.
func (v *Vault) choose(ctx context.Context, request credential.Request, candidates []credential.Candidate) credential.Decision {
	d := credential.Choose(request, candidates, v.Now())
	reads := func(c credential.Candidate) bool { return c.Access == credential.ReadAccess }
	if request.Username != "" || v.SaysPush == nil || !slices.ContainsFunc(candidates, reads) {
		return d // most often
	}
	fetch := request
	fetch.Fetch = true
	known := credential.Choose(fetch, candidates, d.Decided)
	if known.Winner == d.Winner || !v.SaysPush(ctx, request.Host) {
		return d
	}
	return known
}

// secretPlace tells where a secret is looked for. A token may be moved between
// the reading of its record and of its secret, and is looked for again then.
func secretPlace(r credential.Record) string { return r.Store + "\x00" + Key(r) }

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
func (v *Vault) login(ctx context.Context, c credential.Candidate) (*Login, error) {
	s, err := v.Open(c.Store)
	if err != nil {
		return nil, &Trouble{Store: c.Store, What: "is none that this version knows"}
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

// candidates returns the records that could answer a request. Without a path
// that may be any of the host's; unless all are wanted it stops when two of
// them can, for which of the others there are does not matter then.
func (v *Vault) candidates(ctx context.Context, request credential.Request, missing map[string]bool, all bool) ([]credential.Candidate, error) {
	var found []credential.Candidate
	add := func(c credential.Candidate) {
		c.NoSecret = missing[secretPlace(c.Record)]
		if c.Aside != nil && c.Aside.Fingerprint != "" && !v.asideStands(ctx, c) {
			c.Aside = nil
		}
		found = append(found, c)
	}
	if strings.Trim(request.Path, "/") != "" {
		some, err := v.Tree.Lookup(request.Host, request.Path)
		if err != nil {
			return nil, err
		}
		for _, c := range some {
			add(c)
		}
	} else {
		could := 0
		for c, err := range v.Tree.Host(request.Host) {
			if err != nil {
				return nil, err
			}
			if !all && could > 1 && len(c.Paths) > 0 {
				break
			}
			add(c)
			last := found[len(found)-1]
			if credential.Choose(request, []credential.Candidate{last}, v.Now()).Outcome == credential.Answer {
				could++
			}
		}
	}
	if request.Host == credential.GistHost {
		some, err := v.Tree.Lookup(credential.GitHubHost, "")
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
func (v *Vault) asideStands(ctx context.Context, c credential.Candidate) bool {
	login, err := v.login(ctx, c)
	return err != nil || login.Password == nil || fingerprint(*login.Password) == c.Aside.Fingerprint
}

// fingerprint tells one token from another. It has 32 bits, and so says no
// more of a token, which has some 180, however it is made.
func fingerprint(s credential.Secret) string {
	h := fnv.New32a()
	io.WriteString(h, s.Reveal())
	return fmt.Sprintf("%08x", h.Sum32())
}

// A Report is what Git tells a helper about a credential, whoever it is from.
type Report struct {
	Request credential.Request
	Login   Login

	Expires   time.Time // zero: not said
	Ephemeral bool      // not to be kept
	Key       string    // the record that Git has it from, if it still knows
}

// Approval is what Approve did.
type Approval struct {
	Known bool               // the credential is one of ours
	Kept  *credential.Record // it was kept, as this record

	// It was not kept, although it is a personal token,
	NeedsPath bool               // since its owner is not known without a path
	Occupied  *credential.Record // since this record has another token for the same

	// Seen is set if it had been seen before, today.
	Seen bool
}

// Approve takes note that a server accepted a credential. One of ours has its
// use noted, and comes back if it was set aside. One that is not ours is kept
// as v.Save says.
func (v *Vault) Approve(ctx context.Context, report Report) (Approval, error) {
	now := v.Now()
	if report.Ephemeral || !report.Login.hasSecret() || !report.Expires.IsZero() && !now.Before(report.Expires) {
		return Approval{}, nil
	}
	// Twice: another program may take the place first that a record is to have.
	for range 2 {
		known, err := v.approveKnown(ctx, report)
		if err != nil || known {
			return Approval{Known: known}, err
		}
		approval, err := v.keep(ctx, report)
		if !errors.Is(err, fs.ErrExist) {
			return approval, err
		}
	}
	return Approval{}, nil
}

// approveKnown reports whether the credential is one of ours, and notes its
// use.
func (v *Vault) approveKnown(ctx context.Context, report Report) (bool, error) {
	candidates, err := v.reported(ctx, report, false)
	if err != nil {
		return false, err
	}
	for _, c := range candidates {
		login, err := v.login(ctx, c.Candidate)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		if !login.sameSecret(report.Login) || v.outdated(c.Record, *login, report) {
			continue
		}
		// Neither is worth an error where nothing can be written.
		v.Tree.NoteUse(c.Key, v.Now())
		// A note on another value of a variable was not taken for one on this.
		if c.Aside != nil || ReadOnly(c.Store) {
			v.Tree.Restore(c.Key)
		}
		return true, nil
	}
	return false, nil
}

// outdated reports whether what stands beside an opaque secret has changed.
func (v *Vault) outdated(r credential.Record, login Login, report Report) bool {
	if r.Kind.IsGitHub() || v.Save != SaveAny {
		return false
	}
	return report.Login.RefreshToken != nil && (login.RefreshToken == nil || !login.RefreshToken.Equal(*report.Login.RefreshToken)) ||
		!report.Expires.IsZero() && !report.Expires.Equal(r.Expires)
}

// reported returns the records that a report may be about: those that fit the
// request, the likeliest first. If all, without a path every record of the
// host is among them, else only those that would have answered.
func (v *Vault) reported(ctx context.Context, report Report, all bool) ([]credential.Look, error) {
	candidates, err := v.candidates(ctx, report.Request, nil, all)
	if err != nil {
		return nil, err
	}
	var first, rest []credential.Look
	for _, look := range credential.Choose(report.Request, candidates, v.Now()).Looked {
		switch {
		case look.Level == credential.NoLevel || look.Damaged != nil:
		case look.Key == report.Key, report.Key == "" && look.Verdict == credential.Chosen:
			first = append(first, look)
		default:
			rest = append(rest, look)
		}
	}
	return append(first, rest...), nil
}

// keep keeps a credential that is not ours, if it is to be kept. The error
// wraps fs.ErrExist if a record of that name came into being meanwhile.
func (v *Vault) keep(ctx context.Context, report Report) (Approval, error) {
	record, approval := v.recordFor(report)
	if record == nil {
		return v.leave(report, approval), nil
	}
	secret, form := report.Login.encode()
	record.Form = form
	same, err := v.Tree.Lookup(record.Host, strings.Join(record.Paths, ""))
	if err != nil {
		return Approval{}, err
	}
	var taken []string
	var replaced *credential.Candidate
	for _, c := range same {
		// Another scope may have its records in the same folder.
		if strings.HasPrefix(c.Key, place(record.Scope)+"/") {
			taken = append(taken, c.Name)
		}
		if !c.Scope.Equal(record.Scope) {
			continue
		}
		switch v.replaces(ctx, c, *record, report.Login) {
		case replace:
			if replaced == nil {
				replaced = &c
			}
		case meanwhile:
			return Approval{}, fs.ErrExist
		case leave:
			return v.leave(report, Approval{Occupied: &c.Record}), nil
		}
	}
	if replaced != nil {
		record.Name, record.Store, record.Copy = replaced.Name, replaced.Store, replaced.Copy
		if ReadOnly(record.Store) {
			return v.leave(report, Approval{Occupied: &replaced.Record}), nil
		}
		if err := v.Tree.Put(*record); err != nil {
			return Approval{}, err
		}
	} else {
		record.Name = FreeName(record.Name, taken)
		record.Store = v.DefaultStore(ctx)
		if err := v.Tree.Create(*record); err != nil {
			return Approval{}, err
		}
	}
	key := Key(*record)
	s, err := v.Open(record.Store)
	if err == nil {
		err = s.Set(ctx, key, secret)
	}
	if err != nil {
		if replaced != nil {
			v.Tree.Put(replaced.Record) // the old secret is still there
		} else {
			v.Tree.Remove(key)
		}
		return Approval{}, err
	}
	return Approval{Kept: record}, v.Tree.Restore(key)
}

// recordFor returns the record under which a credential is to be kept, or why
// it is not.
func (v *Vault) recordFor(report Report) (*credential.Record, Approval) {
	// With a dot at its end a host is the same to DNS, but not to Choose.
	if v.Save == SaveNever || strings.HasSuffix(credential.WithoutPort(report.Request.Host), ".") {
		return nil, Approval{}
	}
	kind := credential.Other
	if report.Login.Password != nil && report.Login.Credential == nil {
		kind = credential.KindOf(*report.Login.Password, report.Request.Host)
	}
	r := &credential.Record{
		Scope:    credential.Scope{Host: report.Request.Host},
		Username: report.Request.Username,
		Kind:     kind,
		Added:    v.Now().UTC(),
		Expires:  report.Expires,
	}
	if kind.IsGitHub() || report.Request.Push() {
		r.Username = report.Request.Login()
	}
	if report.Request.Push() {
		r.Access = credential.WriteAccess // as the server has just shown
	}
	if r.Expires.Year() > 9999 { // the last that RFC 3339 can write
		r.Expires = time.Time{}
	}
	repository, err := report.Request.Repository()
	switch {
	case v.Save == SaveTokens && !kind.IsPersonal():
		return nil, Approval{}
	case kind == credential.FineGrained && (repository == "" || err != nil):
		return nil, Approval{NeedsPath: true}
	case kind == credential.FineGrained:
		owner, _, _ := strings.Cut(repository, "/")
		r.Paths = []string{owner}
	case kind == credential.AppInstallation && repository != "":
		r.Paths = []string{repository}
	case !kind.IsGitHub() && strings.Trim(report.Request.Path, "/") != "":
		r.Paths = []string{strings.Trim(report.Request.Path, "/")}
	}
	r.Name = DefaultName(*r)
	return r, Approval{}
}

// DefaultName is what a record is called for which nobody chose a name. Two
// tokens of one login for reading and for writing have two names.
func DefaultName(r credential.Record) string {
	name := r.Kind.String()
	if r.Username != "" {
		name = strings.ToLower(r.Username)
	}
	if r.Access != "" {
		name += "-" + string(r.Access)
	}
	return name
}

// FreeName returns a name that is not among those taken: the name itself, or
// with a number.
func FreeName(name string, taken []string) string {
	free := name
	for n := 2; contains(taken, free); n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	return free
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if escape(n) == escape(name) {
			return true
		}
	}
	return false
}

type step int

const (
	beside    step = iota // keep the new one beside the old one
	replace               // put it in place of the old one
	leave                 // do not keep it
	meanwhile             // another program has just kept it
)

// replaces says what is to become of a record for the same scope when a
// credential comes in that has another secret.
func (v *Vault) replaces(ctx context.Context, old credential.Candidate, record credential.Record, login Login) step {
	sameLogin := credential.EqualFold(old.Username, record.Username)
	if old.Damaged != nil || old.Access != "" && record.Access != "" && old.Access != record.Access {
		return beside
	}
	if !record.Kind.IsGitHub() || !old.Kind.IsGitHub() {
		// Passwords are replaced as Git's own helpers do. A person knows them,
		// while GitHub shows a token only once.
		if old.Kind == record.Kind && sameLogin {
			return replace
		}
		return beside
	}
	had, err := v.login(ctx, old)
	if errors.Is(err, ErrNotFound) {
		if sameLogin || old.Username == "" {
			return replace // there is nothing to lose
		}
		return beside
	}
	switch {
	case old.Aside != nil:
		return beside // it may have been refused by mistake
	case sameLogin && record.Username != "":
		return replace
	case old.Expired(v.Now()):
		return beside
	case (record.Username == "" || old.Username == "") && err == nil && had.sameSecret(login):
		return meanwhile
	case record.Username == "" || old.Username == "":
		return leave // else neither would answer any more
	}
	return beside
}

// leave notes that somebody else answers for what the report is about, where
// that is of interest, so that no hint comes with each fetch.
func (v *Vault) leave(report Report, approval Approval) Approval {
	if !v.Speaks(report.Request.Host) {
		return approval
	}
	approval.Seen = v.AnsweredByOthers(report.Request)
	v.Tree.NoteOthers(report.Request.Host, report.Request.Path, v.Now())
	return approval
}

// AnsweredByOthers reports whether somebody else, another helper most likely,
// was lately seen to answer a request that we could not.
func (v *Vault) AnsweredByOthers(request credential.Request) bool {
	return NotedLately(v.Tree.Others(request.Host, request.Path), v.Now())
}

// Speaks reports whether people are told anything about a host: github.com,
// and hosts with a token of GitHub's.
func (v *Vault) Speaks(host string) bool {
	if host == credential.GitHubHost || host == credential.GistHost {
		return true
	}
	for c, err := range v.Tree.Host(host) {
		if err == nil && c.Kind.IsGitHub() {
			return true
		}
	}
	return false
}

// Rejection is what Reject did.
type Rejection struct {
	SetAside []credential.Record // these answer no more

	// Spared is set if the report named no secret, and tokens of GitHub's fit.
	Spared bool
}

// Reject takes note that a server refused a credential. If it is one of ours,
// it is set aside: it stays where it is and answers no more. A report without
// a secret, which may be one cut short, concerns no token of GitHub's; with
// SaveAny it sets aside the other credentials that fit it.
func (v *Vault) Reject(ctx context.Context, report Report) (Rejection, error) {
	candidates, err := v.reported(ctx, report, true)
	if err != nil {
		return Rejection{}, err
	}
	var rejection Rejection
	var trouble error
	for _, c := range candidates {
		aside := credential.Refused(report.Request.Host, v.Now())
		if report.Login.hasSecret() {
			login, err := v.login(ctx, c.Candidate)
			if err != nil {
				if !errors.Is(err, ErrNotFound) {
					trouble = err
				}
				continue
			}
			if !login.sameSecret(report.Login) {
				continue
			}
			if ReadOnly(c.Store) {
				aside.Fingerprint = fingerprint(*login.Password)
			}
		} else if c.Kind.IsGitHub() {
			rejection.Spared = true
			continue
		} else if v.Save != SaveAny {
			continue
		}
		if c.Aside == nil || c.Aside.Fingerprint != aside.Fingerprint {
			if err := v.Tree.SetAside(c.Key, aside); err != nil {
				return rejection, &MarkError{c.Record, err}
			}
		}
		rejection.SetAside = append(rejection.SetAside, c.Record)
	}
	if len(rejection.SetAside) > 0 {
		trouble = nil
	}
	return rejection, trouble
}

// A MarkError says that a token could not be set aside.
type MarkError struct {
	Record credential.Record
	Err    error
}

func (e *MarkError) Error() string {
	return fmt.Sprintf("the token %s of %s was refused, and that cannot be noted: %v", credential.Quote(e.Record.Name), e.Record.Scope, e.Err)
}

func (e *MarkError) Unwrap() error { return e.Err }
