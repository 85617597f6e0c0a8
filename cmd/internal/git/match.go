package git

import (
	"net/url"
	"path"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Which sections of the configuration are for a URL. Git compares scheme, host
// and port, a user if the section has one, and the path by whole segments; a *
// stands for one part of a host's name. Letter case counts in paths.

// A location is a URL taken apart for that.
type location struct {
	scheme, host, port string
	user               string
	hasUser            bool
	path               string // without outer slashes
}

// locate reads a URL as Git normalises it. It is none without a scheme.
func locate(text string) (location, bool) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return location{}, false
	}
	l := location{scheme: strings.ToLower(scheme)}
	authority, p, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, _, _ := strings.Cut(authority[:i], ":")
		l.user, l.hasUser = unescape(user), true
		authority = authority[i+1:]
	}
	l.host = strings.ToLower(authority)
	if i := strings.LastIndexByte(authority, ':'); i > strings.LastIndexByte(authority, ']') {
		l.host, l.port = strings.ToLower(authority[:i]), authority[i+1:]
	}
	if l.port == map[string]string{"https": "443", "http": "80", "ssh": "22", "git": "9418"}[l.scheme] {
		l.port = ""
	}
	if p != "" {
		p = path.Clean("/" + unescape(p))
	}
	l.path = strings.Trim(p, "/")
	return l, l.scheme != "" && l.host != ""
}

func unescape(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// A closeness says how well a section fits a URL, for those settings of which the
// best one counts.
type closeness struct {
	host, path int // characters that matched
	user       bool
}

func (c closeness) less(d closeness) bool {
	switch {
	case c.host != d.host:
		return c.host < d.host
	case c.path != d.path:
		return c.path < d.path
	}
	return !c.user && d.user
}

// fits reports whether a section is for a URL, and how closely.
func (l location) fits(section location) (closeness, bool) {
	switch {
	case l.scheme != section.scheme, l.port != section.port, !hostMatches(section.host, l.host):
		return closeness{}, false
	case section.hasUser && (!l.hasUser || l.user != section.user):
		return closeness{}, false
	case section.path != "" && l.path != section.path && !strings.HasPrefix(l.path, section.path+"/"):
		return closeness{}, false
	}
	return closeness{host: len(section.host), path: len(section.path), user: section.hasUser}, true
}

func hostMatches(pattern, host string) bool {
	labels, names := strings.Split(pattern, "."), strings.Split(host, ".")
	if len(labels) != len(names) {
		return false
	}
	for i := range labels {
		if labels[i] != "*" && labels[i] != names[i] {
			return false
		}
	}
	return true
}

// partly reports whether a section without a whole URL, such as github.com or
// https://, is for a URL: each part that it has must be equal, the path too.
func (l location) partly(section string) bool {
	scheme, rest, hasScheme := strings.Cut(section, "://")
	if !hasScheme {
		scheme, rest = "", section
	}
	host, p, hasPath := strings.Cut(rest, "/")
	user := ""
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		user, _, _ = strings.Cut(host[:i], ":")
		host = host[i+1:]
	}
	name := l.host
	if l.port != "" {
		name += ":" + l.port
	}
	return (scheme == "" || scheme == l.scheme) && (host == "" || unescape(host) == name) &&
		(user == "" || unescape(user) == l.user) && (!hasPath || strings.Trim(unescape(p), "/") == "" || strings.Trim(unescape(p), "/") == l.path)
}

// ForCredential returns the settings credential.*.NAME that are for a URL, in the
// order in which Git applies them, with those for all URLs. The name is in small
// letters.
func (c Config) ForCredential(url, name string) Config {
	at, ok := locate(url)
	return c.Under("credential", name).filter(func(s Setting) bool {
		section := s.Section()
		if section == "" {
			return true
		}
		if whole, isURL := locate(section); isURL {
			_, fits := at.fits(whole)
			return ok && fits
		}
		return ok && at.partly(section)
	})
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
	at, ok := locate(url)
	var best closeness
	return c.Under("http", name).filter(func(s Setting) bool {
		var now closeness
		if section := s.Section(); section != "" {
			whole, isURL := locate(section)
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
// in to a URL with a header of its own, if there is one.
func (c Config) AuthorizationHeader(url string) (Setting, bool) {
	var found Setting
	ok := false
	for _, s := range c.ForHTTP(url, "extraheader") {
		name, _, _ := strings.Cut(s.Value, ":")
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
func (s Setting) ShownKey() string {
	before, rest, ok := strings.Cut(s.Key, "://")
	authority, after, hasPath := strings.Cut(rest, "/")
	i := strings.LastIndexByte(authority, '@')
	if !ok || i < 0 {
		return s.Key
	}
	if hasPath {
		after = "/" + after
	}
	return before + "://***@" + authority[i+1:] + after
}

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
		if strings.HasPrefix(url, r.Value) && (rule == nil || len(r.Value) > len(rule.Value)) {
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
