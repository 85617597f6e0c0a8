package credential

import (
	"errors"
	"slices"
	"strings"
)

// A Request is what Git wants to log in to, over https.
type Request struct {
	Host     string // as ParseHost returns it
	Path     string // as Git sent it; empty if credential.useHttpPath is off
	Username string // empty if any account will do; PushLogin for a push

	// Fetch is true if the request is known to be a fetch. It is known if Git
	// is configured to send PushLogin for every push.
	Fetch bool
}

// ErrNotOurs is the error for a request that never has a token: the protocol is
// not https, or the host is not ASCII.
var ErrNotOurs = errors.New("tokens work only over https and for host names in ASCII")

// ParseRequest returns the request for some attributes of git-credential(1).
// The error is ErrNotOurs or a *HostError.
func ParseRequest(protocol, host, path, username string) (Request, error) {
	if protocol != "https" {
		return Request{}, ErrNotOurs
	}
	parsed, err := ParseHost(host)
	var bad *HostError
	if errors.As(err, &bad) && bad.Foreign {
		err = ErrNotOurs
	}
	if err != nil {
		return Request{}, err
	}
	// Go sends the query of a URL too. If nothing is before the query, it stays and
	// is an error, because a request without a path is broader.
	if bare, _, _ := strings.Cut(path, "?"); strings.Trim(bare, "/") != "" {
		path = bare
	}
	return Request{Host: parsed, Path: path, Username: username}, nil
}

// AnyLogin is a user name that stands for every account: with a token, GitHub
// ignores the user name. GitHub's documentation uses it.
const AnyLogin = "x-access-token"

// IsAnyLogin reports whether a user name stands for every account: it is empty,
// AnyLogin, or another name that people and forges write with a token in place of a
// login.
func IsAnyLogin(username string) bool {
	return slices.Contains([]string{"", AnyLogin, "git", "oauth2", "x-oauth-basic", "x-token-auth"}, username)
}

// PushLogin is the user name of a push, if Git is configured with
// url.https://git-push@HOST:443/.pushInsteadOf https://HOST/, git-config(1). Nothing
// else in a request distinguishes a push from a fetch.
const PushLogin = "git-push"

// Push reports whether the request is known to be a push.
func (r Request) Push() bool { return r.Username == PushLogin }

// Login returns the user name that the request asks for. It is empty if any
// user name will do.
func (r Request) Login() string {
	if IsAnyLogin(r.Username) || r.Push() {
		return ""
	}
	return r.Username
}

// owner returns the owner of the requested repository. A whole-host token is
// set aside for each owner separately. All gists count as one owner.
func (r Request) owner() string {
	if r.Host == GistHost {
		return GistHost
	}
	return owner(fold(strings.Trim(r.Path, "/")))
}

// TokenForName reports whether the user name of the request is a token, as in
// some URLs.
func (r Request) TokenForName() bool {
	name := NewSecret(r.Username)
	return KindOf(name, GitHubHost).IsGitHub() || IsRefreshToken(name)
}

// Repository returns OWNER or OWNER/REPOSITORY for the path of the request, as
// GitHub reads it. It returns "" if there is no path, and ErrPath if GitHub
// cannot have such a path.
func (r Request) Repository() (string, error) { return repositoryPath(r.Path) }
