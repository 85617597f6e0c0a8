package github

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Result is whether GitHub accepts a token.
type Result string

const (
	ResultGood    Result = "good"
	ResultUnfit   Result = "unfit"   // GitHub accepts it, but not for its target
	ResultRefused Result = "refused" // with 401
	ResultUnknown Result = "unknown" // the server did not say
)

// An Answer is whether a token may do one thing.
type Answer string

const (
	Yes      Answer = "yes"
	No       Answer = "no"
	NotKnown Answer = "unknown"
)

// A Report is what GitHub says about a token.
type Report struct {
	Kind    credential.Kind
	Result  Result    // never ResultUnfit; see Fit
	Login   string    // the record's if GitHub names none
	Expires time.Time // the record's if GitHub names no credible time
	Scopes  []string

	// Remaining is as in Account.
	Remaining int

	// Cause says why the result is not good; else it is nil.
	Cause *Cause

	// SSO is the page where a good token is to be authorized for single
	// sign-on, if the server asked for that.
	SSO string

	// Repositories are those of the record. If the record has an owner, they are
	// up to five of the owner's private repositories.
	Repositories []Access

	// NoneSeen is the owner of the record if the token can see none of the
	// owner's private repositories.
	NoneSeen string

	// OtherOwner is an owner other than that of the record whose private
	// repositories a fine-grained token can see. Such a token belongs to that owner.
	OtherOwner string

	// Lacks is the scope that the token needs and lacks, if it was not seen to fetch
	// from a repository without it.
	Lacks string

	// ListErr says why the owner's repositories could not be listed.
	ListErr error
}

// Access is what a token may do with a repository.
type Access struct {
	Repository string // owner/name
	Fetch      Answer
	Push       Answer
	Cause      *Cause // of the first answer that is not Yes
}

// Inspect asks GitHub about a token, which need not be kept yet.
func (c *Client) Inspect(ctx context.Context, r credential.Record, secret credential.Secret, now time.Time) Report {
	report := Report{Kind: r.Kind, Result: ResultUnknown, Login: r.Username, Expires: r.Expires, Remaining: -1}
	ask := c.Account
	if r.Kind == credential.AppInstallation {
		ask = c.Installation
	}
	account, err := ask(ctx, r.Host, secret)
	if err != nil {
		cause := causeOf(err, aboutRecord(r))
		report.Cause = &cause
		var refusal *Refusal
		if errors.As(err, &refusal) && refusal.Status == http.StatusUnauthorized && refusal.RetryAfter.IsZero() {
			report.Result = ResultRefused
		}
		return report
	}
	report.Result = ResultGood
	if account.Login != "" {
		report.Login = account.Login
	}
	if r.Kind.IsPersonal() && !account.Expires.IsZero() && !isNow(account.Expires, now) {
		report.Expires = account.Expires
	}
	report.Scopes, report.Remaining, report.SSO = account.Scopes, account.Remaining, account.SSO
	c.inspectRepositories(ctx, &report, r, secret)
	if !slices.ContainsFunc(report.Repositories, func(a Access) bool { return a.Fetch == Yes }) {
		report.Lacks = lacks(report.Scopes, r)
	}
	return report
}

// isNow reports whether an expiry is the present time: GitHub once sent that
// for tokens that went on working.
func isNow(t, now time.Time) bool { return !t.IsZero() && t.Sub(now).Abs() < time.Minute }

// maxRepositories is how many repositories of an owner are tried.
const maxRepositories = 5

func (c *Client) inspectRepositories(ctx context.Context, report *Report, r credential.Record, secret credential.Secret) {
	var names []string
	for _, path := range r.Paths {
		if strings.Contains(path, "/") {
			names = append(names, path)
			continue
		}
		all, err := c.Repositories(ctx, r.Host, "", secret)
		if err != nil {
			report.ListErr = err
			return
		}
		some := slices.DeleteFunc(slices.Clone(all), func(name string) bool {
			owner, _, _ := strings.Cut(name, "/")
			return !credential.EqualFold(owner, path)
		})
		if len(some) == 0 {
			report.NoneSeen = path
			if len(all) > 0 && r.Kind == credential.FineGrained {
				report.OtherOwner, _, _ = strings.Cut(all[0], "/")
			}
		}
		names = append(names, some[:min(len(some), maxRepositories)]...)
	}
	for _, name := range names {
		access := Access{Repository: name}
		fetch, cause := c.Try(ctx, r, name, Fetch, secret)
		if access.Fetch = fetch; fetch != Yes {
			access.Cause = cause
		}
		push, cause := c.Try(ctx, r, name, Push, secret)
		if access.Push = push; push != Yes && access.Cause == nil {
			access.Cause = cause
		}
		report.Repositories = append(report.Repositories, access)
	}
}

// Fit is whether the token can be used for its target. The result is unfit if GitHub
// accepts it, but it belongs to another owner or lacks a scope, and unknown if it
// was not seen to reach anything.
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

// lacks returns the scope that a token with scopes needs for a record and lacks.
func lacks(scopes []string, r credential.Record) string {
	scope := "repo"
	if r.Host == credential.GistHost {
		scope = "gist"
	}
	if scopes == nil || slices.Contains(scopes, scope) {
		return ""
	}
	return scope
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

// Try asks whether a token may fetch from or push to a repository. The cause is
// nil if the answer is Yes, unless the repository was moved: then its Err is a
// *MovedError.
func (c *Client) Try(ctx context.Context, r credential.Record, repository string, service Service, secret credential.Secret) (Answer, *Cause) {
	username := r.Username
	if username == "" {
		username = credential.AnyLogin
	}
	err := c.Reach(ctx, r.Host, repository, service, username, secret)
	if err == nil {
		return Yes, nil
	}
	if moved := new(MovedError); errors.As(err, &moved) {
		return Yes, &Cause{Err: moved}
	}
	about := aboutRecord(r)
	about.Repository = repository
	cause := causeOf(err, about)
	if cause.Reason == NoAnswer || cause.Reason == Unknown || !cause.RetryAfter.IsZero() {
		return NotKnown, &cause
	}
	return No, &cause
}

func aboutRecord(r credential.Record) About {
	about := About{Host: r.Host, Kind: r.Kind}
	if len(r.Paths) > 0 {
		about.Repository = r.Paths[0]
	}
	return about
}
