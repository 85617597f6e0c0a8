package importer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A fixture is a record tree, secrets in memory, and a GitHub that names the
// same repositories for every token.
type fixture struct {
	Needs
	t       *testing.T
	secrets map[string]credential.Secret // by key
	sees    []string
}

var errGitHub = errors.New("GitHub does not answer")

func newFixture(t *testing.T) *fixture {
	t.Helper()
	b := &fixture{t: t, secrets: map[string]credential.Secret{}}
	b.Needs = Needs{
		Tree: record.NewTree(filepath.Join(t.TempDir(), "git-pat")),
		Now:  time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC),
		Secret: func(_ context.Context, c credential.Candidate) (credential.Secret, error) {
			if secret, ok := b.secrets[c.Key]; ok {
				return secret, nil
			}
			return credential.Secret{}, store.ErrNotFound
		},
		Repositories: func(context.Context, string, credential.Secret) ([]string, error) {
			if b.sees == nil {
				return nil, errGitHub
			}
			return b.sees, nil
		},
		Create: func(_ context.Context, r credential.Record, secret credential.Secret) error {
			if err := b.Tree.Create(r); err != nil {
				return err
			}
			b.secrets[record.Key(r)] = secret
			return nil
		},
	}
	return b
}

func (b *fixture) has(r credential.Record, secret string) {
	b.t.Helper()
	if err := b.Create(b.t.Context(), r, credential.NewSecret(secret)); err != nil {
		b.t.Fatal(err)
	}
}

// isFree fails if the lock is held.
func (b *fixture) isFree() {
	b.t.Helper()
	unlock, err := b.Tree.Lock(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	unlock()
}

// all returns the records that there are, as TARGET NAME.
func (b *fixture) all() []string {
	b.t.Helper()
	all := []string{}
	for c, err := range b.Tree.All() {
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, c.Target.String()+" "+c.Name)
	}
	slices.Sort(all)
	return all
}

// fine, classic and refresh make tokens from a name. They are no tokens of GitHub.
func fine(name string) string    { return "github_" + "pat_" + strings.Repeat("1", 22) + "_" + name }
func classic(name string) string { return "gh" + "p_" + name }
func refresh(name string) string { return "gh" + "r_" + name }

func acme(name string) credential.Record {
	return credential.Record{
		Target: credential.Target{Host: "github.com", Paths: []string{"acme"}}, Name: name,
		Kind: credential.FineGrained, Store: "file",
	}
}

// item reads HOST|PATH|LOGIN.
func item(text, secret string) *Item {
	part := strings.Split(text, "|")
	return &Item{Host: part[0], Path: part[1], Login: part[2], Secret: credential.NewSecret(secret)}
}

func TestPlan(t *testing.T) {
	const none = "(none)"
	past := item("github.com||", classic("x"))
	past.Expires = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	skip := func(why Why) string { return fmt.Sprint("skipped ", why) }
	for _, test := range []struct {
		name  string
		items []*Item
		has   func(b *fixture) // before
		want  string           // of the items, one after another
		all   string           // records afterwards
	}{
		{"a classic token", []*Item{item("GitHub.com:443||alice", classic("x"))}, nil, "added github.com", "github.com alice"},
		{"a refresh token as the user name", []*Item{item("github.com||"+refresh("x"), classic("x"))}, nil, "added github.com", "github.com classic"},
		{"for a repository", []*Item{item("github.com|Acme/Widgets.git|alice", classic("x"))}, nil,
			"added github.com/acme/widgets", "github.com/acme/widgets alice"},
		{"without a login", []*Item{item("github.com||x-access-token", classic("x"))}, nil, "added github.com", "github.com classic"},
		{"a token as the user name", []*Item{item("github.com||"+classic("x"), "x-oauth-basic")}, nil, "added github.com", "github.com classic"},
		{"of an owner", []*Item{item("github.com|acme/widgets|", fine("x"))}, nil, "added github.com/acme", "github.com/acme fine-grained"},
		{"of an owner that another item names", []*Item{item("github.com||", fine("x")), item("github.com|acme|", fine("x"))}, nil,
			"added github.com/acme, merged github.com/acme", "github.com/acme fine-grained"},
		{"of an owner that GitHub names", []*Item{item("github.com||", fine("x"))},
			func(b *fixture) { b.sees = []string{"acme/a", "Acme/b"} }, "added github.com/acme", "github.com/acme fine-grained"},
		{"of an owner that GitHub does not name", []*Item{item("github.com||", fine("x"))},
			func(b *fixture) { b.sees = []string{} }, skip(OwnerHidden), none},
		{"of several owners", []*Item{item("github.com||", fine("x"))},
			func(b *fixture) { b.sees = []string{"acme/a", "globex/b"} }, skip(SeveralOwners), none},
		{"GitHub is silent", []*Item{item("github.com||", fine("x"))}, nil, skip(OwnerUnknown), none},
		{"GitHub is not asked", []*Item{item("github.com||", fine("x"))}, func(b *fixture) { b.Repositories = nil }, skip(OwnerNotNamed), none},

		{"the same for host and repository", []*Item{item("github.com|acme/a|", classic("x")), item("github.com||", classic("x"))}, nil,
			"merged github.com, added github.com", "github.com classic"},
		{"the same for two repositories", []*Item{item("github.com|acme/a|", classic("x")), item("github.com|acme/b|", classic("x"))}, nil,
			"added github.com/acme/{a,b}, merged github.com/acme/{a,b}", "github.com/acme/{a,b} classic"},
		{"the same for two owners", []*Item{item("github.com|acme/a|", classic("x")), item("github.com|globex/b|", classic("x"))}, nil,
			"added github.com/acme/a, added github.com/globex/b", "github.com/acme/a classic, github.com/globex/b classic"},
		{"the same for the gists", []*Item{item("github.com||", classic("x")), item("gist.github.com||", classic("x"))}, nil,
			"added github.com, merged github.com", "github.com classic"},
		{"two that fit equally", []*Item{item("github.com||", classic("x")), item("github.com||", classic("y"))}, nil,
			"added github.com, " + skip(Rival), "github.com classic"},
		{"two for two repositories of one owner", []*Item{item("github.com|acme/a|", fine("x")), item("github.com|acme/b|", fine("y"))}, nil,
			"added github.com/acme, added github.com/acme/b", "github.com/acme fine-grained, github.com/acme/b fine-grained"},

		{"kept before", []*Item{item("github.com|acme/widgets|", fine("x"))},
			func(b *fixture) { b.has(acme("old"), fine("x")) }, "known github.com/acme", "github.com/acme old"},
		{"beside another one", []*Item{item("github.com|acme|", fine("x"))},
			func(b *fixture) { b.has(acme("old"), fine("y")) }, skip(Rival), "github.com/acme old"},
		{"narrowed beside another one", []*Item{item("github.com|acme/a|", fine("x"))},
			func(b *fixture) { b.has(acme("old"), fine("y")) }, "added github.com/acme/a", "github.com/acme old, github.com/acme/a fine-grained"},
		{"beside an expired one", []*Item{item("github.com|acme|", fine("x"))}, func(b *fixture) {
			r := acme("fine-grained")
			r.Expires = b.Now.Add(-time.Hour)
			b.has(r, fine("y"))
		}, "added github.com/acme", "github.com/acme fine-grained, github.com/acme fine-grained-2"},
		{"beside one whose secret is gone", []*Item{item("github.com|acme|", fine("x"))}, func(b *fixture) {
			b.has(acme("old"), fine("x"))
			clear(b.secrets)
		}, skip(Rival), "github.com/acme old"},

		{"beside one of a variable", []*Item{item("github.com|acme|", fine("x"))}, func(b *fixture) {
			r := acme("old")
			r.Store = "env:X"
			b.has(r, fine("x"))
		}, skip(Rival), "github.com/acme old"},
		{"kept before, for the gists", []*Item{item("gist.github.com||", classic("x"))}, func(b *fixture) {
			b.has(credential.Record{Target: credential.Target{Host: "github.com"}, Name: "old", Kind: credential.Classic, Store: "file"}, classic("x"))
		}, "known github.com", "github.com old"},
		{"three tokens of one owner", []*Item{
			item("github.com|acme/a|", fine("x")), item("github.com|acme/b|", fine("y")), item("github.com|acme/c|", fine("y")), item("github.com|acme|", fine("z")),
		}, nil, "added github.com/acme, added github.com/acme/{b,c}, merged github.com/acme/{b,c}, " + skip(Rival),
			"github.com/acme fine-grained, github.com/acme/{b,c} fine-grained-2"},

		{"no host", []*Item{item("||", classic("x"))}, nil, skip(BadHost), none},
		{"a dot at its end", []*Item{item("github.com.||", classic("x"))}, nil, skip(BadHost), none},
		{"no password", []*Item{item("github.com||alice", "")}, nil, skip(NoPassword), none},
		{"a password of GitHub", []*Item{item("github.com||alice", "hunter2")}, nil, skip(Unfit), none},
		{"control characters", []*Item{item("github.com||alice", classic("x\n"))}, nil, skip(BadText), none},
		{"too long", []*Item{item("github.com||", classic(strings.Repeat("x", input.MaxSecret)))}, nil, skip(BadText), none},
		{"a long login", []*Item{item("github.com||"+strings.Repeat("x", 101), classic("x"))}, nil, skip(BadText), none},
		{"an own place", []*Item{item(store.HelperHost+"||", classic("x"))}, nil, skip(OwnPlace), none},
		{"the API", []*Item{item("api.github.com||", classic("x"))}, nil, skip(APIHost), none},
		{"another server", []*Item{item("forge.example||", "hunter2")}, nil, skip(OtherServer), none},
		{"expired", []*Item{past}, nil, skip(Expired), none},
		{"no repository", []*Item{item("github.com|a b|", classic("x"))}, nil, skip(NoRepository), none},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newFixture(t)
			if test.has != nil {
				test.has(b)
			}
			before := b.all()
			p := &Plan{Needs: b.Needs}
			if err := p.Make(t.Context(), test.items); err != nil {
				t.Fatal(err)
			}
			if got := b.all(); !slices.Equal(got, before) {
				t.Errorf("got %q before anything is kept, want %q", got, before)
			}
			var got []string
			added := 0
			for _, e := range test.items {
				switch e.Result {
				case Added:
					added++
					got = append(got, "added "+e.Target.String())
				case Known:
					got = append(got, "known "+e.Target.String())
				case Merged:
					got = append(got, "merged "+e.Target.String())
				default:
					got = append(got, skip(e.Reason.Why))
					hasErr := e.Reason.Why == Unfit || e.Reason.Why == OwnerUnknown
					if hasErr != (e.Reason.Err != nil) || (e.Reason.Why == Rival) != (e.Reason.Record.Name != "") {
						t.Errorf("got the reason %+v", e.Reason)
					}
				}
			}
			if got := strings.Join(got, ", "); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if p.Empty() != (added == 0) {
				t.Errorf("empty %v with %d to add", p.Empty(), added)
			}
			records, err := p.Keep(t.Context(), "file")
			if err != nil || len(records) != added {
				t.Errorf("kept %d, %v, want %d", len(records), err, added)
			}
			b.isFree()
			all := strings.Join(b.all(), ", ")
			if all == "" {
				all = none
			}
			if all != test.all {
				t.Errorf("got the records %s, want %s", all, test.all)
			}
		})
	}
}

// Tokens for other servers are imported on demand. There too, what looks like a
// token is not shown as a login.
func TestPlanAll(t *testing.T) {
	hex := strings.Repeat("0a", 20)
	for _, test := range []struct{ item, secret, target, login, want string }{
		{"forge.example|a/b/c|me", "hunter2", "forge.example/a/b/c", "me", "hunter2"},
		{"ghes.example||" + hex, "x-oauth-basic", "ghes.example", "", hex},
	} {
		e := item(test.item, test.secret)
		p := &Plan{Needs: newFixture(t).Needs, All: true}
		err := p.Make(t.Context(), []*Item{e})
		if err != nil || e.Result != Added || e.Target.String() != test.target || e.Login != test.login || e.Secret.Reveal() != test.want {
			t.Errorf("%s: got %+v, %v", test.item, e, err)
		}
	}
}

// A plan stores no rival of a token that another program stored meanwhile.
func TestPlanKeep(t *testing.T) {
	for _, test := range []struct {
		name   string
		came   func(b *fixture)
		result Result
	}{
		{"nothing", func(*fixture) {}, Added},
		{"another of its name", func(b *fixture) { b.has(acme("laptop"), "another") }, Skipped},
		{"another of its target", func(b *fixture) { b.has(acme("desktop"), "another") }, Skipped},
		{"an expired one of its name", func(b *fixture) {
			r := acme("fine-grained")
			r.Expires = b.Now.Add(-time.Hour)
			b.has(r, "another")
		}, Added},
		{"the same token", func(b *fixture) { b.has(acme("desktop"), "secret") }, Known},
		{"one for something else", func(b *fixture) {
			r := acme("laptop")
			r.Paths = []string{"globex"}
			b.has(r, "another")
		}, Added},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newFixture(t)
			secret := credential.NewSecret("secret")
			e := &Item{Host: "github.com", Path: "acme/widgets", Kind: credential.FineGrained, Secret: secret, Result: Added}
			p := &Plan{Needs: b.Needs, tokens: []*token{{acme("laptop"), secret, []*Item{e}}}}
			if err := p.find(t.Context(), &Item{Host: "github.com", Path: "acme/widgets", Kind: e.Kind, Secret: secret}); err != nil {
				t.Fatal(err) // what is read now must be read again later
			}
			test.came(b)
			before := b.all()
			added, err := p.Keep(t.Context(), "file")
			b.isFree()
			if err != nil || (len(added) == 1) != (test.result == Added) || e.Result != test.result {
				t.Fatalf("got %v, %v and %d (%v), want %d", added, err, e.Result, e.Reason, test.result)
			}
			if test.result == Skipped && (e.Reason.Why != Rival || e.Reason.Record.Owner() != "acme") {
				t.Errorf("skipped for %+v, want %d", e.Reason, Rival)
			}
			if got := b.all(); len(added) == 0 && !slices.Equal(got, before) {
				t.Errorf("got %q, want %q", got, before)
			}
			// It may be removed from the source only if it is stored then.
			lost, err := p.StillKept(t.Context(), []*Item{e})
			if err != nil || len(lost) > 0 {
				t.Errorf("got %v, %v", lost, err)
			}
			b.isFree()
			if e.Kept() {
				clear(b.secrets)
				if lost, err = p.StillKept(t.Context(), []*Item{e}); err != nil || !slices.Equal(lost, []*Item{e}) || e.Kept() {
					t.Errorf("removed: got %v, %v", lost, err)
				}
			}
		})
	}
}

// After the first token that cannot be written all others are skipped.
func TestPlanKeepFails(t *testing.T) {
	b := newFixture(t)
	full, create := errors.New("the disk is full"), b.Create
	b.Create = func(ctx context.Context, r credential.Record, secret credential.Secret) error {
		if r.Owner() == "b" {
			return full
		}
		return create(ctx, r, secret)
	}
	items := []*Item{item("github.com|a|", fine("x")), item("github.com|b|", fine("y")), item("github.com|c|", fine("z"))}
	p := &Plan{Needs: b.Needs}
	if err := p.Make(t.Context(), items); err != nil {
		t.Fatal(err)
	}
	added, err := p.Keep(t.Context(), "file")
	if err != full || len(added) != 1 || !items[0].Kept() || items[1].Reason.Why != NotKept || items[2].Reason.Why != NotKept {
		t.Errorf("got %v, %v, %v", added, err, items)
	}
	b.isFree()
}
