package resolve

import (
	"errors"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

func TestState(t *testing.T) {
	now := time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC)
	token := func(name string, changes ...func(*credential.Candidate)) credential.Candidate {
		c := credential.Candidate{Record: credential.Record{
			Target: credential.Target{Host: "github.com", Paths: []string{"acme"}}, Name: name, Kind: credential.FineGrained,
		}}
		for _, change := range changes {
			change(&c)
		}
		return c
	}
	expired := func(c *credential.Candidate) { c.Expires = now.Add(-time.Hour) }
	aside := func(c *credential.Candidate) { c.Aside = new(credential.Refused("github.com", now)) }
	damaged := func(c *credential.Candidate) { c.Damaged = errors.New("x") }
	for _, test := range []struct {
		name  string
		of    []credential.Candidate
		with  Result
		want  State
		token string
	}{
		{"answers", []credential.Candidate{token("a")}, Result{Asked: true, Login: new(keeper.Login)}, Answers, "a"},
		{"Git does not ask", []credential.Candidate{token("a")}, Result{Login: new(keeper.Login)}, NotAsked, "a"},
		{"refused", nil, Result{Asked: true, Refused: errors.New("x")}, NoRepository, ""},
		{"a locked store", []credential.Candidate{token("a")}, Result{Asked: true, StoreErr: errors.New("x")}, StoreFailed, "a"},
		{"a locked store of none", nil, Result{Asked: true, StoreErr: errors.New("x")}, StoreFailed, ""},
		{"none", nil, Result{Asked: true}, NoToken, ""},
		{"expired", []credential.Candidate{token("a", expired)}, Result{Asked: true}, Expired, "a"},
		{"set aside", []credential.Candidate{token("a", aside)}, Result{Asked: true}, SetAside, "a"},
		{"damaged", []credential.Candidate{token("a", damaged)}, Result{Asked: true}, Unreadable, "a"},
		{"two", []credential.Candidate{token("a"), token("b")}, Result{Asked: true}, Several, ""},
	} {
		r := test.with
		r.Decision = credential.Choose(credential.Request{Host: "github.com", Path: "acme/widgets"}, test.of, now)
		state, about := r.State()
		name := ""
		if about != nil {
			name = about.Name
		}
		if state != test.want || name != test.token {
			t.Errorf("%s: got %d, %q, want %d, %q", test.name, state, name, test.want, test.token)
		}
	}
}
