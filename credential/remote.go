package credential

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// A Remote is the parsed URL of a repository.
type Remote struct {
	Protocol string // "https", "http", "ssh" or "git"
	User     string // without the password
	Host     string // with its port, except for ssh, git and port 80 of http: https does not use these ports
	Path     string // percent-decoded once, as Git does, without slashes at the start and end

	// Password is true if the URL contains a password.
	Password bool
}

// ErrNotRemote is the error for a text that is not the URL of a repository on a
// host, such as a local path or a URL with another scheme.
var ErrNotRemote = errors.New("not an https or SSH URL of a repository")

// ParseRemote parses the URL of a repository on a host, in all forms that Git
// accepts and forges use: https, http, git and ssh URLs (also git+ssh and
// ssh+git), and USER@HOST:PATH. The host and path of an SSH URL become those of the
// https URL, where a forge has others for SSH: ssh.github.com becomes github.com.
// What a URL copied from a browser has after the repository is removed: a query, a
// fragment and the path of a page. The host of an SSH URL may be an alias in
// ssh_config; only ssh -G can tell.
func ParseRemote(text string) (Remote, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return parseSCP(text)
	}
	var r Remote
	switch forge.Fold(scheme) {
	case "https", "http", "git":
		r.Protocol = forge.Fold(scheme)
	case "ssh", "git+ssh", "ssh+git":
		r.Protocol = "ssh"
	default:
		return Remote{}, fmt.Errorf("%s: %w", Quote(scheme), ErrNotRemote)
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, _, hasPassword := strings.Cut(authority[:i], ":")
		var err error
		if r.User, err = url.PathUnescape(user); err != nil {
			return Remote{}, fmt.Errorf("user name: %w", ErrNotRemote)
		}
		r.Password = hasPassword
		authority = authority[i+1:]
	}
	path, err := url.PathUnescape(path)
	if err != nil {
		return Remote{}, fmt.Errorf("path: %w", ErrNotRemote)
	}
	return r.at(authority, path)
}

// parseSCP parses [USER@]HOST:PATH. As in Git, a text with a slash before the
// first colon is a local path. Brackets may contain the host, or the host with
// its port, with or without the user.
func parseSCP(text string) (Remote, error) {
	r := Remote{Protocol: "ssh"}
	rest := text
	if user, host, ok := strings.Cut(text, "@"); ok && !strings.ContainsAny(user, ":/[") {
		r.User, rest = user, host
	}
	var host, path string
	var ok bool
	if strings.HasPrefix(rest, "[") {
		host, path, ok = strings.Cut(rest[1:], "]:")
		if user, name, inside := strings.Cut(host, "@"); inside {
			r.User, host = user, name
		}
		if strings.Count(host, ":") > 1 {
			host = "[" + host + "]" // IPv6
		}
	} else {
		host, path, ok = strings.Cut(rest, ":")
	}
	switch {
	case !ok || path == "" || strings.Contains(host, "/"):
		return Remote{}, ErrNotRemote
	case strings.HasPrefix(path, ":"):
		return Remote{}, ErrNotRemote // helper::address, gitremote-helpers(7)
	case r.User == "" && isNumber(owner(path)):
		return Remote{}, ErrNotRemote // HOST:PORT/OWNER is a target
	case len(host) < 2:
		return Remote{}, ErrNotRemote // C:\folder
	}
	return r.at(host, path)
}

// at returns r with the host and path added.
func (r Remote) at(host, path string) (Remote, error) {
	parsed, err := ParseHost(host)
	if err != nil {
		return Remote{}, err
	}
	if strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return Remote{}, fmt.Errorf("control character in the path: %w", ErrNotRemote)
	}
	r.Host, r.Path = parsed, cutPage(parsed, path)
	switch r.Protocol {
	case "http":
		r.Host = strings.TrimSuffix(r.Host, ":80")
	case "git":
		r.Host = WithoutPort(r.Host)
	case "ssh":
		name := WithoutPort(r.Host)
		port := strings.TrimPrefix(r.Host[len(name):], ":")
		r.Host, r.Path = forge.Of(name).HTTPS(forge.SSH{User: r.User, Host: name, Port: port, Path: r.Path})
	}
	r.Path = cutPage(r.Host, r.Path) // the pages are those of the host over https
	return r, nil
}

// HTTPS returns the https URL of the repository.
func (r Remote) HTTPS() string {
	return "https://" + r.Host + (&url.URL{Path: "/" + r.Path}).EscapedPath()
}
