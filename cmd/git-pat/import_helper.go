package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/protocol"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// otherHelper is another credential helper of Git's. Helpers cannot be asked
// what they have, only for one URL.
type otherHelper struct {
	name string // as of a store, git:NAME
	urls []credential.Remote
}

var _ source = (*otherHelper)(nil)

func newOtherHelper(name string, urls []string) (source, error) {
	h := &otherHelper{name: name}
	for _, text := range urls {
		if !strings.Contains(text, "://") {
			scope, err := parseScopes([]string{text})
			if err != nil {
				return nil, err
			}
			h.urls = append(h.urls, credential.Remote{Host: scope.Host, Path: strings.Join(scope.Paths, "/")})
			continue
		}
		remote, err := credential.ParseRemote(text)
		switch {
		case err != nil:
			return nil, &fault{text: err.Error(), status: exitUsage}
		case remote.Password:
			return nil, &fault{text: "there is a password in the URL, which others can see while this runs", status: exitUsage, hint: "leave it out"}
		case remote.Protocol != "https":
			return nil, &fault{text: fmt.Sprintf("tokens work over https only, and not over %s", remote.Protocol), status: exitUsage, hint: "name the URL", commands: []string{remote.HTTPS()}}
		}
		h.urls = append(h.urls, remote)
	}
	if len(h.urls) == 0 {
		return nil, &fault{
			text:   "no helper says what it has, so name the URLs to ask it for",
			status: exitUsage, hint: "as in", commands: []string{"git pat import " + shellWord(name) + " https://github.com"},
		}
	}
	return h, nil
}

func (h *otherHelper) request(r credential.Remote, path string) protocol.Message {
	var request protocol.Message
	request.Add("protocol", "https")
	request.Add("host", r.Host)
	if path != "" {
		request.Add("path", path)
	}
	if r.User != "" {
		request.Add("username", r.User)
	}
	return request
}

// items asks for each URL with its path and, where there is no answer, again
// without: that is how Git asks unless credential.useHttpPath is set.
func (h *otherHelper) items(a *app) ([]*item, error) {
	var all []*item
	for _, r := range h.urls {
		e := &item{place: r.HTTPS(), host: r.Host, path: r.Path, login: r.User}
		all = append(all, e)
		paths := []string{r.Path}
		if r.Path != "" {
			paths = append(paths, "")
		}
		e.leave(fmt.Sprintf("the helper %s has nothing for it", quote(h.name)))
		for _, path := range paths {
			request := h.request(r, path)
			answer, err := store.RunHelper(a.ctx, h.name, a.patience(), "get", request)
			if err != nil {
				return nil, err
			}
			password, ok := answer.Lookup("password")
			if !ok {
				continue
			}
			*e = item{place: e.place, host: r.Host, path: r.Path, login: r.User, secret: credential.NewSecret(password), request: request}
			if username := answer.Get("username"); username != "" {
				e.login = username
			}
			if seconds, err := strconv.ParseInt(answer.Get("password_expiry_utc"), 10, 64); err == nil {
				e.expires = time.Unix(seconds, 0).UTC()
			}
			break
		}
	}
	return all, nil
}

func (h *otherHelper) question() string {
	return fmt.Sprintf("Have the helper %s forget what is kept?", quote(h.name))
}

// remove has the helper erase, by user name and password, so that it erases
// nothing else, and looks whether it did.
func (h *otherHelper) remove(a *app, items []*item) error {
	if err := h.erasesOne(a); err != nil {
		return err
	}
	var remain []string
	changed := false
	for _, e := range items {
		if !e.kept() {
			continue
		}
		answer, err := store.RunHelper(a.ctx, h.name, a.patience(), "get", e.request)
		if err != nil {
			return err
		}
		switch password, ok := answer.Lookup("password"); {
		case !ok:
			continue // gone with another entry
		case !credential.NewSecret(password).Equal(e.secret):
			a.ui.say("what the helper %s has for %s was changed meanwhile, so it stays", quote(h.name), e.place)
			changed = true
			continue
		}
		var erase protocol.Message
		for _, key := range []string{"protocol", "host", "path"} {
			if value, ok := e.request.Lookup(key); ok {
				erase.Add(key, value)
			}
		}
		erase.Add("username", answer.Get("username"))
		erase.Add("password", answer.Get("password"))
		if _, err := store.RunHelper(a.ctx, h.name, a.patience(), "erase", erase); err != nil {
			return err
		}
		if answer, err = store.RunHelper(a.ctx, h.name, a.patience(), "get", e.request); err != nil {
			return err
		}
		if credential.NewSecret(answer.Get("password")).Equal(e.secret) {
			remain = append(remain, e.place)
			continue
		}
		a.ui.say("the helper %s has forgotten what it had for %s", quote(h.name), e.place)
	}
	if len(remain) > 0 {
		return errors.New("the helper " + quote(h.name) + " still has what it had for " + strings.Join(remain, ", "))
	}
	if changed {
		return errSaid
	}
	return nil
}

// erasesOne makes sure that the helper heeds the password when it erases. Git's
// own did not at first: store and cache do since 2.42, libsecret and wincred
// since 2.43, osxkeychain since 2.45. Before that they erase all that the user
// name has, a token too that was not imported.
func (h *otherHelper) erasesOne(a *app) error {
	name, _, _ := strings.Cut(strings.TrimPrefix(h.name, "git:"), " ")
	if !slices.Contains([]string{"store", "cache", "libsecret", "wincred", "osxkeychain"}, name) {
		return nil
	}
	version, err := git.Run(a.ctx, "version")
	if err != nil {
		return err
	}
	version = strings.TrimPrefix(strings.TrimSpace(version), "git version ")
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err == nil && (major > 2 || major == 2 && minor >= 45) {
		return nil
	}
	f := &fault{
		text: fmt.Sprintf("nothing is removed from the helper %s: with Git %s it may erase more than it is told to, and with 2.45 or newer it does not", quote(name), version),
	}
	if name == "store" {
		f.hint, f.commands = "what it has is in a file, from which it can be removed:", []string{"git pat import git-credentials --remove-source"}
	}
	return f
}
