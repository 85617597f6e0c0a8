package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/protocol"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

// Git passes each state[] to all helpers, so ours start with a prefix. After it
// comes the key of the record that answered, or a note that none did.
const (
	statePrefix      = "pat:"
	stateAsked       = statePrefix + "asked"
	stateAskedByName = statePrefix + "asked-by-name"
)

// request returns the request in a message that has been read completely.
func (h *helper) request(m protocol.Message) (credential.Request, error) {
	h.timeout.Stop()
	r, err := credential.ParseRequest(m.Get("protocol"), m.Get("host"), m.Get("path"), m.Get("username"))
	switch {
	case err != nil:
		return r, err
	case h.keeper != nil:
		return r, h.keeper.Check(r)
	case r.Host == credential.GitHubHost || r.Host == credential.GistHost:
		return r, h.dirErr
	}
	return r, credential.ErrNotOurs
}

// makeAnswer returns the answer to the request m. It has only what the sender of
// m supports, and is empty if that is not enough to log in.
func makeAnswer(m protocol.Message, request credential.Request, winner credential.Considered, login keeper.Login) (answer protocol.Message) {
	bearer := login.Credential != nil && m.Announces("authtype")
	if login.Password == nil && !bearer {
		return answer
	}
	username := login.UserName(request, winner.Record)
	// Capabilities come first, git-credential(1).
	if bearer {
		answer.Add("capability[]", "authtype")
	}
	if m.Announces("state") {
		answer.Add("capability[]", "state")
	}
	if bearer {
		answer.Add("authtype", login.AuthType)
		answer.Add("credential", login.Credential.Reveal())
	}
	if login.Named || username != "" {
		answer.Add("username", username)
	}
	if login.Password != nil {
		answer.Add("password", login.Password.Reveal())
	}
	if login.RefreshToken != nil {
		answer.Add("oauth_refresh_token", login.RefreshToken.Reveal())
	}
	if !winner.Expires.IsZero() {
		answer.Add("password_expiry_utc", strconv.FormatInt(winner.Expires.Unix(), 10))
	}
	if m.Announces("state") {
		answer.Add("state[]", statePrefix+winner.Key)
	}
	return answer
}

// makeReport returns what m says about a credential that a server accepted or
// rejected.
func makeReport(m protocol.Message, request credential.Request) keeper.Report {
	secret := func(key string) *credential.Secret {
		value, ok := m.Lookup(key)
		if !ok {
			return nil
		}
		s := credential.NewSecret(value)
		return &s
	}
	_, named := m.Lookup("username")
	ephemeral := m.Get("ephemeral")
	r := keeper.Report{
		Request: request,
		Login: keeper.Login{
			Username:     request.Username,
			Named:        named,
			Password:     secret("password"),
			RefreshToken: secret("oauth_refresh_token"),
			AuthType:     m.Get("authtype"),
		},
		Unseen:    !seen(),
		Ephemeral: ephemeral != "" && ephemeral != "0" && ephemeral != "false", // git-credential(1)
	}
	if r.Login.AuthType != "" && m.Get("credential") != "" {
		r.Login.Credential = secret("credential")
	}
	if seconds, err := strconv.ParseInt(m.Get("password_expiry_utc"), 10, 64); err == nil && seconds > 0 {
		r.Expires = time.Unix(seconds, 0).UTC()
	}
	for _, state := range m.Values("state[]") {
		key, ours := strings.CutPrefix(state, statePrefix)
		switch {
		case state == stateAsked:
			r.Asked = true
		case state == stateAskedByName:
			r.AskedByName = true
		case ours:
			r.Key = key
		}
	}
	return r
}
