package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/protocol"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A helper answers Git's requests. Its methods return credential.ErrNotOurs for
// requests that are not for tokens, such as those for http.
type helper struct {
	keeper  *keeper.Keeper // nil if there is no folder for the records
	dirErr  error          // the reason for that
	ui      ui
	warn    time.Duration // how long before a token expires to warn; 0 means never
	timeout *time.Timer   // limits the reading of the request
}

var _ protocol.Helper = (*helper)(nil)

func newHelper(o options, ui ui, timeout *time.Timer) *helper {
	h := &helper{ui: ui, warn: o.warn, timeout: timeout}
	dir, err := record.Dir()
	if err != nil {
		h.dirErr = err
		return h
	}
	tree := record.NewTree(dir)
	options := store.Options{Interactive: interactive, Waiting: ui.waiting, Session: new(store.Session)}
	h.keeper = &keeper.Keeper{
		Tree: tree,
		Open: func(name string) (store.Store, error) { return store.Open(name, tree.Dir(), options) },
		DefaultStore: func(ctx context.Context) string {
			if o.store != "" {
				return o.store
			}
			return store.Default(ctx, options)
		},
		Save:      o.save,
		Now:       time.Now,
		SaysPush:  func(ctx context.Context, host string) bool { return readConfig(ctx).SaysPush(host) },
		OwnHeader: ownHeader,
	}
	return h
}

// ownHeader returns the name of the setting that makes Git send its own Authorization
// header to a URL, or "". If the URL has no path, it may be any URL of the host.
func ownHeader(ctx context.Context, url string) string {
	config := readConfig(ctx)
	urls := []string{url}
	for _, s := range config.Under("http", "extraheader") {
		if strings.Count(url, "/") == 3 && strings.HasSuffix(url, "/") && strings.HasPrefix(s.Section(), url) {
			urls = append(urls, s.Section())
		}
	}
	for _, url := range urls {
		if setting, ok := config.AuthorizationHeader(url); ok {
			return setting.ShownKey()
		}
	}
	return ""
}

// readConfig reads Git's configuration in the current folder. After an error it
// is empty, as if nothing were configured.
func readConfig(ctx context.Context) git.Config {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	config, _ := git.ReadConfig(ctx, "")
	return config
}

// Get implements protocol.Helper.
func (h *helper) Get(ctx context.Context, m protocol.Message) (answer protocol.Message, err error) {
	if m.Get("protocol") == "https" && m.Get("path") == git.CheckPath { // by git pat setup
		h.ui.line(git.CheckAnswer)
		answer.Add("quit", "1") // no other helper opens a window
		return answer, nil
	}
	request, err := h.request(m)
	if err == credential.ErrNotOurs {
		return h.notHTTPS(m), nil
	}
	if err != nil {
		return answer, err
	}
	if git.IsPush(m.Get("host"), request.Username, func() git.Config { return readConfig(ctx) }) {
		request.Username = credential.PushLogin
	}
	decision, login, err := h.keeper.Fill(ctx, request)
	if err != nil {
		if decision.Winner >= 0 {
			err = &recordError{decision.Considered[decision.Winner].Record, err}
		}
		if storeErr := new(store.Error); errors.As(err, &storeErr) && !seen() {
			// Nobody sees why there is no answer. Another helper or GIT_ASKPASS must not
			// log in as somebody else.
			h.ui.error(err)
			answer.Add("quit", "1")
			return answer, nil
		}
		return answer, err
	}
	if login == nil {
		quiet := decision.Outcome == credential.NoToken && h.keeper.AnsweredByOthers(request)
		if !quiet && h.keeper.IsOurs(request.Host) {
			h.ui.advise(h.whyNone(ctx, decision))
		}
		return h.noAnswer(m, request), nil
	}
	winner, now := decision.Considered[decision.Winner], decision.Decided
	expiresSoon := winner.IsToken() && !winner.Expires.IsZero() && winner.Expires.Sub(now) < h.warn
	if expiresSoon && h.keeper.Tree.NoteWarning(winner.Key, now, seen()) {
		h.ui.expiresSoon(winner.Record, now)
	}
	return makeAnswer(m, request, winner, *login), nil
}

// noAnswer notes that Git asked and got no answer. Later this tells a credential
// that was typed at Git's prompt from one in a URL, for which Git does not ask.
// Git 2.46 and newer sends the note back as state[]. For older versions it is a
// file; if the file cannot be written, the typed credential is not stored.
func (h *helper) noAnswer(m protocol.Message, request credential.Request) (answer protocol.Message) {
	if !m.Announces("state") {
		h.keeper.Tree.NoteAsked(request, h.keeper.Now())
		return answer
	}
	answer.Add("capability[]", "state")
	answer.Add("state[]", stateAsked)
	if request.Login() != "" {
		answer.Add("state[]", stateAskedByName)
	}
	return answer
}

// notHTTPS tells the person that tokens do not work over ssh and are not sent
// over http. For ssh it also stops Git, because no other helper can help.
func (h *helper) notHTTPS(m protocol.Message) (answer protocol.Message) {
	host, err := credential.ParseHost(m.Get("host"))
	if err != nil || h.keeper == nil {
		return answer
	}
	switch m.Get("protocol") {
	case "ssh", "git+ssh", "ssh+git":
		name := credential.WithoutPort(host)
		f := forge.Of(name)
		if ours := h.httpsHost(host, name); f == forge.Other && ours != "" {
			f = h.keeper.Tree.Forge(ours)
		}
		name, path := f.HTTPS(forge.SSH{
			User: m.Get("username"), Host: name, Port: strings.TrimPrefix(host[len(name):], ":"), Path: strings.Trim(m.Get("path"), "/"),
		})
		if host = h.httpsHost(host, name); host != "" {
			h.ui.useHTTPS("tokens work over https only, not over ssh", host, path)
			answer.Add("quit", "1")
		}
	case "http":
		if h.keeper.IsOurs(host) {
			h.ui.useHTTPS("tokens are not sent over http, because others could read them", host, m.Get("path"))
		}
	}
	return answer
}

// httpsHost returns the host with tokens, with its port for https, that belongs to
// the host of an SSH URL, or "". The name is its host for https, without a port.
func (h *helper) httpsHost(host, name string) string {
	for _, host := range append([]string{host, name}, h.keeper.Tree.Hosts()...) {
		if credential.WithoutPort(host) == name && h.keeper.IsOurs(host) {
			return host
		}
	}
	return ""
}

// Store implements protocol.Helper.
func (h *helper) Store(ctx context.Context, m protocol.Message) error {
	request, err := h.request(m)
	if err != nil {
		return err
	}
	approval, err := h.keeper.Approve(ctx, makeReport(m, request))
	if err == nil {
		h.ui.approved(request, approval)
	}
	return err
}

// Erase implements protocol.Helper.
func (h *helper) Erase(ctx context.Context, m protocol.Message) error {
	request, err := h.request(m)
	if err != nil {
		return err
	}
	rejection, err := h.keeper.Reject(ctx, makeReport(m, request))
	if err == nil {
		h.ui.rejected(request, rejection)
	}
	return err
}
