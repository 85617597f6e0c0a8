package credential

import (
	"errors"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
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

// AnyLogin is a user name that stands for every account.
const AnyLogin = forge.AnyUser

// PushLogin is the user name of a push, if Git is configured with
// url.https://git-push@HOST:443/.pushInsteadOf https://HOST/, git-config(1). Nothing
// else in a request distinguishes a push from a fetch.
const PushLogin = "git-push"

// Push reports whether the request is known to be a push.
func (r Request) Push() bool { return r.Username == PushLogin }

// Login returns the user name that the request asks for. It is empty if any user
// name will do: the name stands for every account, or the forge writes another one
// into its URLs.
func (r Request) Login() string {
	if r.Push() || forge.IsPlaceholder(r.Username) || forge.Of(r.Host).CarriesUser() {
		return ""
	}
	return r.Username
}

// Place returns the host and path of the records for the request. They differ from
// those in the request if a forge has several names for one place.
func (r Request) Place() (host, path string) {
	user := r.Username
	if r.Push() {
		user = ""
	}
	return forge.Locate(r.Host, r.Path, user)
}

// TokenForName reports whether the user name of the request is a token, as in
// some URLs.
func (r Request) TokenForName() bool {
	name := NewSecret(r.Username)
	return KindOf(name, GitHubHost).IsToken() || KindOf(name, r.Host).IsToken() || IsRefreshToken(name)
}

// Repository returns the repository or owner for the path of the request, as the
// forge of the host reads it. It returns "" if there is no path, and ErrPath if
// the forge cannot have such a path.
func (r Request) Repository() (string, error) {
	host, path := r.Place()
	return forge.Of(host).Repository(host, path)
}
