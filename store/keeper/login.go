package keeper

import (
	"net/url"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// A Login is what Git sends to a server to log in. Secrets that are nil are
// missing.
type Login struct {
	Username string
	Named    bool // there is a user name, which may be empty

	Password     *credential.Secret // a token or a password; a password may be empty
	RefreshToken *credential.Secret // OAuth clients use it to get the next password

	// AuthType and Credential are for schemes other than Basic, such as Bearer.
	AuthType   string
	Credential *credential.Secret
}

// UserName returns the user name to log in with: that of the request, else that of
// the record, else the one that the forge expects. Some tokens work with only one.
func (l Login) UserName(request credential.Request, r credential.Record) string {
	switch {
	case r.Kind == forge.BitbucketAccess, r.Kind == forge.GitLabJob:
		return r.Kind.UserName()
	case request.Login() != "", request.Username == r.Kind.UserName() && r.Kind != forge.GitLabDeploy:
		return request.Username
	case l.Named || l.Credential != nil && l.Password == nil:
		return l.Username
	case request.Username == "" || r.IsToken() || request.Push():
		return r.Kind.UserName()
	}
	return request.Username
}

// attributesForm is the form of a secret that is more than a password: the
// attributes of the login as a query string.
const attributesForm = "attributes"

// encode returns the secret for a store, and its form.
func (l Login) encode() (secret credential.Secret, form string) {
	values := url.Values{}
	if l.Credential != nil {
		values.Set("authtype", l.AuthType)
		values.Set("credential", l.Credential.Reveal())
	}
	if l.RefreshToken != nil {
		values.Set("oauth_refresh_token", l.RefreshToken.Reveal())
	}
	if l.Password != nil {
		values.Set("password", l.Password.Reveal())
	}
	if l.Named && l.Username == "" {
		values.Set("username", "")
	}
	if len(values) == 1 && l.Password != nil && !l.Password.Empty() {
		return *l.Password, ""
	}
	return credential.NewSecret(values.Encode()), attributesForm
}

// decode is the reverse of encode. The record has the user name.
func decode(secret credential.Secret, r credential.Record) (*Login, error) {
	login := &Login{Username: r.Username, Named: r.Username != ""}
	if r.Form == "" {
		login.Password = &secret
		return login, nil
	}
	values, err := url.ParseQuery(secret.Reveal())
	if err != nil || r.Form != attributesForm {
		// err is not wrapped, because it quotes the secret.
		return nil, &store.Error{Store: r.Store, What: "has a secret in a format that this version does not know"}
	}
	part := func(key string) *credential.Secret {
		if !values.Has(key) {
			return nil
		}
		s := credential.NewSecret(values.Get(key))
		return &s
	}
	login.Password, login.RefreshToken, login.Credential = part("password"), part("oauth_refresh_token"), part("credential")
	login.AuthType = values.Get("authtype")
	login.Named = login.Named || values.Has("username")
	return login, nil
}

// sameSecret reports whether two logins are the same to a server. A login without
// a secret equals no other.
func (l Login) sameSecret(m Login) bool {
	equal := func(a, b *credential.Secret) bool { return a == nil && b == nil || a != nil && b != nil && a.Equal(*b) }
	switch {
	case m.Credential != nil:
		return equal(l.Credential, m.Credential) && l.AuthType == m.AuthType
	case m.Password != nil:
		return equal(l.Password, m.Password)
	}
	return false
}

// hasSecret reports whether the login has a secret that Git can log in with.
func (l Login) hasSecret() bool { return l.Password != nil || l.Credential != nil }
