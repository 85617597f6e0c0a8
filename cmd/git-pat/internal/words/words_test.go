package words

import (
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

func TestTokensPage(t *testing.T) {
	for _, test := range []struct {
		target string
		kind   credential.Kind
		want   string
	}{
		{"acme", credential.FineGrained, "https://github.com/settings/personal-access-tokens"},
		{"ghes.example/acme", credential.Classic, "https://ghes.example/settings/tokens"},
		{"gitea.example:3000/acme", forge.GiteaToken, "https://gitea.example:3000/user/settings/applications"},
		{"gitlab.com/acme", credential.Other, "https://gitlab.com/-/user_settings/personal_access_tokens"},
		{"dev.azure.com/acme", credential.Other, "https://dev.azure.com/acme/_usersSettings/tokens"},
		{"git.example/acme", credential.Other, ""},
	} {
		target, err := credential.ParseTarget(test.target)
		if err != nil {
			t.Fatal(err)
		}
		if got := TokensPage(credential.Record{Target: target, Kind: test.kind}); got != test.want {
			t.Errorf("%s, %s: got %q, want %q", test.target, test.kind, got, test.want)
		}
	}
}
