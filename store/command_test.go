package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

func TestCommandContract(t *testing.T) {
	answer := filepath.Join(t.TempDir(), "answer")
	s := mustOpen(t, "cmd:cat "+filepath.ToSlash(answer), "")
	for name, secret := range contractSecrets() {
		if err := os.WriteFile(answer, []byte(secret.Reveal()+"\nsecond line\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, key := range contractKeys()[:2] {
			got, err := s.Get(t.Context(), key)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			storetest.Same(t, name, got, secret)
		}
		failed := isStoreError(t, name, s.Set(t.Context(), contractKeys()[0], storetest.NewSecret(40)))
		if failed.What != "is read-only" || failed.Absent {
			t.Errorf("set: got %+v", *failed)
		}
		if err := s.Delete(t.Context(), contractKeys()[0]); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
}

// A command that does not give a token is never taken for one that has none.
func TestCommandFails(t *testing.T) {
	for _, test := range []struct{ line, what string }{
		{"true", "printed nothing"},
		{`printf '\nsecond line\n'`, "printed an empty first line"},
		{`printf '\r\n'`, "printed an empty first line"},
		{"exit 3", "failed: exit status 3"},
		{"echo locked >&2; echo more >&2; exit 1", `failed: "locked"`},
		{"echo secret; exit 1", "failed: exit status 1"},
		{"no-such-program-at-all", "failed: "},
	} {
		s := mustOpen(t, "cmd:"+test.line, "")
		_, err := s.Get(t.Context(), contractKeys()[0])
		var failed *Error
		if !errors.As(err, &failed) || errors.Is(err, ErrNotFound) || !strings.HasPrefix(failed.What, test.what) || failed.Advice != adviceCommand {
			t.Errorf("%s: got %v", test.line, err)
		}
	}
}

// What a command says besides its first line does not matter.
func TestCommandSays(t *testing.T) {
	for _, line := range []string{"echo a; echo b", "echo a; echo warning >&2", `printf 'a\r\nb'`, "echo a; cat"} {
		got, err := mustOpen(t, "cmd:"+line, "").Get(t.Context(), contractKeys()[0])
		if err != nil || got.Reveal() != "a" {
			t.Errorf("%s: got %q, %v", line, got.Reveal(), err)
		}
	}
}

func TestCommandTime(t *testing.T) {
	s, err := Open("cmd:sleep 60", "", Options{Limit: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Get(t.Context(), contractKeys()[0])
	var failed *Error
	if !errors.As(err, &failed) || !strings.HasPrefix(failed.What, "did not answer within ") {
		t.Errorf("got %v", err)
	}
}

func TestCommandNames(t *testing.T) {
	for _, name := range []string{"cmd:", "cmd: ", "cmd:a\nb", "cmd:a\x00b", "cmd"} {
		if _, err := Open(name, "", Options{}); err == nil {
			t.Errorf("%q was opened", name)
		}
	}
	if name := "cmd:pass show acme"; !ReadOnly(name) {
		t.Errorf("%s is not read-only", name)
	}
}
