package keeper

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A Report is what Git tells a helper about a credential, whoever it is from.
type Report struct {
	Request credential.Request
	Login   Login

	Expires   time.Time // zero: not said
	Ephemeral bool      // not to be kept
	Key       string    // the record that Git has it from, if it still knows

	// Asked is set where Git says that a helper of ours was asked for this and
	// had no answer, AskedByName if it was asked for this very user name.
	Asked, AskedByName bool
}

// Approval is what Approve did.
type Approval struct {
	Kept *credential.Record // it was kept, as this record

	// It was not kept, although it is a personal token that Git asked us for,
	NeedsPath bool               // since its repository is not known without a path
	Occupied  *credential.Record // since this token is for the same repository

	// Seen is set if somebody else was seen to answer before, today.
	Seen bool

	known bool // the credential is one of ours
}

// Approve takes note that a server accepted a credential. One of ours has its
// use noted, and comes back if it was set aside.
//
// Git also reports a credential that stood in a URL, even one that was never
// sent, and whoever writes a URL may be an enemy. So a token that is not ours is
// kept only if Git asked for it a moment ago and we had no answer: then a person
// typed it, or another helper gave it. It is kept for the very repository, and
// only if no usable token is for that already. With SaveAny other servers'
// passwords are kept too, as Git's own helpers do.
func (k *Keeper) Approve(ctx context.Context, report Report) (Approval, error) {
	if report.Ephemeral || !report.Login.hasSecret() || !report.Expires.IsZero() && !k.Now().Before(report.Expires) {
		return Approval{}, nil
	}
	known, err := k.approveKnown(ctx, report)
	if err != nil || known {
		return Approval{known: known}, err
	}
	if report.Key != "" {
		return Approval{}, nil // rotated or removed since Git had it from us
	}
	if !report.Asked {
		report.Asked, report.AskedByName = k.Tree.TakeAsked(report.Request, k.Now())
	}
	r, approval := k.recordFor(report)
	if r == nil {
		return k.leave(report, approval), nil
	}
	return k.keep(ctx, report, *r)
}

// approveKnown reports whether the credential is one of ours, and notes its
// use.
func (k *Keeper) approveKnown(ctx context.Context, report Report) (bool, error) {
	candidates, err := k.reported(ctx, report, false)
	if err != nil {
		return false, err
	}
	for _, c := range candidates {
		login, err := k.login(ctx, c.Candidate)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		if !login.sameSecret(report.Login) || k.outdated(c.Record, *login, report) {
			continue
		}
		// Neither is worth an error where nothing can be written.
		k.Tree.NoteUse(c.Key, k.Now())
		// That one owner accepts it says nothing of another one that refused it. A
		// mark for another value of a variable was not taken for one on this.
		if c.AsideFor(report.Request) || c.Aside == nil && store.ReadOnly(c.Store) {
			k.Tree.Restore(c.Key)
		}
		return true, nil
	}
	return false, nil
}

// outdated reports whether what stands beside an opaque secret has changed.
func (k *Keeper) outdated(r credential.Record, login Login, report Report) bool {
	if r.Kind.IsGitHub() || k.Save != SaveAny {
		return false
	}
	return report.Login.RefreshToken != nil && (login.RefreshToken == nil || !login.RefreshToken.Equal(*report.Login.RefreshToken)) ||
		!report.Expires.IsZero() && !report.Expires.Equal(r.Expires)
}

// reported returns the records that a report may be about: those that fit the
// request, the likeliest first. If all, without a path every record of the
// host is among them, else only those that would have answered.
func (k *Keeper) reported(ctx context.Context, report Report, all bool) ([]credential.Considered, error) {
	candidates, err := k.candidates(ctx, report.Request, nil, all)
	if err != nil {
		return nil, err
	}
	var first, rest []credential.Considered
	for _, look := range credential.Choose(report.Request, candidates, k.Now()).Considered {
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

// recordFor returns the record under which a credential that is not ours is to
// be kept, or why it is not.
func (k *Keeper) recordFor(report Report) (*credential.Record, Approval) {
	host := report.Request.Host
	// DNS treats "host." and "host" alike; Choose does not.
	if k.Save == SaveNever || strings.HasSuffix(credential.WithoutPort(host), ".") {
		return nil, Approval{}
	}
	// A token in the place of a user name would stand in the record, for all to see.
	if report.Request.TokenForName() {
		return nil, Approval{}
	}
	kind := credential.Other
	if report.Login.Password != nil && report.Login.Credential == nil {
		kind = credential.KindOf(*report.Login.Password, host)
	}
	switch {
	case !kind.IsPersonal() && k.Save != SaveAny:
		return nil, Approval{}
	case !report.Asked && (kind.IsGitHub() || credential.IsGitHubHost(host)):
		return nil, Approval{}
	}
	r := &credential.Record{
		Target:   credential.Target{Host: host},
		Username: report.Request.Username,
		Kind:     kind,
		Added:    k.Now().UTC(),
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
	path := strings.Trim(report.Request.Path, "/")
	if kind.IsGitHub() {
		repository, err := report.Request.Repository()
		if err != nil || !strings.Contains(repository, "/") && (repository == "" || host != credential.GistHost) {
			return nil, Approval{NeedsPath: true}
		}
		path = repository
	}
	if path != "" {
		r.Paths = []string{path}
	}
	r.Name = record.DefaultName(*r)
	return r, Approval{}
}

// keep keeps a credential as a record, unless a usable token is for the same. It
// holds the lock of git pat, so what a person does meanwhile is not undone.
func (k *Keeper) keep(ctx context.Context, report Report, r credential.Record) (Approval, error) {
	r.Store = k.DefaultStore(ctx)
	unlock, err := k.Tree.Lock(ctx)
	if err != nil {
		return Approval{}, err
	}
	defer unlock()
	if approval, err := k.occupied(ctx, report, r.Kind); err != nil || approval != (Approval{}) {
		return approval, err
	}
	same, err := k.Tree.Lookup(r.Host, strings.Join(r.Paths, ""))
	if err != nil {
		return Approval{}, err
	}
	var taken []string
	for _, c := range same {
		// Another target may have its records in the same folder.
		if path.Dir(c.Key) == path.Dir(record.Key(r)) {
			taken = append(taken, c.Name)
		}
	}
	secret, form := report.Login.encode()
	r.Form = form
	old := k.replaced(ctx, same, r)
	if old != nil {
		r.Name, r.Store = old.Name, old.Store
	} else {
		r.Name = record.FreeName(r.Name, taken)
	}
	s, err := k.Open(r.Store)
	if err != nil {
		return Approval{}, err
	}
	if old != nil {
		err = k.Tree.Put(r)
	} else if err = Clear(ctx, k.Tree, s, r); err == nil {
		err = k.Tree.Create(r)
	}
	if err != nil {
		return Approval{}, err
	}
	key := record.Key(r)
	if err := s.Set(ctx, key, secret); err != nil {
		if old != nil {
			k.Tree.Put(*old) // the old secret is still there
		} else {
			k.Tree.Remove(key)
		}
		return Approval{}, err
	}
	return Approval{Kept: &r}, k.Tree.Restore(key)
}

// occupied returns the usable token that is for the same as a new credential,
// whatever its login, unless Git asked for another login by name. It is known if
// another program has just kept the credential.
func (k *Keeper) occupied(ctx context.Context, report Report, kind credential.Kind) (Approval, error) {
	request := report.Request
	if !report.AskedByName && !request.Push() {
		request.Username = ""
	}
	candidates, err := k.candidates(ctx, request, nil, true)
	if err != nil {
		return Approval{}, err
	}
	for _, look := range credential.Choose(request, candidates, k.Now()).Considered {
		if look.Level == credential.NoLevel || look.Damaged != nil {
			continue
		}
		// Passwords replace each other, as with Git's own helpers.
		if kind == credential.Other && look.Kind == credential.Other {
			continue
		}
		login, err := k.login(ctx, look.Candidate)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return Approval{}, err
		case login.sameSecret(report.Login):
			return Approval{known: true}, nil
		case look.Verdict != credential.Expired && look.Verdict != credential.SetAside:
			return k.leave(report, Approval{Occupied: &look.Record}), nil
		}
	}
	return Approval{}, nil
}

// replaced returns the record that a new one replaces: that of a password of the
// same login, or one whose secret is lost, as after a crash. A person knows a
// password, while a forge shows a token only once, so tokens are never replaced.
func (k *Keeper) replaced(ctx context.Context, candidates []credential.Candidate, r credential.Record) *credential.Record {
	for _, c := range candidates {
		if c.Damaged != nil || store.ReadOnly(c.Store) || !c.Target.Equal(r.Target) || c.Access != r.Access || !credential.EqualFold(c.Username, r.Username) {
			continue
		}
		if r.Kind == credential.Other && c.Kind == credential.Other {
			return &c.Record
		}
		if _, err := k.login(ctx, c); errors.Is(err, store.ErrNotFound) && c.Name == r.Name {
			return &c.Record
		}
	}
	return nil
}

// leave notes that somebody else answers for what Git asked us for, if people are
// told about the host, so that no hint comes with each fetch.
func (k *Keeper) leave(report Report, approval Approval) Approval {
	if !report.Asked || !k.Speaks(report.Request.Host) {
		return approval
	}
	approval.Seen = k.AnsweredByOthers(report.Request)
	k.Tree.NoteOthers(report.Request.Host, report.Request.Path, k.Now())
	return approval
}

// AnsweredByOthers reports whether somebody else, another helper most likely,
// was lately seen to answer a request that we could not.
func (k *Keeper) AnsweredByOthers(request credential.Request) bool {
	return record.NotedLately(k.Tree.Others(request.Host, request.Path), k.Now())
}
