package keeper

import (
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// Messages are printed for github.com and hosts with tokens only.
func TestIsOurs(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveAny)
	b.add(storetest.With(storetest.Record("a", "acme"), func(r *credential.Record) { r.Host = "ghe.example" }), storetest.NewToken(credential.FineGrained))
	b.add(storetest.Opaque("gitlab.example", "a"), storetest.NewSecret(20))
	b.add(storetest.With(storetest.Opaque("gitea.example", "a", "acme"), func(r *credential.Record) { r.Forge = forge.Gitea }), storetest.NewSecret(20))
	b.add(storetest.With(storetest.Opaque("dev.azure.com", "a", "acme"), func(r *credential.Record) { r.Kind = forge.AzureToken }), storetest.NewSecret(20))
	for host, want := range map[string]bool{
		"github.com": true, "gist.github.com": true, "ghe.example": true,
		"gitea.example": true, "dev.azure.com": true, "acme.visualstudio.com": true, "globex.visualstudio.com": false,
		"gitlab.example": false, "github.com.example.org": false, "www.github.com": false, "ghe.example:8443": false, "": false,
	} {
		if got := b.IsOurs(host); got != want {
			t.Errorf("%s: got %v, want %v", host, got, want)
		}
	}
}
