package github

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Result is whether GitHub accepts a token.
type Result string

const (
	ResultGood    Result = "good"
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
	Result  Result
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
	report := Report{Result: ResultUnknown, Login: r.Username, Expires: r.Expires, Remaining: -1}
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
	if r.Kind.IsPersonal() && !isNow(account.Expires, now) {
		report.Expires = account.Expires
	}
	report.Scopes, report.Remaining, report.SSO = account.Scopes, account.Remaining, account.SSO
	c.inspectRepositories(ctx, &report, r, secret)
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
		some, err := c.Repositories(ctx, r.Host, path, secret)
		if err != nil {
			report.ListErr = err
			return
		}
		if len(some) == 0 {
			report.NoneSeen = path
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
