package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
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
func (v *Vault) Approve(ctx context.Context, report Report) (Approval, error) {
	if report.Ephemeral || !report.Login.hasSecret() || !report.Expires.IsZero() && !v.Now().Before(report.Expires) {
		return Approval{}, nil
	}
	known, err := v.approveKnown(ctx, report)
	if err != nil || known {
		return Approval{known: known}, err
	}
	if report.Key != "" {
		return Approval{}, nil // rotated or removed since Git had it from us
	}
	if !report.Asked {
		report.Asked, report.AskedByName = v.Tree.TakeAsked(report.Request, v.Now())
	}
	record, approval := v.recordFor(report)
	if record == nil {
		return v.leave(report, approval), nil
	}
	return v.keep(ctx, report, *record)
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
		// That one owner accepts it says nothing of another one that refused it. A
		// mark for another value of a variable was not taken for one on this.
		if c.AsideFor(report.Request) || c.Aside == nil && ReadOnly(c.Store) {
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

// recordFor returns the record under which a credential that is not ours is to
// be kept, or why it is not.
func (v *Vault) recordFor(report Report) (*credential.Record, Approval) {
	host := report.Request.Host
	// DNS treats "host." and "host" alike; Choose does not.
	if v.Save == SaveNever || strings.HasSuffix(credential.WithoutPort(host), ".") {
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
	case !kind.IsPersonal() && v.Save != SaveAny:
		return nil, Approval{}
	case !report.Asked && (kind.IsGitHub() || credential.IsGitHubHost(host)):
		return nil, Approval{}
	}
	r := &credential.Record{
		Scope:    credential.Scope{Host: host},
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
	r.Name = DefaultName(*r)
	return r, Approval{}
}

// keep keeps a credential as a record, unless a usable token is for the same. It
// holds the lock of git pat, so what a person does meanwhile is not undone.
func (v *Vault) keep(ctx context.Context, report Report, record credential.Record) (Approval, error) {
	record.Store = v.DefaultStore(ctx)
	unlock, err := v.Tree.Lock(ctx)
	if err != nil {
		return Approval{}, err
	}
	defer unlock()
	if approval, err := v.occupied(ctx, report, record.Kind); err != nil || approval != (Approval{}) {
		return approval, err
	}
	same, err := v.Tree.Lookup(record.Host, strings.Join(record.Paths, ""))
	if err != nil {
		return Approval{}, err
	}
	var taken []string
	for _, c := range same {
		// Another scope may have its records in the same folder.
		if strings.HasPrefix(c.Key, place(record.Scope)+"/") {
			taken = append(taken, c.Name)
		}
	}
	secret, form := report.Login.encode()
	record.Form = form
	old := v.replaced(ctx, same, record)
	if old != nil {
		record.Name, record.Store, record.Copy = old.Name, old.Store, old.Copy
		err = v.Tree.Put(record)
	} else {
		record.Name = FreeName(record.Name, taken)
		err = v.Tree.Create(record)
	}
	if err != nil {
		return Approval{}, err
	}
	key := Key(record)
	s, err := v.Open(record.Store)
	if err == nil {
		err = s.Set(ctx, key, secret)
	}
	if err != nil {
		if old != nil {
			v.Tree.Put(*old) // the old secret is still there
		} else {
			v.Tree.Remove(key)
		}
		return Approval{}, err
	}
	return Approval{Kept: &record}, v.Tree.Restore(key)
}

// occupied returns the usable token that is for the same as a new credential,
// whatever its login, unless Git asked for another login by name. It is known if
// another program has just kept the credential.
func (v *Vault) occupied(ctx context.Context, report Report, kind credential.Kind) (Approval, error) {
	request := report.Request
	if !report.AskedByName && !request.Push() {
		request.Username = ""
	}
	candidates, err := v.candidates(ctx, request, nil, true)
	if err != nil {
		return Approval{}, err
	}
	for _, look := range credential.Choose(request, candidates, v.Now()).Looked {
		if look.Level == credential.NoLevel || look.Damaged != nil {
			continue
		}
		// Passwords replace each other, as with Git's own helpers.
		if kind == credential.Other && look.Kind == credential.Other {
			continue
		}
		login, err := v.login(ctx, look.Candidate)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return Approval{}, err
		case login.sameSecret(report.Login):
			return Approval{known: true}, nil
		case look.Verdict != credential.Expired && look.Verdict != credential.SetAside:
			return v.leave(report, Approval{Occupied: &look.Record}), nil
		}
	}
	return Approval{}, nil
}

// replaced returns the record that a new one replaces: that of a password of the
// same login, or one whose secret is lost, as after a crash. A person knows a
// password, while a forge shows a token only once, so tokens are never replaced.
func (v *Vault) replaced(ctx context.Context, candidates []credential.Candidate, record credential.Record) *credential.Record {
	for _, c := range candidates {
		if c.Damaged != nil || ReadOnly(c.Store) || !c.Scope.Equal(record.Scope) || c.Access != record.Access || !credential.EqualFold(c.Username, record.Username) {
			continue
		}
		if record.Kind == credential.Other && c.Kind == credential.Other {
			return &c.Record
		}
		if _, err := v.login(ctx, c); errors.Is(err, ErrNotFound) && c.Name == record.Name {
			return &c.Record
		}
	}
	return nil
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

// leave notes that somebody else answers for what Git asked us for, if people are
// told about the host, so that no hint comes with each fetch.
func (v *Vault) leave(report Report, approval Approval) Approval {
	if !report.Asked || !v.Speaks(report.Request.Host) {
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
