package keeper

import (
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

func sameLogin(t *testing.T, got, want Login) {
	t.Helper()
	if g, w := reveal(got), reveal(want); !reflect.DeepEqual(g, w) {
		t.Errorf("got a login other than the one kept: %d and %d parts", len(g), len(w))
		for key := range w {
			if g[key] != w[key] {
				t.Errorf("%s differs", key)
			}
		}
	}
}

func reveal(l Login) map[string]string {
	m := map[string]string{"username": l.Username, "named": fmt.Sprint(l.Named), "authtype": l.AuthType}
	for key, s := range map[string]*credential.Secret{"password": l.Password, "refresh": l.RefreshToken, "credential": l.Credential} {
		if s != nil {
			m[key] = s.Reveal()
		}
	}
	return m
}

func FuzzAttributes(f *testing.F) {
	f.Add("alice", true, "p", "", "", "", byte(1))
	f.Add("", true, "", "", "", "", byte(1))
	f.Add("", false, "a&b=c%", "r;s", "Bearer", "c\n", byte(7))
	f.Add("x", false, "", "r", "", "", byte(2))
	f.Fuzz(func(t *testing.T, username string, named bool, password, refresh, authtype, secret string, which byte) {
		x := Login{Username: username, Named: named || username != ""}
		given := func(bit byte, s string) *credential.Secret {
			if which&bit == 0 {
				return nil
			}
			kept := credential.NewSecret(s)
			return &kept
		}
		x.Password, x.RefreshToken, x.Credential = given(1, password), given(2, refresh), given(4, secret)
		if x.Credential != nil {
			x.AuthType = authtype
		}
		kept, form := x.encode()
		if form != "" && strings.ContainsFunc(kept.Reveal(), unicode.IsControl) {
			t.Error("a store would have to keep control characters")
		}
		got, err := decode(kept, credential.Record{Username: username, Form: form})
		if err != nil {
			t.Fatal(err)
		}
		// A plain password has no place for Named.
		if form == "" {
			x.Named = x.Username != ""
		}
		if g, w := reveal(*got), reveal(x); !maps.Equal(g, w) {
			t.Errorf("got %q, want %q", g, w)
		}
		if x.hasSecret() && !got.sameSecret(x) {
			t.Error("it is not the same to a server")
		}
		if form == "" {
			return
		}
		// It is in the format of net/url.
		if values, err := url.ParseQuery(kept.Reveal()); err != nil || values.Encode() != kept.Reveal() {
			t.Errorf("net/url reads %v, %v", values, err)
		}
	})
}

// A secret in a store may be anything.
func TestDecodeGarbage(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"%", "a;b", "%zz=1", "password=%"} {
		_, err := decode(credential.NewSecret(text), credential.Record{Store: "file", Form: attributesForm})
		trouble := isStoreError(t, text, err)
		if trouble.Store != "file" || strings.Contains(trouble.Error(), text) {
			t.Errorf("%q: got %+v", text, *trouble)
		}
	}
}

func TestSameSecret(t *testing.T) {
	t.Parallel()
	secret := func(s string) *credential.Secret {
		v := credential.NewSecret(s)
		return &v
	}
	for _, test := range []struct {
		name string
		a, b Login
		want bool
	}{
		{"equal passwords", Login{Password: secret("a")}, Login{Password: secret("a")}, true},
		{"with another name", Login{Username: "x", Password: secret("a")}, Login{Password: secret("a")}, true},
		{"other passwords", Login{Password: secret("a")}, Login{Password: secret("b")}, false},
		{"a prefix", Login{Password: secret("ab")}, Login{Password: secret("a")}, false},
		{"an empty one", Login{Password: secret("a")}, Login{Password: secret("")}, false},
		{"two empty ones", Login{Password: secret("")}, Login{Password: secret("")}, true},
		{"none at all", Login{}, Login{}, false},
		{"only refresh tokens", Login{RefreshToken: secret("a")}, Login{RefreshToken: secret("a")}, false},
		{"a password against none", Login{}, Login{Password: secret("")}, false},
		{"equal credentials", Login{AuthType: "B", Credential: secret("a")}, Login{AuthType: "B", Credential: secret("a")}, true},
		{"of another type", Login{AuthType: "B", Credential: secret("a")}, Login{AuthType: "C", Credential: secret("a")}, false},
		{"a password for a credential", Login{Password: secret("a")}, Login{AuthType: "B", Credential: secret("a")}, false},
	} {
		if got := test.a.sameSecret(test.b); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
