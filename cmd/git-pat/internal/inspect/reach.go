package inspect

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// A Service is what Git asks of a repository.
type Service string

// The services. The values are their names in Git's protocol over HTTP.
const (
	Fetch Service = "git-upload-pack"
	Push  Service = "git-receive-pack"
)

// An Answer is whether a token may do one thing.
type Answer string

// The answers. NotKnown means that the server did not say, or was not asked.
const (
	Yes      Answer = "yes"
	No       Answer = "no"
	NotKnown Answer = "unknown"
)

// Try asks whether a token may fetch from or push to a repository. The cause is
// nil if the answer is Yes, unless the repository was moved: then its Err is a
// *MovedError. Yes is what the server says: some let any token fetch from a public
// repository, and an unknown server may look at the right to push only later.
func (c *Client) Try(ctx context.Context, r credential.Record, repository string, service Service, secret credential.Secret) (Answer, *refusal.Cause) {
	answer, cause := c.ask(ctx, r, repository, service, secret)
	if service == Push && forbidden(r, cause) {
		if fetch, _ := c.ask(ctx, r, repository, Fetch, secret); fetch == Yes {
			answer, cause.Reason = No, refusal.NoPush
		}
	}
	return answer, cause
}

// forbidden reports whether another forge than GitHub refused with a 403. If the token
// may fetch from the repository, then only pushing is forbidden.
func forbidden(r credential.Record, cause *refusal.Cause) bool {
	var refused *refusal.Error
	return r.On() != forge.GitHub && cause != nil && errors.As(cause.Err, &refused) && refused.Status == http.StatusForbidden
}

// ask is Try with one request, so that a 403 to a push may be about the repository.
func (c *Client) ask(ctx context.Context, r credential.Record, repository string, service Service, secret credential.Secret) (Answer, *refusal.Cause) {
	username := r.Username
	if username == "" {
		username = r.Kind.UserName()
	}
	err := c.reach(ctx, r.On(), r.Host, repository, service, username, secret)
	if err == nil && service == Push && r.On() == forge.Gitea {
		return c.pushes(ctx, r, repository, secret)
	}
	if err == nil {
		return Yes, nil
	}
	if moved := new(MovedError); errors.As(err, &moved) {
		return Yes, &refusal.Cause{Err: moved}
	}
	about := aboutRecord(r)
	about.Repository = repository
	cause := refusal.Of(err, about, r.On())
	if cause.Reason == refusal.NoAnswer || cause.Reason == refusal.Unknown || !cause.RetryAfter.IsZero() {
		return NotKnown, &cause
	}
	return No, &cause
}

// try is Try for both services.
func (c *Client) try(ctx context.Context, r credential.Record, repository string, secret credential.Secret) Access {
	access := Access{Repository: repository}
	access.Fetch, access.Cause = c.ask(ctx, r, repository, Fetch, secret)
	push, cause := c.ask(ctx, r, repository, Push, secret)
	if access.Fetch == Yes && forbidden(r, cause) {
		push, cause.Reason = No, refusal.NoPush
	}
	if access.Push = push; access.Cause == nil || access.Fetch == Yes && push != Yes {
		access.Cause = cause
	}
	return access
}

// reach asks whether a token may fetch from or push to a repository, by the request
// with which Git begins. That request changes nothing. The error is nil if the token
// may, and a *refusal.Error with what Git would have printed if it may not. It is a
// *MovedError if the server accepted the token and said where the repository is now.
// Without a secret, reach asks what everybody may do.
func (c *Client) reach(ctx context.Context, f forge.Forge, host, repository string, service Service, username string, secret credential.Secret) error {
	ending := ".git"
	if f == forge.Azure { // there .git would be a part of the name
		ending = ""
	}
	err := c.reachPath(ctx, f, host, repository, ending, service, username, secret)
	var refused *refusal.Error
	if f == forge.Other && errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return c.reachPath(ctx, f, host, repository, "", service, username, secret)
	}
	return err
}

func (c *Client) reachPath(ctx context.Context, f forge.Forge, host, repository, ending string, service Service, username string, secret credential.Secret) error {
	u := url.URL{Scheme: "https", Host: host, Path: "/" + repository + ending + "/info/refs", RawQuery: "service=" + string(service)}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	if !secret.Empty() {
		request.SetBasicAuth(username, secret.Reveal())
	}
	request.Header.Set("User-Agent", "git/2 "+c.userAgent) // GitHub answers programs named git in plain text
	response, err := c.http.Do(request)
	if err != nil {
		return refusal.Unreachable(err, callLimit)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		if response.Header.Get("Content-Type") == "application/x-"+string(service)+"-advertisement" {
			return nil
		}
	case http.StatusMovedPermanently, http.StatusPermanentRedirect:
		if f != forge.GitHub {
			break // others redirect before they look at the token
		}
		to, err := response.Location()
		if err != nil || to.Scheme != "https" || !strings.EqualFold(to.Host, u.Host) || !strings.HasSuffix(to.Path, "/info/refs") {
			break
		}
		if name, err := f.Repository(host, strings.TrimSuffix(to.Path, "/info/refs")); err == nil && !strings.EqualFold(name, repository) {
			return &MovedError{name}
		}
		return nil
	}
	e := &refusal.Error{Status: response.StatusCode, SSO: ssoURL(host, response.Header), RetryAfter: retryAfter(response)}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") {
		text, err := io.ReadAll(io.LimitReader(response.Body, maxText))
		if err != nil {
			return refusal.Unreachable(err, callLimit)
		}
		e.Text = withoutSecret(strings.TrimSpace(string(text)), secret)
	}
	if e.SSO == "" {
		e.SSO = refusal.SSOPage(host, e.Text)
	}
	return e
}

// withoutSecret returns a text of a server without the token that was sent to it.
func withoutSecret(text string, secret credential.Secret) string {
	if secret.Empty() {
		return text
	}
	return strings.ReplaceAll(text, secret.Reveal(), "***")
}

// retryAfter returns when the server accepts calls again, or zero if it does not
// say.
func retryAfter(response *http.Response) time.Time {
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	switch {
	case err == nil:
		return time.Now().Add(time.Duration(seconds) * time.Second)
	case response.StatusCode == http.StatusTooManyRequests:
		return time.Now().Add(time.Minute)
	}
	return time.Time{}
}

// A MovedError says that a token may do something with a repository, which has another
// name or owner now.
type MovedError struct{ Repository string }

func (e *MovedError) Error() string { return "the repository is now " + credential.Quote(e.Repository) }
