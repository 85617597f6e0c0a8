package keeper

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A Report is what Git says about a credential, which may come from any helper
// or from a prompt.
type Report struct {
	Request credential.Request
	Login   Login

	Expires   time.Time // zero if unknown
	Ephemeral bool      // must not be stored
	Unseen    bool      // messages are not shown on a terminal
	Key       string    // the record that it came from, if Git says so

	// Asked is true if Git says that it asked the helper before and got no
	// answer. AskedByName is true if it asked for a user name. Git before 2.46
	// says neither; Approve then looks for a note in the tree.
	Asked, AskedByName bool
}

// An Approval is the result of Approve.
type Approval struct {
	Kept    *credential.Record // the record under which the credential was stored
	Several bool               // there are other records with the target of Kept

	// The reasons why a personal token was not stored although Git had asked for it.
	NeedsPath bool               // the repository is unknown, because there is no path
	Occupied  *credential.Record // this token is for the same repository

	// Repeated is true if such a reason was already returned within a day, so there
	// is no need to print it again.
	Repeated bool

	known bool // a record has this credential
}

// Approve handles a credential that a server accepted. If a record has it, its
// use is noted, and it is no longer set aside.
//
// Git also reports a credential that was in a URL, even if it was never sent, and
// an attacker may have written the URL. So other tokens are stored only if Git
// asked for them within the last minutes and got no answer: then they come from
// a prompt or from another helper. Such a token is stored for one repository, and
// only if no usable token exists for it. SaveAny also stores passwords for other
// servers, as Git's own helpers do.
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

// approveKnown reports whether a record has the credential, and notes its use.
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
		// On a read-only disk both fail, which must not be an error in each fetch.
		k.Tree.NoteUse(c.Key, k.Now())
		// A token may work for one owner and stay set aside for another. In a
		// read-only store the mark may be about an older value; c.Aside is nil then.
		if c.AsideFor(report.Request) || c.Aside == nil && store.ReadOnly(c.Store) {
			k.Tree.Restore(c.Key)
		}
		return true, nil
	}
	return false, nil
}

// outdated reports whether the refresh token or the expiry of a password changed.
func (k *Keeper) outdated(r credential.Record, login Login, report Report) bool {
	if r.IsToken() || k.Save != SaveAny {
		return false
	}
	return report.Login.RefreshToken != nil && (login.RefreshToken == nil || !login.RefreshToken.Equal(*report.Login.RefreshToken)) ||
		!report.Expires.IsZero() && !report.Expires.Equal(r.Expires)
}

// reported returns the records that fit a report, the most likely one first. For
// the meaning of all, see candidates.
func (k *Keeper) reported(ctx context.Context, report Report, all bool) ([]credential.Considered, error) {
	candidates, err := k.candidates(ctx, report.Request, nil, all)
	if err != nil {
		return nil, err
	}
	var first, rest []credential.Considered
	for _, c := range credential.Choose(report.Request, candidates, k.Now()).Considered {
		switch {
		case c.Level == credential.NoLevel || c.Damaged != nil:
		case c.Key == report.Key, report.Key == "" && c.Verdict == credential.Chosen:
			first = append(first, c)
		default:
			rest = append(rest, c)
		}
	}
	return append(first, rest...), nil
}

// recordFor returns a record for a new credential. It returns nil, and perhaps a
// reason, if the credential must not be stored.
func (k *Keeper) recordFor(report Report) (*credential.Record, Approval) {
	host := report.Request.Host
	// DNS treats "host." and "host" alike; Choose does not.
	if k.Save == SaveNever || strings.HasSuffix(credential.WithoutPort(host), ".") {
		return nil, Approval{}
	}
	// Records are not secret, so a token must not become the user name of one.
	if report.Request.TokenForName() {
		return nil, Approval{}
	}
	kind := credential.Other
	if report.Login.Password != nil && report.Login.Credential == nil {
		on := forge.Of(host)
		if at := k.Tree.Forge(host); on == forge.Other && at != forge.GitHub {
			on = at // as its other tokens tell
		}
		kind = forge.KindOf(report.Login.Password.Reveal(), on)
	}
	switch {
	case !kind.IsPersonal() && k.Save != SaveAny:
		return nil, Approval{}
	case !report.Asked && (kind.IsToken() || forge.Of(host) != forge.Other):
		return nil, Approval{}
	}
	host, path := report.Request.Place()
	r := &credential.Record{
		Target:   credential.Target{Host: host},
		Username: report.Request.Username,
		Kind:     kind,
		Added:    k.Now().UTC(),
		Expires:  report.Expires,
	}
	if kind.IsToken() || report.Request.Push() {
		r.Username = report.Request.Login()
	}
	if report.Request.Push() {
		r.Access = credential.WriteAccess // the server has just accepted a push
	}
	if r.Expires.Year() > 9999 { // RFC 3339 has no later years
		r.Expires = time.Time{}
	}
	repository, err := r.On().Repository(host, path)
	owner := r.On().Owner(host, repository)
	switch {
	case kind.IsToken() && (err != nil || repository == "" || repository == owner && host != credential.GistHost):
		return nil, Approval{NeedsPath: true}
	case err != nil:
		return nil, Approval{}
	case repository != "":
		r.Paths = []string{repository}
	}
	r.Name = record.DefaultName(*r)
	return r, Approval{}
}

// keep stores a credential, unless a usable token exists for the same target. It
// holds the lock, so it does not overwrite what a git pat command changes.
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
	several := slices.ContainsFunc(same, func(c credential.Candidate) bool { return c.Key != key && c.Target.Equal(r.Target) })
	if err := s.Set(ctx, key, secret); err != nil {
		if old != nil {
			k.Tree.Put(*old) // the old secret is still there
		} else {
			k.Tree.Remove(key)
		}
		return Approval{}, err
	}
	return Approval{Kept: &r, Several: several}, k.Tree.Restore(key)
}

// occupied looks for a usable token that fits the request of a new credential.
// The login matters only if Git asked for one. The result is known if another
// process has just stored the credential.
func (k *Keeper) occupied(ctx context.Context, report Report, kind credential.Kind) (Approval, error) {
	request := report.Request
	if !report.AskedByName && !request.Push() {
		request.Username = ""
	}
	candidates, err := k.candidates(ctx, request, nil, true)
	if err != nil {
		return Approval{}, err
	}
	var occupied *credential.Record
	for _, c := range credential.Choose(request, candidates, k.Now()).Considered {
		if c.Level == credential.NoLevel || c.Damaged != nil {
			continue
		}
		// A password replaces another one, as in Git's own helpers.
		if kind == credential.Other && c.Kind == credential.Other {
			continue
		}
		login, err := k.login(ctx, c.Candidate)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return Approval{}, err
		case login.sameSecret(report.Login):
			return Approval{known: true}, nil
		case c.Verdict == credential.Expired || c.Verdict == credential.SetAside:
		case occupied == nil || request.Login() != "" && credential.EqualFold(c.Username, request.Login()):
			occupied = &c.Record
		}
	}
	if occupied == nil {
		return Approval{}, nil
	}
	return k.leave(report, Approval{Occupied: occupied}), nil
}

// replaced returns the record that a new one replaces, or nil. A password replaces
// the password of the same login. Other records are replaced only if their secret
// is missing, as after a crash, because a forge shows a token only once.
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

// leave returns the approval of a credential that is not stored. It notes that
// another helper or the person has one, so Get need not print a hint every time.
// A hint that nobody saw does not count.
func (k *Keeper) leave(report Report, approval Approval) Approval {
	if !report.Asked || !k.IsOurs(report.Request.Host) {
		return approval
	}
	approval.Repeated = k.AnsweredByOthers(report.Request)
	if !report.Unseen {
		k.Tree.NoteOthers(report.Request.Host, report.Request.Path, k.Now())
	}
	return approval
}

// AnsweredByOthers reports whether another helper or the person answered such a
// request within a day.
func (k *Keeper) AnsweredByOthers(request credential.Request) bool {
	return record.NotedLately(k.Tree.Others(request.Host, request.Path), k.Now())
}
