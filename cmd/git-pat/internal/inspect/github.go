package inspect

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	gogithub "github.com/google/go-github/v92/github"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

func (c *Client) rest(host string, secret *credential.Secret) (*gogithub.Client, error) {
	base := github.APIBase(host)
	options := []gogithub.ClientOptionsFunc{
		gogithub.WithHTTPClient(c.http),
		gogithub.WithUserAgent(c.userAgent),
		gogithub.WithURLs(&base, nil),
	}
	if secret != nil {
		options = append(options, gogithub.WithAuthToken(secret.Reveal()))
	}
	return gogithub.NewClient(options...)
}

// An Account is what GitHub says about a token.
type Account struct {
	Login string // empty for a token of an installation, which belongs to no user

	// Expires is when the token expires. It is zero if GitHub names no time: the
	// token does not expire.
	Expires time.Time

	// Scopes are those of a classic or OAuth token, or nil if the server did not
	// name them.
	Scopes []string

	// SSO is the page of the host where a person authorizes the token for single
	// sign-on, if the server asked for that. It expires after an hour; do not log
	// it.
	SSO string

	// Remaining is how many calls the token's user has left, or -1 if the server
	// did not say.
	Remaining int
}

// Account asks GitHub which user a token belongs to, by GET /user. That call needs no
// permission. The error is a *refusal.Error if the server rejected it.
func (c *Client) Account(ctx context.Context, host string, secret credential.Secret) (Account, error) {
	client, err := c.rest(host, &secret)
	if err != nil {
		return Account{}, err
	}
	user, response, err := client.Users.Get(ctx, "")
	if response == nil || response.Response == nil {
		return Account{}, refusal.Unreachable(err, callLimit)
	}
	a := accountOf(host, response.Header)
	if err != nil {
		return a, refusalOf(host, response.Response, err)
	}
	if a.Login = user.GetLogin(); a.Login == "" {
		return a, refusalOf(host, response.Response, errors.New("no login"))
	}
	return a, nil
}

// installation asks whether a token of a GitHub App's installation works. Such a token
// belongs to no user, so Account cannot be used.
func (c *Client) installation(ctx context.Context, host string, secret credential.Secret) (Account, error) {
	client, err := c.rest(host, &secret)
	if err != nil {
		return Account{}, err
	}
	_, response, err := client.Apps.ListRepos(ctx, &gogithub.ListOptions{PerPage: 1})
	if response == nil || response.Response == nil {
		return Account{}, refusal.Unreachable(err, callLimit)
	}
	a := accountOf(host, response.Header)
	if err != nil {
		return a, refusalOf(host, response.Response, err)
	}
	return a, nil
}

func accountOf(host string, h http.Header) Account {
	a := Account{Expires: parseExpiry(h.Get("GitHub-Authentication-Token-Expiration")), Remaining: -1}
	if len(h.Values("X-OAuth-Scopes")) > 0 {
		a.Scopes = []string{}
	}
	for scope := range strings.SplitSeq(strings.Join(h.Values("X-OAuth-Scopes"), ","), ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			a.Scopes = append(a.Scopes, scope)
		}
	}
	a.SSO = ssoURL(host, h)
	if n, err := strconv.Atoi(h.Get("X-RateLimit-Remaining")); err == nil {
		a.Remaining = n
	}
	return a
}

// parseExpiry reads the header in its two forms: with an offset for fine-grained
// tokens, and with UTC for classic ones.
func parseExpiry(s string) time.Time {
	for _, layout := range []string{"2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 UTC"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// ssoURL reads the page out of "required; url=https://...". Pages of other hosts do
// not count, because a person logs in there.
func ssoURL(host string, h http.Header) string {
	for part := range strings.SplitSeq(h.Get("X-GitHub-SSO"), ";") {
		text, ok := strings.CutPrefix(strings.TrimSpace(part), "url=")
		if !ok {
			continue
		}
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "https" || u.User != nil {
			continue
		}
		if on, err := credential.ParseHost(u.Host); err == nil && on == github.WebHost(host) {
			return u.String()
		}
	}
	return ""
}

func refusalOf(host string, response *http.Response, err error) error {
	r := &refusal.Error{Status: response.StatusCode, SSO: ssoURL(host, response.Header)}
	var answer *gogithub.ErrorResponse
	var rate *gogithub.RateLimitError
	var abuse *gogithub.AbuseRateLimitError
	switch {
	case errors.As(err, &rate):
		r.Text, r.RetryAfter = rate.Message, rate.Rate.Reset.Time
	case errors.As(err, &abuse):
		r.Text = abuse.Message
		r.RetryAfter = time.Now().Add(abuse.GetRetryAfter())
	case errors.As(err, &answer):
		r.Text = answer.Message
	default:
		r.Text = "an invalid reply"
	}
	if r.RetryAfter.IsZero() && (r.Status == http.StatusTooManyRequests || response.Header.Get("Retry-After") != "") {
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		r.RetryAfter = time.Now().Add(time.Duration(max(seconds, 1)) * time.Second)
	}
	return r
}

// Repositories returns the private repositories that a token can see, as
// "owner/name": those of an owner, or of all owners if owner is empty. It looks only
// at the first hundred repositories.
func (c *Client) Repositories(ctx context.Context, host, owner string, secret credential.Secret) ([]string, error) {
	client, err := c.rest(host, &secret)
	if err != nil {
		return nil, err
	}
	list, response, err := client.Repositories.ListByAuthenticatedUser(ctx, &gogithub.RepositoryListByAuthenticatedUserOptions{
		Visibility:  "private",
		ListOptions: gogithub.ListOptions{PerPage: 100},
	})
	if response == nil || response.Response == nil {
		return nil, refusal.Unreachable(err, callLimit)
	}
	if err != nil {
		return nil, refusalOf(host, response.Response, err)
	}
	var names []string
	for _, r := range list {
		if owner == "" || credential.EqualFold(r.GetOwner().GetLogin(), owner) {
			names = append(names, r.GetFullName())
		}
	}
	return names, nil
}

// Revoke asks GitHub to revoke a token for ever, by POST /credentials/revoke. GitHub
// accepts the request and says nothing about the token. On github.com the call must
// not be authenticated. GitHub Enterprise Server requires it, so there the call is
// authenticated with the token itself.
func (c *Client) Revoke(ctx context.Context, host string, secret credential.Secret) error {
	authenticatedBy := &secret
	if credential.IsGitHubHost(host) {
		authenticatedBy = nil
	}
	client, err := c.rest(host, authenticatedBy)
	if err != nil {
		return err
	}
	response, err := client.Credentials.Revoke(ctx, []string{secret.Reveal()})
	if response == nil || response.Response == nil {
		return refusal.Unreachable(err, callLimit)
	}
	if response.StatusCode == http.StatusAccepted { // even if the body cannot be read
		return nil
	}
	return refusalOf(host, response.Response, err)
}

// inspectGitHub completes a report with what GitHub says. A token of an installation
// belongs to nobody, so it is asked about with another call.
func (c *Client) inspectGitHub(ctx context.Context, report *Report, r credential.Record, secret credential.Secret, now time.Time) {
	ask := c.Account
	if r.Kind == credential.AppInstallation {
		ask = c.installation
	}
	account, err := ask(ctx, r.Host, secret)
	if err != nil {
		report.refuse(err, r)
		return
	}
	report.Result = ResultGood
	if account.Login != "" {
		report.Login = account.Login
	}
	if r.Kind.IsPersonal() && !isNow(account.Expires, now) {
		report.ExpiryKnown = true
		if !account.Expires.IsZero() {
			report.Expires = account.Expires
		}
	}
	report.Scopes, report.Remaining, report.SSO = account.Scopes, account.Remaining, account.SSO
	c.inspectRepositories(ctx, report, r, secret)
	if !report.fetches() {
		report.Lacks = lacks(report.Scopes, r)
	}
}

// isNow reports whether an expiry is the present time. GitHub once sent that for
// tokens that still worked afterwards.
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
		report.Repositories = append(report.Repositories, c.try(ctx, r, name, secret))
	}
}

// lacks returns the scope that a token needs for a record and does not have, or nothing.
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
