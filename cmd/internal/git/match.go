package git

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// An asked is what Git asks a helper for, as credential.c has it.
type asked struct {
	protocol, host, path, username        string
	hasHost, hasPath, hasName, fromTheURL bool
}

// readAsked reads a URL, or only some parts of one. The parts are decoded.
func readAsked(url string) asked {
	var a asked
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

// decoded is a text without escapes. Git leaves those that are none, %00, and all
// before a colon.
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

// url is what sections are compared with.
func (a asked) url() (location, bool) {
	text := a.protocol + "://"
	if a.username != "" {
		text += encoded(a.username, unsafe+reserved) + "@"
	}
	text += a.host
	if a.hasPath {
		text += "/" + encoded(a.path, unsafe+reserved[1:])
	}
	return locate(text, false)
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

// has reports whether all parts that a section has are the same in a request.
func (a asked) has(part asked) bool {
	return (part.protocol == "" || part.protocol == a.protocol) &&
		(!part.hasHost || part.host == a.host) &&
		(!part.hasPath || a.hasPath && part.path == a.path) &&
		(!part.hasName || a.hasName && part.username == a.username)
}

// forCredential returns the settings of credential that are for a request, in
// order. The user name that they have for it is put into the request.
func (c Config) forCredential(request *asked) Config {
	at, isURL := request.url()
	return c.filter(func(s Setting) bool {
		if !strings.HasPrefix(s.Key, "credential.") {
			return false
		}
		if s.hasSection() {
			fits := false
			if section, ok := locate(s.Section(), true); ok {
				_, fits = at.fits(section)
				fits = fits && isURL
			} else { // such as github.com or https://
				fits = request.has(readAsked(s.Section()))
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

// ForCredential returns the settings credential.*.NAME that are for a URL, in the
// order in which Git applies them, with those for all URLs. The name is in small
// letters.
func (c Config) ForCredential(url, name string) Config {
	request := readAsked(url)
	return c.forCredential(&request).filter(func(s Setting) bool { return s.name() == name })
}

// A Request is what Git asks its helpers for.
type Request struct{ Protocol, Host, Path, Username string }

// ErrURL is the error for a URL with which Git asks nobody.
var ErrURL = errors.New("it is no URL to log in to")

// Asks returns the request for a URL: with the path if useHttpPath is set, and
// with the user name that is configured if the URL has none.
func (c Config) Asks(url string) (Request, error) {
	request := readAsked(url)
	withPath := false
	for _, s := range c.forCredential(&request) {
		if s.NoValue {
			return Request{}, fmt.Errorf("%s has no value, so Git asks nobody", s.ShownKey())
		}
		if s.name() != "usehttppath" {
			continue
		}
		var ok bool
		if withPath, ok = isTrue(s.Value); !ok {
			return Request{}, fmt.Errorf("%s is neither true nor false, so Git asks nobody", s.ShownKey())
		}
	}
	r := Request{request.protocol, request.host, request.path, request.username}
	control := func(c rune) bool { return c < ' ' || c == 0x7f } // which Git or we refuse
	if r.Protocol == "" || strings.ContainsFunc(r.Protocol+r.Host+r.Path+r.Username, control) {
		return Request{}, ErrURL
	}
	if !withPath && (r.Protocol == "https" || r.Protocol == "http") {
		r.Path = ""
	}
	return r, nil
}

// isTrue reads a boolean of git-config(1).
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
// empty setting takes away those before it.
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

// ForHTTP returns the settings http.*.NAME that are for a URL: in order, without
// those that fit less closely than one before them.
func (c Config) ForHTTP(url, name string) Config {
	at, ok := locate(url, false)
	var best closeness
	return c.Under("http", name).filter(func(s Setting) bool {
		var now closeness
		if s.hasSection() {
			whole, isURL := locate(s.Section(), true)
			var fits bool
			if now, fits = at.fits(whole); !ok || !isURL || !fits {
				return false
			}
		}
		if now.less(best) {
			return false
		}
		best = now
		return true
	})
}

// AuthorizationHeader returns the setting of http.extraHeader by which Git logs
// in to a URL with a header of its own, if there is one. With an empty header it
// logs in to no server at all.
func (c Config) AuthorizationHeader(url string) (Setting, bool) {
	var found Setting
	ok := false
	for _, s := range c.ForHTTP(url, "extraheader") {
		name := s.Value
		if i := strings.IndexAny(name, ":;"); i >= 0 { // "name;" is an empty one to curl
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

// ShownKey returns the key of a setting without a user name or password in its
// URL.
func (s Setting) ShownKey() string { return HideUser(s.Key) }

// PushSetting is the setting by which Git says of a host's URLs which requests
// are pushes: it has Git push to URLs with credential.PushLogin in them.
func PushSetting(host string) (key, value string) {
	return "url.https://" + credential.PushLogin + "@" + host + "/.pushInsteadOf", "https://" + host + "/"
}

// SaysPush reports whether PushSetting is in effect.
func (c Config) SaysPush(host string) bool {
	key, value := PushSetting(host)
	for _, s := range c {
		if strings.EqualFold(s.Key, key) && s.Value == value {
			return true
		}
	}
	return false
}

// Rewrite returns a URL as Git uses it to fetch or to push, and the rule that
// makes it another one, if there is one: git-config(1), url.<base>.insteadOf and
// pushInsteadOf. Of the rules that fit, the longest counts.
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
