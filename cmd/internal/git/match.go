package git

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A credentialURL is a URL or a part of one, as Git's credential.c reads it.
type credentialURL struct {
	protocol, host, path, username        string
	hasHost, hasPath, hasName, fromTheURL bool
}

// parseCredentialURL parses a URL or a part of one. It decodes the parts.
func parseCredentialURL(url string) credentialURL {
	var a credentialURL
	scheme, rest, ok := strings.Cut(url, "://")
	if ok {
		a.protocol = scheme
	} else {
		rest = url
	}
	authority, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, path = rest[:i], strings.TrimLeft(rest[i:], "/")
	}
	if info, after, ok := strings.Cut(authority, "@"); ok {
		user, _, _ := strings.Cut(info, ":")
		a.username, a.hasName, authority = decoded(user), true, after
		a.fromTheURL = a.username != ""
	}
	a.host, a.hasHost = decoded(authority), authority != ""
	if path != "" {
		path = decoded(path)
		a.path, a.hasPath = path[:1]+strings.TrimRight(path[1:], "/"), true
	}
	return a
}

// decoded returns a text without percent escapes. As Git does, it leaves invalid
// escapes, %00, and everything before a colon unchanged.
func decoded(s string) string {
	var b strings.Builder
	start := max(strings.IndexByte(s, ':'), 0)
	b.WriteString(s[:start])
	for i := start; i < len(s); i++ {
		if s[i] == '%' && i+3 <= len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil && n != 0 {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// url returns the location that is compared with subsections.
func (a credentialURL) url() (location, bool) {
	text := a.protocol + "://"
	if a.username != "" {
		text += encoded(a.username, unsafe+reserved) + "@"
	}
	text += a.host
	if a.hasPath {
		text += "/" + encoded(a.path, unsafe+reserved[1:])
	}
	return parseURL(text, false)
}

func encoded(s, special string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || strings.IndexByte(special, s[i]) >= 0 {
			fmt.Fprintf(&b, "%%%02x", s[i])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// has reports whether the URL has all parts of another one.
func (a credentialURL) has(part credentialURL) bool {
	return (part.protocol == "" || part.protocol == a.protocol) &&
		(!part.hasHost || part.host == a.host) &&
		(!part.hasPath || a.hasPath && part.path == a.path) &&
		(!part.hasName || a.hasName && part.username == a.username)
}

// forCredential returns the settings credential.* for a request, in order. It sets
// the user name of the request to the configured one.
func (c Config) forCredential(request *credentialURL) Config {
	at, isURL := request.url()
	return c.filter(func(s Setting) bool {
		if !strings.HasPrefix(s.Key, "credential.") {
			return false
		}
		if s.hasSection() {
			fits := false
			if section, ok := parseURL(s.Section(), true); ok {
				_, fits = at.fits(section)
				fits = fits && isURL
			} else { // a part of a URL, such as github.com or https://
				fits = request.has(parseCredentialURL(s.Section()))
			}
			if !fits {
				return false
			}
		}
		if s.name() == "username" && !request.fromTheURL {
			request.username, request.hasName = s.Value, true // for the sections that follow
		}
		return true
	})
}

// ForCredential returns the settings credential.NAME and credential.*.NAME for a
// URL, in the order in which Git applies them. The name must be in lower case.
func (c Config) ForCredential(url, name string) Config {
	request := parseCredentialURL(url)
	return c.forCredential(&request).filter(func(s Setting) bool { return s.name() == name })
}

// A Request has the attributes with which Git asks its helpers.
type Request struct{ Protocol, Host, Path, Username string }

// ErrURL is the error for a URL for which Git asks no helper.
var ErrURL = errors.New("not a URL to log in to")

// Asks returns the request for a URL. It has the path if useHttpPath is set. If the
// URL has no user name, it has the configured one. The error is ErrURL, or says
// which setting is wrong, if Git does not ask its helpers.
func (c Config) Asks(url string) (Request, error) {
	request := parseCredentialURL(url)
	withPath := false
	for _, s := range c.forCredential(&request) {
		if s.NoValue {
			return Request{}, fmt.Errorf("%s has no value, so Git asks no helper", s.ShownKey())
		}
		if s.name() != "usehttppath" {
			continue
		}
		var ok bool
		if withPath, ok = isTrue(s.Value); !ok {
			return Request{}, fmt.Errorf("%s is neither true nor false, so Git asks no helper", s.ShownKey())
		}
	}
	r := Request{request.protocol, request.host, request.path, request.username}
	control := func(c rune) bool { return c < ' ' || c == 0x7f } // Git or this program rejects it
	if r.Protocol == "" || strings.ContainsFunc(r.Protocol+r.Host+r.Path+r.Username, control) {
		return Request{}, ErrURL
	}
	if !withPath && (r.Protocol == "https" || r.Protocol == "http") {
		r.Path = ""
	}
	return r, nil
}

// isTrue parses a boolean of git-config(1). ok is false if it is invalid.
func isTrue(value string) (yes, ok bool) {
	switch strings.ToLower(value) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off", "":
		return false, true
	}
	digits := value
	if strings.ContainsAny(value[len(value)-1:], "kKmMgG") {
		digits = value[:len(value)-1]
	}
	n, err := strconv.ParseInt(digits, 0, 32)
	return n != 0, err == nil
}

// Helpers returns the credential helpers that Git asks for a URL, in order. An
// empty setting removes the helpers before it.
func (c Config) Helpers(url string) Config {
	var helpers Config
	for _, s := range c.ForCredential(url, "helper") {
		if s.Value == "" {
			helpers = nil
		} else {
			helpers = append(helpers, s)
		}
	}
	return helpers
}

// ForHTTP returns the settings http.NAME and http.*.NAME for a URL, in order. It
// omits a setting if one before it is more specific.
func (c Config) ForHTTP(url, name string) Config {
	at, ok := parseURL(url, false)
	var best specificity
	return c.Under("http", name).filter(func(s Setting) bool {
		var current specificity
		if s.hasSection() {
			whole, isURL := parseURL(s.Section(), true)
			var fits bool
			if current, fits = at.fits(whole); !ok || !isURL || !fits {
				return false
			}
		}
		if current.less(best) {
			return false
		}
		best = current
		return true
	})
}

// AuthorizationHeader returns the setting http.extraHeader with an Authorization
// header for a URL. Git then logs in with this header, or not at all if the
// header has no value.
func (c Config) AuthorizationHeader(url string) (Setting, bool) {
	var found Setting
	ok := false
	for _, s := range c.ForHTTP(url, "extraheader") {
		name := s.Value
		if i := strings.IndexAny(name, ":;"); i >= 0 { // "name;" is a header without a value, curl(1)
			name = name[:i]
		}
		switch {
		case s.Value == "":
			ok = false
		case strings.EqualFold(strings.TrimSpace(name), "authorization"):
			found, ok = s, true
		}
	}
	return found, ok
}

// ShownKey returns the key of a setting for a message: without the user name and
// password of its URL.
func (s Setting) ShownKey() string { return HideUser(s.Key) }

// PushBase returns what the URLs of a host begin with when Git pushes, if it is
// configured to say which requests are pushes. The port is the usual one. Git LFS
// sends the user name only where the host is written differently from the URL for
// fetching.
func PushBase(host string) string {
	if credential.WithoutPort(host) == host {
		host += ":443"
	}
	return "https://" + credential.PushLogin + "@" + host + "/"
}

// SaysPush reports whether there is a rule by which Git says of the https URLs of a
// host which requests are pushes.
func (c Config) SaysPush(host string) bool {
	return slices.ContainsFunc(c.Under("url", "pushinsteadof"), func(s Setting) bool { return s.isPushRule(host) })
}

func (s Setting) isPushRule(host string) bool {
	base := s.Section()
	return s.Value == "https://"+host+"/" && (base == PushBase(host) || base == "https://"+credential.PushLogin+"@"+host+"/")
}

// HasPushBase reports whether PushBase is in effect, and no other rule before it.
func (c Config) HasPushBase(host string) bool {
	url, _ := c.Rewrite("https://"+host+"/", true)
	return url == PushBase(host)
}

// IsPush reports whether a request without a user name is for PushBase, which no URL
// for fetching has as its beginning. curl 8.23 loses the user name in a URL, but not
// the port. The configuration is read only if the answer depends on it.
func IsPush(host, username string, config func() Config) bool {
	name, ok := strings.CutSuffix(host, ":443")
	return ok && username == "" && config().HasPushBase(strings.ToLower(name))
}

// AsPush returns a URL as Git pushes to it, if a rule of SaysPush is for it.
func (c Config) AsPush(url string) string {
	own := c.Under("url", "pushinsteadof").filter(func(s Setting) bool {
		host, isHTTPS := strings.CutPrefix(s.Value, "https://")
		host = strings.TrimSuffix(host, "/")
		return isHTTPS && s.isPushRule(host)
	})
	url, _ = own.Rewrite(url, true)
	return url
}

// Rewrite returns the URL that Git uses to fetch or to push, and the setting that
// changed it, or nil: url.<base>.insteadOf and pushInsteadOf in git-config(1). If
// several settings fit, the longest one is used.
func (c Config) Rewrite(url string, push bool) (string, *Setting) {
	name := "insteadof"
	if push {
		name = "pushinsteadof"
	}
	var rule *Setting
	rules := c.Under("url", name)
	for i, r := range rules {
		if r.hasSection() && strings.HasPrefix(url, r.Value) && (rule == nil || len(r.Value) > len(rule.Value)) {
			rule = &rules[i]
		}
	}
	switch {
	case rule != nil:
		return rule.Section() + url[len(rule.Value):], rule
	case push:
		return c.Rewrite(url, false)
	}
	return url, nil
}
