package inspect

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// A Result is whether the server accepts a token.
type Result string

// The results.
const (
	ResultGood    Result = "good"    // the server accepts it
	ResultUnfit   Result = "unfit"   // the server accepts it, but not for its target
	ResultRefused Result = "refused" // with 401
	ResultUnknown Result = "unknown" // the server did not say
)

// A Report is what a server says about a token.
type Report struct {
	Kind   credential.Kind
	Result Result // never ResultUnfit; see Fit
	Login  string // the record's if the forge names none

	// Expires is the record's if the forge names no credible time. ExpiryKnown
	// means that the forge named it. Then zero means that the token does not
	// expire.
	Expires     time.Time
	ExpiryKnown bool

	// Name and LastUsed are what GitLab says about the token. LastUsed is
	// zero for a token that was never used.
	Name     string
	LastUsed time.Time

	// Scopes are nil if the forge did not name them.
	Scopes []string

	// Rotates is whether the forge rotates the token when it is asked with the
	// token alone; see Client.Rotate.
	Rotates Answer

	// Remaining is as in Account.
	Remaining int

	// Cause says why the result is not good; else it is nil. Its Err may be
	// ErrNoRepository or ErrPublic.
	Cause *refusal.Cause

	// SSO is the page where a good token is to be authorized for single
	// sign-on, if the server asked for that.
	SSO string

	// Repositories are those of the record. On GitHub, if the record has an owner,
	// they are up to five of the owner's private repositories.
	Repositories []Access

	// NoneSeen is the owner of the record if the token can see none of the
	// owner's private repositories on GitHub.
	NoneSeen string

	// OtherOwner is an owner other than that of the record whose private
	// repositories a fine-grained token can see. Such a token belongs to that owner.
	OtherOwner string

	// Lacks is the scope that the token needs and lacks. It is empty if the token
	// could fetch from a repository without it.
	Lacks string

	// ListErr says why the owner's repositories could not be listed.
	ListErr error
}

// Access is what a token may do with a repository.
type Access struct {
	Repository string // a path on the host
	Fetch      Answer
	Push       Answer
	Cause      *refusal.Cause // of the first answer that is not Yes
}

var (
	// ErrNoRepository is the error for a token that cannot be checked: the server
	// says nothing about tokens, and no target is a repository to try.
	ErrNoRepository = errors.New("the server says nothing about tokens themselves, and there is no repository to try this one with")

	// ErrPublic is the error for a token that was tried only with repositories from
	// which everybody may fetch.
	ErrPublic = errors.New("it was tried with public repositories only, from which everybody may fetch")
)

// Inspect asks the forge about a token, which need not be stored yet. What is asked
// follows from the host and the kind of the record.
func (c *Client) Inspect(ctx context.Context, r credential.Record, secret credential.Secret, now time.Time) Report {
	report := Report{Kind: r.Kind, Result: ResultUnknown, Login: r.Username, Expires: r.Expires, Remaining: -1, Rotates: No}
	switch f := r.On(); {
	case f == forge.GitHub && r.Kind.IsGitHub():
		c.inspectGitHub(ctx, &report, r, secret, now)
	case isGitLabToken(r):
		c.inspectGitLab(ctx, &report, r, secret)
	case f == forge.Gitea && r.Kind == forge.GiteaToken:
		c.inspectGitea(ctx, &report, r, secret)
	default:
		c.inspectGit(ctx, &report, r, secret)
	}
	return report
}

// refuse completes a report with the error of the call about the token.
func (r *Report) refuse(err error, record credential.Record) {
	cause := refusal.Of(err, aboutRecord(record), record.On())
	r.Cause = &cause
	if IsRejected(err) {
		r.Result = ResultRefused
	}
}

// IsRejected reports whether an error says that the server rejected the token, and that
// nothing else was wrong.
func IsRejected(err error) bool {
	var refused *refusal.Error
	return errors.As(err, &refused) && refused.Status == http.StatusUnauthorized && refused.RetryAfter.IsZero()
}

// fetches reports whether the token was seen to fetch from a repository.
func (r *Report) fetches() bool {
	return slices.ContainsFunc(r.Repositories, func(a Access) bool { return a.Fetch == Yes })
}

// inspectGit tries the repositories of a token. If the API said nothing, the result
// follows from what they answer.
func (c *Client) inspectGit(ctx context.Context, report *Report, r credential.Record, secret credential.Secret) {
	f := r.On()
	for _, path := range r.Paths {
		possible, certain := f.CanBeRepository(r.Host, path)
		if !possible {
			continue
		}
		access := c.try(ctx, r, path, secret)
		if !certain && access.Cause != nil && access.Cause.Reason == refusal.NotVisible {
			// It may be a group, or written with capitals on a server where that matters.
			access.Fetch, access.Push = NotKnown, NotKnown
		}
		if report.Result == ResultGood && access.Cause != nil && access.Cause.Reason == refusal.BadToken {
			access.Cause.Reason = refusal.NoPermission // the API has just accepted it
		}
		report.Repositories = append(report.Repositories, access)
	}
	if report.Result == ResultUnknown {
		c.judge(ctx, report, r)
	}
}

// judge finds the result of a report in its repositories. It is good if the token may
// push or fetch and not everybody may. It is refused if the server rejects the token
// for all repositories: the helper, too, sets a token aside that Git reports as
// rejected.
func (c *Client) judge(ctx context.Context, report *Report, r credential.Record) {
	rejected, public := 0, false
	for _, access := range report.Repositories {
		cause := access.Cause
		switch {
		case access.Fetch == Yes || access.Push == Yes:
			var private bool
			if private, cause = c.isPrivate(ctx, r, access); private {
				report.Result, report.Cause = ResultGood, nil
				return
			}
			public = public || cause == nil
		case access.Fetch == No && access.Push == No && cause.Reason == refusal.BadToken:
			rejected++
		}
		if report.Cause == nil {
			report.Cause = cause
		}
	}
	switch {
	case rejected > 0 && rejected == len(report.Repositories):
		report.Result, report.Cause = ResultRefused, report.Repositories[0].Cause
	case report.Cause != nil:
	case public:
		report.Cause = &refusal.Cause{About: aboutRecord(r), Err: ErrPublic}
	default:
		report.Cause = &refusal.Cause{About: aboutRecord(r), Err: ErrNoRepository}
	}
}

// isPrivate reports whether the server refuses without a token what it allowed with
// one. Some servers do not look at a token if they do not need one. The cause says
// why that is not known.
func (c *Client) isPrivate(ctx context.Context, r credential.Record, access Access) (bool, *refusal.Cause) {
	service := Fetch
	if access.Push == Yes {
		service = Push
	}
	err := c.reach(ctx, r.On(), r.Host, access.Repository, service, "", credential.Secret{})
	if err == nil {
		return false, nil
	}
	var refused *refusal.Error
	if errors.As(err, &refused) && slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, refused.Status) {
		return true, nil
	}
	cause := refusal.Of(err, aboutRecord(r), r.On())
	return false, &cause
}

// Fit is whether the token can be used for its target. The result is unfit if the
// forge accepts it, but it belongs to another owner or lacks a scope, and unknown if
// it was not seen to reach anything.
func (r Report) Fit() Result {
	switch {
	case r.Result != ResultGood:
		return r.Result
	case r.OtherOwner != "" || r.Lacks != "":
		return ResultUnfit
	case r.NoneSeen != "" && r.Kind == credential.FineGrained:
		return ResultUnknown
	}
	return ResultGood
}

// Lost returns what an old token may do and a new one may not, of the repositories
// in the report on the old one. The answers are those of the new token.
func (c *Client) Lost(ctx context.Context, old Report, r credential.Record, secret credential.Secret) []Access {
	var lost []Access
	for _, was := range old.Repositories {
		now := Access{Repository: was.Repository, Fetch: was.Fetch, Push: was.Push}
		if was.Fetch == Yes {
			now.Fetch, now.Cause = c.Try(ctx, r, was.Repository, Fetch, secret)
		}
		if was.Push == Yes && r.Access != credential.ReadAccess {
			now.Push, _ = c.Try(ctx, r, was.Repository, Push, secret)
		}
		if now.Fetch != was.Fetch || now.Push != was.Push {
			lost = append(lost, now)
		}
	}
	return lost
}

func aboutRecord(r credential.Record) refusal.About {
	about := refusal.About{Host: r.Host, Kind: r.Kind}
	if len(r.Paths) > 0 {
		about.Repository = r.Paths[0]
	}
	return about
}
