//go:build !linux

package store

import (
	"fmt"
	"testing"

	gokeyring "github.com/zalando/go-keyring"
)

func TestKeyringFault(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err    error
		what   string
		absent bool
	}{
		{gokeyring.ErrSetDataTooBig, "has no room for a secret of this length", false},
		{gokeyring.ErrUnsupportedPlatform, "is not there on this system", true},
	} {
		got := isTrouble(t, test.what, keyringError(test.err))
		if got.What != test.what || got.Advice != adviceOther || got.Absent != test.absent || got.Store != "keyring" {
			t.Errorf("got %+v, want %q, absent %v", *got, test.what, test.absent)
		}
	}
	for _, err := range []error{gokeyring.ErrNotFound, fmt.Errorf("a: %w", gokeyring.ErrNotFound)} {
		if got := keyringError(err); got != ErrNotFound {
			t.Errorf("%v: got %v, want ErrNotFound", err, got)
		}
	}
}
