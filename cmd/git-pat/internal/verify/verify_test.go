package verify

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

var now = time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC)

func TestVerify(t *testing.T) {
	good := inspect.Report{Result: inspect.ResultGood, Login: "alice", Expires: now.AddDate(0, 1, 0)}
	refused := inspect.Report{Result: inspect.ResultRefused}
	broken := errors.New("no certificate")
	for _, test := range []struct {
		name     string
		kind     credential.Kind
		form     string
		secret   string // in the store
		report   inspect.Report
		err      error // of Ask
		aside    bool  // before
		replaced bool  // while GitHub answers

		asked     bool
		wantErr   error
		wantAside bool
		wantLogin string
	}{
		{name: "good", secret: "x", report: good, asked: true, wantLogin: "alice"},
		{name: "good again", secret: "x", report: good, aside: true, asked: true, wantLogin: "alice"},
		{name: "rejected", secret: "x", report: refused, asked: true, wantAside: true},
		{name: "rejected again", secret: "x", report: refused, aside: true, asked: true, wantAside: true},
		{name: "no answer", secret: "x", report: inspect.Report{Result: inspect.ResultUnknown}, aside: true, asked: true, wantAside: true},
		{name: "changed meanwhile", secret: "x", report: refused, replaced: true, asked: true, wantLogin: "bob"},
		{name: "not asked", secret: "x", err: broken, asked: true, wantErr: broken},
		{name: "a password", kind: credential.Other, secret: "x", report: good, asked: true, wantLogin: "alice"},
		{name: "no token", form: "attributes", secret: "x", wantErr: ErrNoToken},
		{name: "control characters", secret: "x\x01", wantErr: ErrBadSecret},
	} {
		t.Run(test.name, func(t *testing.T) {
			kept := &tokens.Tokens{Tree: record.NewTree(t.TempDir()), Now: now}
			r := credential.Record{Target: credential.Target{Host: "github.com", Paths: []string{"acme"}}, Name: "a", Kind: credential.FineGrained, Store: "file", Added: now}
			if test.kind != "" {
				r.Kind = test.kind
			}
			r.Form = test.form
			if err := kept.Keep(t.Context(), nil, r, credential.NewSecret(rand.Text()+test.secret)); err != nil {
				t.Fatal(err)
			}
			if test.aside {
				if err := kept.Tree.SetAside(record.Key(r), credential.Refused(r.Host, now.AddDate(0, 0, -1))); err != nil {
					t.Fatal(err)
				}
			}
			asked := false
			v := Verifier{kept, func(_ context.Context, r credential.Record, _ credential.Secret, _ time.Time) (inspect.Report, error) {
				asked = true
				if test.replaced {
					r.Username = "bob"
					if err := kept.Tree.Put(r); err != nil {
						t.Error(err)
					}
				}
				return test.report, test.err
			}}
			found, err := v.Find([]credential.Target{r.Target, {Host: r.Host}}) // the same token twice
			if err != nil || len(found) != 1 {
				t.Fatalf("got %v, %v", found, err)
			}
			result := v.Verify(t.Context(), found, func() {})[0]
			if asked != test.asked || !errors.Is(result.Err, test.wantErr) || result.RecordErr != nil {
				t.Errorf("got %v, %v, %v, want %v, %v", asked, result.Err, result.RecordErr, test.asked, test.wantErr)
			}
			after, err := kept.Find(r.Target, "")
			if err != nil {
				t.Fatal(err)
			}
			if (after.Aside != nil) != test.wantAside || after.Username != test.wantLogin {
				t.Errorf("got %v, %q, want %v, %q", after.Aside, after.Username, test.wantAside, test.wantLogin)
			}
			if wanted := test.wantLogin == "alice"; wanted != after.Expires.Equal(good.Expires) {
				t.Errorf("expires %v", after.Expires)
			}
		})
	}
}

// The results are in order, whatever is asked at the same time, and only so many.
func TestAtOnce(t *testing.T) {
	kept := &tokens.Tokens{Tree: record.NewTree(t.TempDir()), Now: now}
	var found []credential.Candidate
	for _, name := range strings.Split("abcdefghijkl", "") {
		r := credential.Record{Target: credential.Target{Host: "github.com", Paths: []string{"acme"}}, Name: name, Kind: credential.FineGrained, Store: "file"}
		if err := kept.Keep(t.Context(), nil, r, credential.NewSecret(rand.Text())); err != nil {
			t.Fatal(err)
		}
		c, err := kept.Find(r.Target, name)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, c)
	}
	var asking, steps atomic.Int32
	v := Verifier{kept, func(_ context.Context, r credential.Record, _ credential.Secret, _ time.Time) (inspect.Report, error) {
		if n := asking.Add(1); n > atOnce {
			t.Errorf("%d are asked at once", n)
		}
		time.Sleep(time.Millisecond)
		asking.Add(-1)
		return inspect.Report{Result: inspect.ResultUnknown, Login: r.Name}, nil
	}}
	results := v.Verify(t.Context(), found, func() { steps.Add(1) })
	for i, result := range results {
		if want := found[i].Name; result.Token.Name != want || result.Report.Login != want {
			t.Errorf("%d: got %q, %q, want %q", i, result.Token.Name, result.Report.Login, want)
		}
	}
	if int(steps.Load()) != len(found) {
		t.Errorf("%d steps, want %d", steps.Load(), len(found))
	}
}

func TestCertificates(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, "config"))
	for _, test := range []struct{ variable, config, want string }{
		{"", "", ""},
		{"", "[http]\nsslCAInfo = /etc/ca.pem\n", "/etc/ca.pem"},
		{"", "[http]\nsslCAInfo = ~/ca.pem\n", filepath.Join(home, "ca.pem")},
		{"", "[http \"https://ghes.example\"]\nsslCAInfo = /etc/ca.pem\n[http \"https://other.example\"]\nsslCAInfo = /etc/x.pem\n", "/etc/ca.pem"},
		{"/etc/mine.pem", "[http]\nsslCAInfo = /etc/ca.pem\n", "/etc/mine.pem"},
	} {
		t.Setenv("GIT_SSL_CAINFO", test.variable)
		if err := os.WriteFile(filepath.Join(home, "config"), []byte(test.config), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := certificates(t.Context(), new(git.Cache), "ghes.example"); got != test.want {
			t.Errorf("%q, %q: got %q, want %q", test.variable, test.config, got, test.want)
		}
	}
}
