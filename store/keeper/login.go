package keeper

import (
	"net/url"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// A Login is what Git logs in with, and what it wants back the next time.
type Login struct {
	// Username is the name that goes with the secret. Named tells an empty
	// one, which a server may want, from none.
	Username string
	Named    bool

	// Password is a token or password; nil for none. It may be empty.
	Password *credential.Secret

	// RefreshToken is what an OAuth client gets its next password with.
	RefreshToken *credential.Secret

	// AuthType and Credential stand in place of a password where a server
	// takes another scheme than Basic, as in Bearer.
	AuthType   string
	Credential *credential.Secret
}

// attributesForm is the form of a secret that is not the password alone: the
// attributes as a query string, which can be kept wherever a password can.
const attributesForm = "attributes"

// encode returns what a store is to keep for a login, and in which form.
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

// decode is the reverse of encode, with the user name of the record.
func decode(secret credential.Secret, r credential.Record) (Login, error) {
	login := Login{Username: r.Username, Named: r.Username != ""}
	if r.Form == "" {
		login.Password = &secret
		return login, nil
	}
	unknown := &store.Error{Store: r.Store, What: "has a secret in a form that this version does not know"}
	if r.Form != attributesForm {
		return Login{}, unknown
	}
	values, err := url.ParseQuery(secret.Reveal())
	if err != nil {
		return Login{}, unknown // the error would quote the secret
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

// sameSecret reports whether two logins would be the same to a server. A
// login without any secret is the same as none.
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

// hasSecret reports whether there is anything to log in with.
func (l Login) hasSecret() bool { return l.Password != nil || l.Credential != nil }
