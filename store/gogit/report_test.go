package gogit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing/transport"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/gogit"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// noted returns what was noted about the token of a target.
func noted(t *testing.T, k *keeper.Keeper, s credential.Target) string {
	t.Helper()
	c, err := k.Tree.Find(record.Key(credential.Record{Target: s, Name: "laptop"}))
	switch {
	case err != nil:
		t.Fatal(err)
	case c.Aside != nil:
		return c.Aside.Reason
	case !c.Used.IsZero():
		return "used"
	}
	return ""
}

func TestReport(t *testing.T) {
	const here, elsewhere = "https://github.com/acme/widgets.git", "https://git.example/acme/widgets.git"
	unauthorized := fmt.Errorf("%w: Invalid username or token.", transport.ErrAuthenticationRequired)
	for _, test := range []struct {
		name string
		to   []string // the URLs of the requests
		err  error
		want string // what was noted
		says string // the new error, if it is different
	}{
		{"done", []string{here, here}, nil, "used", ""},
		{"nothing to do", []string{here}, git.NoErrAlreadyUpToDate, "used", ""},
		{"empty", []string{here}, transport.ErrEmptyRemoteRepository, "used", ""},
		{"empty, in other words", []string{here}, fmt.Errorf("clone: %w", transport.ErrEmptyRemoteRepository), "used", ""},
		{"done, with a submodule elsewhere", []string{here, elsewhere}, nil, "used", ""},
		{"done, and nobody was asked", nil, nil, "", ""},
		{"done elsewhere", []string{elsewhere}, nil, "", ""},

		{"401", []string{here}, unauthorized, "rejected by github.com",
			`github.com rejected the token "laptop" for github.com/acme; it is set aside: authentication required: Invalid username or token.`},
		{"401 in other words", []string{here, here}, fmt.Errorf("push: %w", unauthorized), "rejected by github.com",
			`github.com rejected the token "laptop" for github.com/acme; it is set aside: push: authentication required: Invalid username or token.`},
		{"401 of a submodule here", []string{here, here, elsewhere, here}, unauthorized, "rejected by github.com",
			`github.com rejected the token "laptop" for github.com/acme; it is set aside: authentication required: Invalid username or token.`},
		{"401 of a submodule elsewhere", []string{here, here, elsewhere}, unauthorized, "", ""},
		{"401 elsewhere", []string{elsewhere}, unauthorized, "", ""},
		{"401, and nobody was asked", nil, unauthorized, "", ""},

		{"403", []string{here}, fmt.Errorf("%w: no", transport.ErrAuthorizationFailed), "", ""},
		{"404", []string{here}, fmt.Errorf("%w: no", transport.ErrRepositoryNotFound), "", ""},
		{"an end of time", []string{here}, context.DeadlineExceeded, "", ""},
		{"another", []string{here}, errors.New("authentication required"), "", ""},
		{"not forward", []string{here, here}, git.ErrNonFastForwardUpdate, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			k, _ := newKeeper(t)
			add(t, k, credential.Record{Target: target("github.com", "acme")}, secret)
			login, err := gogit.LoginFrom(t.Context(), k, here)
			if err != nil {
				t.Fatal(err)
			}
			for _, url := range test.to {
				header(t, login, url)
			}
			want := test.says
			if want == "" {
				want = fmt.Sprint(test.err)
			}
			if got := login.Report(t.Context(), test.err); fmt.Sprint(got) != want || !errors.Is(got, test.err) {
				t.Errorf("got the error %q, want %q", got, want)
			}
			if got := noted(t, k, target("github.com", "acme")); got != test.want {
				t.Errorf("noted %q, want %q", got, test.want)
			}
		})
	}
}

// A report is about one call. Earlier calls do not affect it.
func TestReportTwice(t *testing.T) {
	k, _ := newKeeper(t)
	add(t, k, credential.Record{Target: target("github.com", "acme")}, secret)
	const url = "https://github.com/acme/widgets"
	login, err := gogit.LoginFrom(t.Context(), k, url)
	if err != nil {
		t.Fatal(err)
	}
	header(t, login, url)
	if err := login.Report(t.Context(), errors.New("no network")); err.Error() != "no network" {
		t.Errorf("got %v", err)
	}
	for _, want := range []error{nil, transport.ErrAuthenticationRequired} {
		if got := login.Report(t.Context(), want); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
		if got := noted(t, k, target("github.com", "acme")); got != "" {
			t.Errorf("%v: noted %q without a request", want, got)
		}
	}
}

// A report respects changes of the token since the login.
func TestReportMeanwhile(t *testing.T) {
	const url = "https://github.com/acme/widgets"
	r := credential.Record{Target: target("github.com", "acme"), Name: "laptop", Kind: credential.FineGrained, Store: "memory"}
	key := record.Key(r)
	locked := &store.Error{Store: "memory", What: "is locked"}
	for _, test := range []struct {
		name      string
		err       error
		meanwhile func(*testing.T, *keeper.Keeper, *memoryStore)
		says      string
		want      string
	}{
		{"set aside by another program, and accepted", nil,
			func(t *testing.T, k *keeper.Keeper, _ *memoryStore) {
				if err := k.Tree.SetAside(key, credential.Refused("github.com", time.Now())); err != nil {
					t.Fatal(err)
				}
			}, "<nil>", "used"},
		{"added once more for less, and accepted", nil,
			func(t *testing.T, k *keeper.Keeper, _ *memoryStore) {
				add(t, k, credential.Record{Target: target("github.com", "acme/widgets")}, secret)
			}, "<nil>", "used"},
		{"rotated, and the old one refused", transport.ErrAuthenticationRequired,
			func(_ *testing.T, _ *keeper.Keeper, m *memoryStore) { m.secrets[key] = credential.NewSecret("another") },
			"authentication required", ""},
		{"locked, and refused", transport.ErrAuthenticationRequired,
			func(_ *testing.T, _ *keeper.Keeper, m *memoryStore) { m.failed = locked },
			`the store "memory" is locked: authentication required`, ""},
		{"locked, and accepted", nil,
			func(_ *testing.T, _ *keeper.Keeper, m *memoryStore) { m.failed = locked }, "<nil>", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			k, memory := newKeeper(t)
			k.Save = keeper.SaveAny
			add(t, k, r, secret)
			login, err := gogit.LoginFrom(t.Context(), k, url)
			if err != nil {
				t.Fatal(err)
			}
			header(t, login, url)
			test.meanwhile(t, k, memory)
			got := login.Report(t.Context(), test.err)
			if fmt.Sprint(got) != test.says || !errors.Is(got, test.err) {
				t.Errorf("got the error %v, want %s", got, test.says)
			}
			if got := noted(t, k, target("github.com", "acme")); got != test.want {
				t.Errorf("noted %q, want %q", got, test.want)
			}
		})
	}

	t.Run("removed, and accepted", func(t *testing.T) {
		k, memory := newKeeper(t)
		k.Save = keeper.SaveAny
		add(t, k, r, secret)
		login, err := gogit.LoginFrom(t.Context(), k, url)
		if err != nil {
			t.Fatal(err)
		}
		header(t, login, url)
		delete(memory.secrets, key)
		if err := k.Tree.Remove(key); err != nil {
			t.Fatal(err)
		}
		if err := login.Report(t.Context(), nil); err != nil {
			t.Error(err)
		}
		candidates, err := k.Tree.Lookup("github.com", "acme/widgets")
		if err != nil || len(candidates) > 0 || len(memory.secrets) > 0 {
			t.Errorf("it came back: %d records, %d secrets, %v", len(candidates), len(memory.secrets), err)
		}
	})
}

// If a program continues without a token and the server requires one, the error
// says why there is no token.
func TestReportWithoutToken(t *testing.T) {
	k, _ := newKeeper(t)
	const url = "https://github.com/acme/widgets"
	login, none := gogit.LoginFrom(t.Context(), k, url)
	if none == nil {
		t.Fatal("there is a token")
	}
	for _, test := range []struct{ to, want string }{
		{url, "no token for github.com/acme/widgets: authentication required"},
		{"https://git.example/acme/widgets", "authentication required"},
	} {
		header(t, login, test.to)
		err := login.Report(t.Context(), transport.ErrAuthenticationRequired)
		if err == nil || err.Error() != test.want || !errors.Is(err, transport.ErrAuthenticationRequired) {
			t.Errorf("%s: got %v, want %s", test.to, err, test.want)
		}
	}
	for _, want := range []error{nil, git.NoErrAlreadyUpToDate, transport.ErrRepositoryNotFound} {
		header(t, login, url)
		if got := login.Report(t.Context(), want); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
