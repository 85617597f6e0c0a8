package github

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	gogithub "github.com/google/go-github/v92/github"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

const (
	maxText   = 64 << 10         // bytes of a text
	callLimit = 20 * time.Second // for one call, with its answer
	dialLimit = 5 * time.Second
	maxBody   = 2 << 20 // bytes of an answer that are read; a hundred repositories are about 700 KiB
)

// A Client asks the servers of GitHub about tokens. A token goes to the API of
// its own host or to the host itself, in the Authorization header, over TLS,
// and to nobody else: no redirect is followed.
type Client struct {
	http      *http.Client
	userAgent string
}

// NewClient returns a client that trusts the system's certificates and those
// in extra, which may be nil, and goes by the proxies of the environment.
func NewClient(version string, extra []byte) (*Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: dialLimit}).DialContext
	transport.TLSHandshakeTimeout = dialLimit
	if len(extra) > 0 {
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(extra) {
			return nil, errors.New("no certificate among those to trust")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	return &Client{
		http: &http.Client{
			Transport:     limitedTransport{transport},
			Timeout:       callLimit,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		userAgent: "git-credential-pat/" + version,
	}, nil
}

// limitedTransport cuts answers off that are longer than any that makes sense.
type limitedTransport struct{ http.RoundTripper }

func (l limitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = limitedBody{io.LimitReader(answer.Body, maxBody), answer.Body}
	}
	return answer, err
}

type limitedBody struct {
	io.Reader
	io.Closer
}

func (c *Client) rest(host string, secret *credential.Secret) (*gogithub.Client, error) {
	base := APIBase(host)
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

// An Account is what GitHub says of a token when it is shown one.
type Account struct {
	Login string // empty for a token of an installation, which is nobody's

	// Expires is when the token ends; zero where GitHub named no time, by
	// which it says that the token does not end.
	Expires time.Time

	// Scopes are those of a classic or OAuth token; nil if the server did not name
	// them.
	Scopes []string

	// SSO is the page of the host on which the token is to be authorised for
	// single sign-on, if the server asked for that. It dies after an hour and is
	// not to be logged.
	SSO string

	// Remaining is how many calls the token's user has left; -1 if the server
	// did not say.
	Remaining int
}

// Account asks GitHub whose token this is, by GET /user: that call needs no
// permission. The error is a *Refusal if the server answered anything but
// yes.
func (c *Client) Account(ctx context.Context, host string, secret credential.Secret) (Account, error) {
	client, err := c.rest(host, &secret)
	if err != nil {
		return Account{}, err
	}
	user, response, err := client.Users.Get(ctx, "")
	if response == nil || response.Response == nil {
		return Account{}, unreachable(err)
	}
	a := accountOf(host, response.Header)
	if err != nil {
		return a, refusal(host, response.Response, err)
	}
	if a.Login = user.GetLogin(); a.Login == "" {
		return a, refusal(host, response.Response, errors.New("nobody's"))
	}
	return a, nil
}

// Installation asks whether a token of a GitHub App's installation is good.
// Those are nobody's, so that Account is not for them.
func (c *Client) Installation(ctx context.Context, host string, secret credential.Secret) (Account, error) {
	client, err := c.rest(host, &secret)
	if err != nil {
		return Account{}, err
	}
	_, response, err := client.Apps.ListRepos(ctx, &gogithub.ListOptions{PerPage: 1})
	if response == nil || response.Response == nil {
		return Account{}, unreachable(err)
	}
	a := accountOf(host, response.Header)
	if err != nil {
		return a, refusal(host, response.Response, err)
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

// parseExpiry reads the header in its two forms: with an offset, as for
// fine-grained tokens, and with UTC, as for classic ones.
func parseExpiry(s string) time.Time {
	for _, layout := range []string{"2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 UTC"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// ssoURL reads the page out of "required; url=https://...". A page of another
// host is none: a person logs in there.
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
		if on, err := credential.ParseHost(u.Host); err == nil && on == webHost(host) {
			return u.String()
		}
	}
	return ""
}

// A Refusal is an answer of a server other than yes.
type Refusal struct {
	Status int
	Text   string // what the server said, cut; it is somebody else's text
	SSO    string // as in Account

	// RetryAfter is when the server takes calls again, if that is all that is
	// wrong; else zero.
	RetryAfter time.Time
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("the server answered %d: %s", r.Status, credential.Quote(credential.MaskTokens(r.Text)))
}

func refusal(host string, response *http.Response, err error) error {
	r := &Refusal{Status: response.StatusCode, SSO: ssoURL(host, response.Header)}
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

// ErrUnreachable is the error for a server that did not answer.
var ErrUnreachable = errors.New("the server cannot be reached")

func unreachable(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
		if u.Timeout() {
			return fmt.Errorf("%w: no answer within %v", ErrUnreachable, callLimit)
		}
	}
	return fmt.Errorf("%w: %v", ErrUnreachable, err)
}

// A Service is what Git asks of a repository.
type Service string

const (
	Fetch Service = "git-upload-pack"
	Push  Service = "git-receive-pack"
)

// Reach asks whether a token may fetch from or push to a repository, by the
// request with which Git begins; nothing is changed by it. It is nil if it
// may, and a *Refusal with what Git would have printed if not. It is a *MovedError
// if the server has let the token in to say where the repository is now.
func (c *Client) Reach(ctx context.Context, host, repository string, service Service, username string, secret credential.Secret) error {
	u := url.URL{Scheme: "https", Host: host, Path: "/" + repository + ".git/info/refs", RawQuery: "service=" + string(service)}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	request.SetBasicAuth(username, secret.Reveal())
	request.Header.Set("User-Agent", "git/2 "+c.userAgent) // GitHub answers programs named git in plain text
	response, err := c.http.Do(request)
	if err != nil {
		return unreachable(err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		if response.Header.Get("Content-Type") == "application/x-"+string(service)+"-advertisement" {
			return nil
		}
	case http.StatusMovedPermanently, http.StatusPermanentRedirect:
		if to, err := response.Location(); err == nil && to.Scheme == "https" && strings.EqualFold(to.Host, u.Host) {
			place := credential.Request{Host: host, Path: strings.TrimSuffix(to.Path, "/info/refs")}
			if name, err := place.Repository(); err == nil && !strings.EqualFold(name, repository) {
				return &MovedError{name}
			}
			return nil
		}
	}
	r := &Refusal{Status: response.StatusCode, SSO: ssoURL(host, response.Header)}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") {
		text, err := io.ReadAll(io.LimitReader(response.Body, maxText))
		if err != nil {
			return unreachable(err)
		}
		r.Text = strings.TrimSpace(string(text))
	}
	if r.SSO == "" {
		r.SSO = ssoInText(host, r.Text)
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil {
		r.RetryAfter = time.Now().Add(time.Duration(seconds) * time.Second)
	} else if r.Status == http.StatusTooManyRequests {
		r.RetryAfter = time.Now().Add(time.Minute)
	}
	return r
}

// A MovedError says that a token may do something with a repository, which has another
// name or owner now.
type MovedError struct{ Repository string }

func (e *MovedError) Error() string { return "the repository is now " + credential.Quote(e.Repository) }

// Repositories returns the private repositories that a token can see, as
// "owner/name": those of an owner, or of all owners if that is empty. It looks
// at the first hundred of all owners.
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
		return nil, unreachable(err)
	}
	if err != nil {
		return nil, refusal(host, response.Response, err)
	}
	var names []string
	for _, r := range list {
		if owner == "" || credential.EqualFold(r.GetOwner().GetLogin(), owner) {
			names = append(names, r.GetFullName())
		}
	}
	return names, nil
}

// CanRevoke reports whether GitHub revokes a kind of token when it is asked
// to: personal ones since April 2025, those of apps since March 2026, never
// those of installations ("Revocation", GitHub's REST API).
func CanRevoke(kind credential.Kind) bool {
	switch kind {
	case credential.FineGrained, credential.Classic, credential.OAuth, credential.AppUser:
		return true
	}
	return false
}

// Revoke has GitHub end a token for ever, by POST /credentials/revoke. The
// server takes the order and says nothing about the token. On github.com the
// call must not be signed; GitHub Enterprise Server wants it signed, and is
// asked with the token itself.
func (c *Client) Revoke(ctx context.Context, host string, secret credential.Secret) error {
	signedBy := &secret
	if credential.IsGitHubHost(host) {
		signedBy = nil
	}
	client, err := c.rest(host, signedBy)
	if err != nil {
		return err
	}
	response, err := client.Credentials.Revoke(ctx, []string{secret.Reveal()})
	if response == nil || response.Response == nil {
		return unreachable(err)
	}
	if response.StatusCode == http.StatusAccepted { // whatever became of the rest of it
		return nil
	}
	return refusal(host, response.Response, err)
}
