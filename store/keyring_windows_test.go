package store

import (
	"os"
	"testing"

	gokeyring "github.com/zalando/go-keyring"
)

// The Credential Manager of the person must not be used for tests. In wine and in CI
// there is one that nobody needs.
func TestKeyringContract(t *testing.T) {
	t.Parallel()
	if os.Getenv("PAT_TEST_KEYRING") == "" {
		t.Skip("PAT_TEST_KEYRING is not set, so the Credential Manager may be somebody's own")
	}
	t.Cleanup(func() { gokeyring.DeleteAll(service) })
	testStore(t, func(t *testing.T) Store { return mustOpen(t, "keyring", "") }, abilities{bytes: true, most: 2560})
	if got := Default(t.Context(), Options{}); got != "keyring" {
		t.Errorf("the default: got %q, want %q", got, "keyring")
	}
}
