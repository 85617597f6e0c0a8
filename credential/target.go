package credential

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// A HostError says why a text is not a host that a token can be for.
type HostError struct {
	Host   string
	Reason string

	// Foreign is true for a well-formed name that is not ASCII. The sender made
	// no mistake, but there are no tokens for such hosts.
	Foreign bool
}

func (e *HostError) Error() string { return fmt.Sprintf("%s is no host: %s", Quote(e.Host), e.Reason) }

// ParseHost reads NAME[:PORT] or [IPV6][:PORT]. It converts ASCII letters to
// lower case and removes the port of https, 443. It changes nothing else. The
// error is a *HostError.
func ParseHost(s string) (string, error) {
	fail := func(reason string) (string, error) { return "", &HostError{Host: s, Reason: reason} }
	var name, port string
	var hasPort bool
	if strings.HasPrefix(s, "[") {
		address, rest, ok := strings.Cut(s[1:], "]")
		if !ok {
			return fail("no \"]\"")
		}
		if !isIPv6(address) {
			return fail("no IPv6 address in the brackets")
		}
		name = s[:len("[]")+len(address)]
		if port, hasPort = strings.CutPrefix(rest, ":"); !hasPort && rest != "" {
			return fail("text after \"]\"")
		}
	} else {
		name, port, hasPort = strings.Cut(s, ":")
	}
	if hasPort && !isPort(port) {
		return fail("no port from 1 to 65535 after \":\"")
	}
	if !strings.HasPrefix(name, "[") {
		if reason, foreign := checkName(name); reason != "" {
			return "", &HostError{s, reason, foreign}
		}
	}
	if hasPort && port != "443" {
		name += ":" + port
	}
	return fold(name), nil
}

// isIPv6 reports whether a text is an IPv6 address, RFC 4291 section 2.2,
// without a zone.
func isIPv6(s string) bool {
	address, err := netip.ParseAddr(s)
	return err == nil && address.Is6() && address.Zone() == ""
}

func isPort(s string) bool {
	if s == "" || len(s) > 5 {
		return false
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
		n = n*10 + int(c-'0')
	}
	return 1 <= n && n <= 65535
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// maxName is the maximum length of a host name with a trailing dot, in bytes,
// RFC 1035 section 2.3.4.
const maxName = 254

// checkName returns what is wrong with a host name, or "". foreign is true if
// the only problem is that the name is not ASCII.
func checkName(name string) (reason string, foreign bool) {
	if len(name) > maxName {
		return "too long", false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		if label == "" {
			return "an empty name", false
		}
		for _, c := range []byte(label) {
			switch {
			case isAlphanumeric(c), c == '-', c == '_':
			case c >= utf8.RuneSelf && utf8.ValidString(name):
				foreign = true
			default:
				return "a character that no host name has", false
			}
		}
	}
	if foreign {
		return "letters beyond ASCII", true
	}
	return "", false
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// ErrPath is the error for a path that GitHub cannot have.
var ErrPath = errors.New("not the path of an owner or repository on GitHub")

// repositoryPath reads a path as GitHub does. The first two segments are the
// owner and the repository. A suffix ".git", and then a suffix ".wiki", is
// removed from the repository. The remaining segments belong to a service, such
// as info/lfs, and are ignored. It returns OWNER/REPOSITORY, OWNER, or "" for
// an empty path, in ASCII lower case. If GitHub cannot have one of the
// segments, it returns ErrPath.
func repositoryPath(path string) (string, error) {
	path = strings.Trim(path, "/")
	if path == "" {
		return "", nil
	}
	segments := strings.Split(fold(path), "/")
	for _, segment := range segments {
		if !isSegment(segment) {
			return "", ErrPath
		}
	}
	if len(segments) == 1 {
		return segments[0], nil
	}
	name := strings.TrimSuffix(strings.TrimSuffix(segments[1], ".git"), ".wiki")
	if !isSegment(name) {
		return "", ErrPath
	}
	return segments[0] + "/" + name, nil
}

func isSegment(s string) bool {
	if s == "" || s == "." || s == ".." {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isAlphanumeric(c) && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// A Target says what a token is for.
type Target struct {
	Host string // as ParseHost returns it

	// Paths lists an owner, or repositories of one owner, sorted. An empty list
	// means the whole host.
	Paths []string
}

// ParseTarget reads a target as people type it: HOST, HOST/OWNER,
// HOST/OWNER/REPO, an https or SSH URL of these, or OWNER or OWNER/REPO for
// github.com. Several repositories are OWNER/{REPO,REPO}. A first segment with
// a dot or a colon is a host. The meaning of a path depends on the kind of the
// token; call For to check it.
func ParseTarget(text string) (Target, error) {
	text = strings.TrimSpace(text)
	switch remote, err := ParseRemote(text); {
	case err == nil:
		return newTarget(remote.Host, remote.Path), nil
	case strings.Contains(text, "://"):
		return Target{}, err
	}
	odd := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }
	if text == "" || strings.ContainsFunc(text, odd) || strings.HasPrefix(text, "/") {
		return Target{}, fmt.Errorf("%s is no target: write HOST, HOST/OWNER, HOST/OWNER/REPO, OWNER or OWNER/REPO", Quote(text))
	}
	first, rest, _ := strings.Cut(text, "/")
	if !strings.ContainsAny(first, ".:") {
		target := newTarget(GitHubHost, text).expand()
		_, err := target.For(FineGrained)
		return target, err
	}
	host, err := ParseHost(first)
	if err != nil {
		return Target{}, err
	}
	return newTarget(host, rest).expand(), nil
}

// expand replaces OWNER/{A,B}, the format of String, by OWNER/A and OWNER/B.
func (s Target) expand() Target {
	if len(s.Paths) != 1 || !strings.HasSuffix(s.Paths[0], "}") {
		return s
	}
	before, names, ok := strings.Cut(strings.TrimSuffix(s.Paths[0], "}"), "/{")
	if !ok {
		return s
	}
	several := Target{Host: s.Host}
	for name := range strings.SplitSeq(names, ",") {
		if name == "" {
			return s // For rejects it
		}
		several.Paths = append(several.Paths, before+"/"+name)
	}
	return several
}

func newTarget(host, path string) Target {
	target := Target{Host: host}
	if path = strings.Trim(path, "/"); path != "" {
		target.Paths = []string{path}
	}
	return target
}

// For returns the target of a token of the given kind. For GitHub's kinds it
// checks and normalizes the paths, as owners and repositories. For other kinds
// it leaves them unchanged, except for slashes at the start and end.
func (s Target) For(kind Kind) (Target, error) {
	read := repositoryPath
	if !kind.IsGitHub() {
		read = opaquePath
	}
	var paths []string
	for _, path := range s.Paths {
		p, err := read(path)
		if err != nil {
			return Target{}, fmt.Errorf("%s: %w", Quote(path), err)
		}
		if p != "" && !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	for _, p := range paths {
		if owner(p) != owner(paths[0]) || len(paths) > 1 && p == owner(p) {
			first, last := Quote(paths[0]), Quote(paths[len(paths)-1])
			return Target{}, fmt.Errorf("%s and %s: the repositories of one token have one owner", first, last)
		}
	}
	return Target{Host: s.Host, Paths: paths}, nil
}

func opaquePath(path string) (string, error) { return strings.Trim(path, "/"), nil }

// owner returns the first segment of a path.
func owner(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

// Owner returns the owner, or "" for the target of a whole host.
func (s Target) Owner() string {
	if len(s.Paths) == 0 {
		return ""
	}
	return owner(s.Paths[0])
}

// Equal reports whether two targets are equal.
func (s Target) Equal(t Target) bool { return s.Host == t.Host && slices.Equal(s.Paths, t.Paths) }

// String returns the target in a form that ParseTarget reads. Several
// repositories are in braces, which most shells expand. A host without a dot or
// a colon is written as a URL, because ParseTarget would read it as an owner.
func (s Target) String() string {
	host := s.Host
	if !strings.ContainsAny(host, ".:") {
		host = "https://" + host
	}
	switch len(s.Paths) {
	case 0:
		return host
	case 1:
		return host + "/" + s.Paths[0]
	}
	first := s.Owner()
	var names []string
	for _, p := range s.Paths {
		names = append(names, strings.TrimPrefix(p, first+"/"))
	}
	return host + "/" + first + "/{" + strings.Join(names, ",") + "}"
}

// Short returns the target as String does, but without "github.com/" at the
// start.
func (s Target) Short() string { return strings.TrimPrefix(s.String(), GitHubHost+"/") }

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
var ErrNotRemote = errors.New("no https or SSH URL of a repository")

// ParseRemote parses the URL of a repository on a host, in all forms that Git
// accepts and GitHub uses: https, http, git and ssh URLs (also git+ssh and
// ssh+git), and USER@HOST:PATH. The SSH host ssh.github.com becomes github.com;
// it is for networks that allow only port 443. A query and a fragment, as in a
// URL copied from a browser, are removed. The host of an SSH URL may be an
// alias in ssh_config; only ssh -G can tell.
func ParseRemote(text string) (Remote, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return parseSCP(text)
	}
	var r Remote
	switch fold(scheme) {
	case "https", "http", "git":
		r.Protocol = fold(scheme)
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
	for i := 0; i < len(path); i++ {
		if path[i] < ' ' || path[i] == 0x7f {
			return Remote{}, fmt.Errorf("a control byte in the path: %w", ErrNotRemote)
		}
	}
	r.Host, r.Path = parsed, strings.Trim(path, "/")
	switch r.Protocol {
	case "http":
		r.Host = strings.TrimSuffix(r.Host, ":80")
	case "git", "ssh":
		r.Host = WithoutPort(r.Host)
	}
	if r.Protocol == "ssh" && r.Host == "ssh."+GitHubHost {
		r.Host = GitHubHost
	}
	return r, nil
}

// WithoutPort removes the port from a host.
func WithoutPort(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		return host[:i]
	}
	return host
}

// HTTPS returns the https URL of the repository.
func (r Remote) HTTPS() string {
	return "https://" + r.Host + (&url.URL{Path: "/" + r.Path}).EscapedPath()
}
