package words

import (
	"errors"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
)

// Each reason for which an item is skipped has words of its own.
func TestWhySkipped(t *testing.T) {
	said := map[string]importer.Why{}
	for why := importer.NoLogin; why <= importer.NotKept; why++ {
		text := whySkipped(&importer.Item{Reason: importer.Reason{Why: why, Err: errors.New("y")}}).What
		if other, ok := said[text]; ok || text == "" {
			t.Errorf("%d: got %q, as for %d", why, text, other)
		}
		said[text] = why
	}
}
