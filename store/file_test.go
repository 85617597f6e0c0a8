package store

import (
	"testing"

	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// A secret that is too large to be read again is not written.
func TestFileTooLarge(t *testing.T) {
	t.Parallel()
	s := &file{t.TempDir()}
	key := contractKeys()[0]
	most := storetest.NewSecret(disk.MaxFile)
	if err := s.Set(t.Context(), key, most); err != nil {
		t.Fatal(err)
	}
	isStoreError(t, "a byte too many", s.Set(t.Context(), key, storetest.NewSecret(disk.MaxFile+1)))
	got, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	storetest.Same(t, "the old one", got, most)
}
