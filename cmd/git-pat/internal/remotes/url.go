package remotes

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// otherProtocol returns the protocol of a URL that leads to no host.
func otherProtocol(url string) string {
	if scheme, _, ok := strings.Cut(url, "://"); ok && !strings.ContainsAny(scheme, ":/") {
		return strings.ToLower(scheme)
	}
	if helper, _, ok := strings.Cut(url, "::"); ok && !strings.Contains(helper, "/") {
		return helper // gitremote-helpers(7)
	}
	return "local"
}

// ShownName returns the name of a remote as it may be shown. A name can be a URL:
// then it is without the user name and password.
func ShownName(name string) string {
	if before, _, after, ok := git.CutUserinfo(name); ok {
		return before + "***@" + after
	}
	if git.HoldsSecret(name) {
		return "***"
	}
	return name
}

// A Secret is a token or password that stands in a URL.
type Secret struct {
	Value credential.Secret
	Login string
	Kind  credential.Kind
	Shown string // the URL with *** in place of it
}

// findSecret returns a URL without the token or password in it, and that secret,
// or nil if there is none. A token may be the password, or the user name: alone,
// or with the password x-oauth-basic. An empty password counts too: Git logs in
// with it.
func findSecret(text string, remote credential.Remote) (string, *Secret) {
	before, info, after, ok := git.CutUserinfo(text)
	if !ok {
		return text, nil
	}
	user, password, hasPassword := strings.Cut(info, ":")
	login, password := unescaped(user), unescaped(password)
	if kind := credential.KindOf(credential.NewSecret(login), remote.Host); kind.IsToken() || password == "x-oauth-basic" {
		login, password = "", login
	}
	clean := before + after
	switch {
	case password != "":
	case !hasPassword:
		return text, nil
	case user != "":
		clean = before + user + "@" + after
	}
	if forge.IsPlaceholder(login) || remote.Protocol == "ssh" {
		login = ""
	}
	secret := credential.NewSecret(password)
	return clean, &Secret{secret, login, credential.KindOf(secret, remote.Host), before + "***@" + after}
}

func unescaped(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// isPublicUser reports whether a user name in a URL is one that everybody uses,
// and so no secret.
func isPublicUser(info string) bool { return info == "git" || info == credential.PushLogin }

// exactlyURL is git.Exactly without the user name in a URL, which may be a secret.
// It matches any user name instead.
func exactlyURL(url string) string {
	before, info, after, ok := git.CutUserinfo(url)
	if !ok || isPublicUser(info) {
		return git.Exactly(url)
	}
	return "^" + regexp.QuoteMeta(before) + "[^/]*@" + regexp.QuoteMeta(after) + "$"
}
