package keeper

import (
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// The report of a known secret writes only the time of use, once a day.
func TestApproveKnown(t *testing.T) {
	t.Parallel()
	for _, save := range []Save{SaveTokens, SaveAny, SaveNever} {
		b := newBench(t, save)
		secret := storetest.NewToken(credential.FineGrained)
		r := b.add(of("alice", storetest.Record("laptop", "acme")), secret)
		b.add(storetest.Record("beside", "umbrella"), storetest.NewToken(credential.FineGrained))
		used := "tokens/" + record.Key(r) + ".used"
		for _, test := range []struct {
			name   string
			after  time.Duration
			report Report
			writes bool
		}{
			{"the first time", 0, typed(at("acme/widgets"), secret), true},
			{"again", time.Second, typed(at("acme/widgets"), secret), false},
			{"by its login", time.Hour, typed(by("alice", "acme/widgets"), secret), false},
			{"by what Git makes of no login", time.Hour, typed(by("x-access-token", "acme/widgets"), secret), false},
			{"for another repository", time.Hour, typed(at("acme/gadgets.git/info/lfs"), secret), false},
			{"as the one it has from us", time.Hour, reportWith(typed(at("acme/widgets"), secret), func(r *Report) { r.Key = "github.com/acme/@/laptop" }), false},
			{"as another one", time.Hour, reportWith(typed(at("acme/widgets"), secret), func(r *Report) { r.Key = "../../@/x" }), false},
			{"with an expiry", time.Hour, reportWith(typed(at("acme/widgets"), secret), func(r *Report) { r.Expires = storetest.Noon().Add(24 * time.Hour) }), false},
			{"the next day", 25 * time.Hour, typed(at("acme/widgets"), secret), true},
			{"again", 26 * time.Hour, typed(at("acme/widgets"), secret), false},
		} {
			b.now = storetest.Noon().Add(test.after)
			before := b.snapshot()
			if a := b.approve(test.report); !a.known || a.Kept != nil || a.NeedsPath || a.Occupied != nil || a.Repeated {
				t.Errorf("%s, %s: got %+v", save, test.name, a)
			}
			if !test.writes {
				b.unchanged(test.name, before)
				continue
			}
			after := b.snapshot()
			if before[used] == after[used] {
				t.Errorf("%s, %s: the use was not noted", save, test.name)
			}
			before[used] = after[used]
			b.unchanged(test.name, before)
			if c := find(t, b.Tree, record.Key(r)); !c.Used.Equal(b.now) {
				t.Errorf("%s, %s: got used %v, want %v", save, test.name, c.Used, b.now)
			}
		}
		if b.defaults != 0 {
			t.Errorf("%s: the default store was asked for", save)
		}
	}
}

func reportWith(r Report, change func(r *Report)) Report {
	change(&r)
	return r
}

// A token that was set aside and is accepted answers again. Others do not change.
func TestApproveRestores(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveNever)
	first, second := storetest.NewToken(credential.FineGrained), storetest.NewToken(credential.FineGrained)
	r, s := b.add(storetest.Record("a", "acme"), first), b.add(storetest.Record("b", "acme"), second)
	b.setAside(r)
	b.setAside(s)
	b.is("acme/widgets", credential.Unusable)
	if a := b.approve(typed(at("acme/widgets"), first)); !a.known {
		t.Errorf("got %+v", a)
	}
	b.answers("acme/widgets", first)
	b.has("restored", "github.com/acme a", "github.com/acme b aside")
}

// Which credentials from elsewhere are stored if Git asked first.
func TestApproveKeeps(t *testing.T) {
	t.Parallel()
	const (
		nothing = "nothing"
		needs   = "needs a path"
	)
	hex40 := credential.NewSecret(strings.Repeat("0123456789abcdef", 3)[:40])
	gist := func(path string) credential.Request {
		return credential.Request{Host: credential.GistHost, Path: path}
	}
	elsewhere := func(path string) credential.Request {
		return credential.Request{Host: "git.example.com:8443", Path: path, Username: "Alice"}
	}
	on := func(host, user, path string) credential.Request {
		return credential.Request{Host: host, Path: path, Username: user}
	}
	for _, test := range []struct {
		name    string
		request credential.Request
		secret  credential.Secret
		tokens  string // what becomes of it with SaveTokens: the record, or why not
		any     string // and with SaveAny
		unasked bool   // SaveAny keeps it also where Git did not ask
	}{
		{"fine-grained", at("acme/widgets.git"), storetest.NewToken(credential.FineGrained), "github.com/acme/widgets fine-grained", "github.com/acme/widgets fine-grained", false},
		{"fine-grained, for an owner", at("acme"), storetest.NewToken(credential.FineGrained), needs, needs, false},
		{"fine-grained, of a login", by("Alice-A", "Acme/widgets"), storetest.NewToken(credential.FineGrained), "github.com/acme/widgets alice-a", "github.com/acme/widgets alice-a", false},
		{"fine-grained, of any login", by("x-access-token", "acme/widgets"), storetest.NewToken(credential.FineGrained), "github.com/acme/widgets fine-grained", "github.com/acme/widgets fine-grained", false},
		{"fine-grained, for LFS", at("acme/widgets.git/info/lfs"), storetest.NewToken(credential.FineGrained), "github.com/acme/widgets fine-grained", "github.com/acme/widgets fine-grained", false},
		{"fine-grained, without a path", at(""), storetest.NewToken(credential.FineGrained), needs, needs, false},
		{"fine-grained, with a slash for a path", at("/"), storetest.NewToken(credential.FineGrained), needs, needs, false},
		{"fine-grained, with a path that cannot be", at("acme/../x"), storetest.NewToken(credential.FineGrained), needs, needs, false},
		{"classic", at("acme/widgets"), storetest.NewToken(credential.Classic), "github.com/acme/widgets classic", "github.com/acme/widgets classic", false},
		{"classic, of a login", by("alice", "acme/widgets"), storetest.NewToken(credential.Classic), "github.com/acme/widgets alice", "github.com/acme/widgets alice", false},
		{"fine-grained, for a push", by("git-push", "acme/widgets"), storetest.NewToken(credential.FineGrained), "github.com/acme/widgets fine-grained-write", "github.com/acme/widgets fine-grained-write", false},
		{"a password for a push", by("git-push", "a/b/c"), storetest.NewSecret(20), nothing, "github.com/a/b other-write", false},
		{"classic, without a path", at(""), storetest.NewToken(credential.Classic), needs, needs, false},
		{"classic, of the old form", at("acme/widgets"), hex40, "github.com/acme/widgets classic", "github.com/acme/widgets classic", false},
		{"the old form elsewhere", elsewhere("acme/widgets"), hex40, nothing, "git.example.com:8443/acme/widgets alice", true},
		{"fine-grained elsewhere", elsewhere("acme/widgets"), storetest.NewToken(credential.FineGrained), "git.example.com:8443/acme/widgets alice", "git.example.com:8443/acme/widgets alice", false},
		{"classic for a gist", gist("0123abcd.git"), storetest.NewToken(credential.Classic), "gist.github.com/0123abcd.git classic", "gist.github.com/0123abcd.git classic", false},
		{"OAuth", at("acme/widgets"), storetest.NewToken(credential.OAuth), nothing, "github.com/acme/widgets oauth", false},
		{"of an app for a user", at("acme/widgets"), storetest.NewToken(credential.AppUser), nothing, "github.com/acme/widgets app-user", false},
		{"of an installed app", at("acme/widgets.git"), storetest.NewToken(credential.AppInstallation), nothing, "github.com/acme/widgets app-installation", false},
		{"a password at GitHub", by("alice", "acme/widgets.git"), storetest.NewSecret(20), nothing, "github.com/acme/widgets alice", false},
		{"a password at GitHub without a path", by("alice", ""), storetest.NewSecret(20), nothing, "github.com alice", false},
		{"a password", elsewhere("/group/sub/project.git/"), storetest.NewSecret(20), nothing, "git.example.com:8443/group/sub/project alice", true},
		{"a password with a path that cannot be", elsewhere("group/../x"), storetest.NewSecret(20), nothing, nothing, false},
		{"GitLab", on("gitlab.com", "oauth2", "acme/sub/app.git"), storetest.NewToken(forge.GitLabToken), "gitlab.com/acme/sub/app gitlab", "gitlab.com/acme/sub/app gitlab", false},
		{"GitLab, only a group", on("gitlab.com", "", "acme"), storetest.NewToken(forge.GitLabToken), needs, needs, false},
		{"GitLab, an instance", on("git.example.com", "alice", "acme/app.git"), storetest.NewToken(forge.GitLabToken), "git.example.com/acme/app alice", "git.example.com/acme/app alice", false},
		{"Azure DevOps", on("acme.visualstudio.com", "", "DefaultCollection/_git/App"), storetest.NewToken(forge.AzureToken), "dev.azure.com/acme/app/_git/app azure", "dev.azure.com/acme/app/_git/app azure", false},
		{"Azure DevOps, the organization as the user", on("dev.azure.com", "acme", "acme/p/_git/app"), storetest.NewToken(forge.AzureToken), "dev.azure.com/acme/p/_git/app azure", "dev.azure.com/acme/p/_git/app azure", false},
		{"Azure DevOps, without a path", on("dev.azure.com", "acme", ""), storetest.NewToken(forge.AzureToken), needs, needs, false},
		{"Bitbucket", on("bitbucket.org", "alice", "acme/app.git"), storetest.NewToken(forge.BitbucketAPI), "bitbucket.org/acme/app bitbucket-api", "bitbucket.org/acme/app bitbucket-api", false},
		{"a password without a path", elsewhere(""), storetest.NewSecret(20), nothing, "git.example.com:8443 alice", true},
	} {
		for save, want := range map[Save]string{SaveTokens: test.tokens, SaveAny: test.any, SaveNever: nothing} {
			for _, how := range []string{"by state", "by a mark", "not asked", "known by its key"} {
				want := want
				switch {
				case how == "known by its key", how == "not asked" && !(test.unasked && save == SaveAny), save == SaveNever:
					want = nothing
				}
				t.Run(strings.Join([]string{test.name, string(save), how}, "/"), func(t *testing.T) {
					t.Parallel()
					b := newBench(t, save)
					report := typed(test.request, test.secret)
					switch how {
					case "by state":
						report.Asked = true
					case "by a mark":
						if err := b.Tree.NoteAsked(test.request, storetest.Noon()); err != nil {
							t.Fatal(err)
						}
					case "known by its key":
						report.Asked, report.Key = true, "github.com/acme/@/laptop"
					}
					checkKept(t, b, report, want, want == needs)
				})
			}
		}
	}
}

// checkKept approves a report and checks which record is stored.
func checkKept(t *testing.T, b *bench, report Report, want string, needsPath bool) {
	secret := *report.Login.Password
	a := b.approve(report)
	if a.known || a.Occupied != nil || a.Repeated || a.NeedsPath != needsPath || (a.Kept == nil) != (want == "nothing" || needsPath) {
		t.Fatalf("got %+v, want %s", a, want)
	}
	if a.Kept == nil {
		b.has("not kept")
		if b.defaults != 0 {
			t.Error("the default store was asked for")
		}
		return
	}
	b.has("kept", want)
	if a.Kept.Store != "file" || !a.Kept.Added.Equal(storetest.Noon()) || !a.Kept.Expires.IsZero() || a.Kept.Form != "" || b.defaults != 1 {
		t.Errorf("got %#v, asked for the default store %d times", *a.Kept, b.defaults)
	}
	storetest.SameRecord(t, "kept", find(t, b.Tree, record.Key(*a.Kept)).Record, *a.Kept)
	b.holds(*a.Kept, secret)
	d, login, err := b.Fill(t.Context(), report.Request)
	if err != nil || login == nil {
		t.Fatalf("got the outcome %v and error %v, want an answer", d.Outcome, err)
	}
	storetest.Same(t, "fill", *login.Password, secret)
	if again := b.approve(report); !again.known {
		t.Errorf("again: got %+v", again)
	}
	if got := b.reject(report); len(got.SetAside) != 1 {
		t.Errorf("rejected: got %d set aside", len(got.SetAside))
	}
}

// An answer from elsewhere is noted, to print no hint in each fetch. This is not
// done for a credential in a URL, or for other hosts.
func TestApproveNotesOthers(t *testing.T) {
	t.Parallel()
	elsewhere := credential.Request{Host: "git.example.com", Path: "a/b"}
	for _, test := range []struct {
		name   string
		report Report
		want   bool
	}{
		{"asked", asked(at("acme/widgets"), storetest.NewSecret(20)), true},
		{"an OAuth token", asked(at("acme/widgets"), storetest.NewToken(credential.OAuth)), true},
		{"in a URL", typed(at("acme/widgets"), storetest.NewSecret(20)), false},
		{"a token in a URL", typed(at("acme/widgets"), storetest.NewToken(credential.FineGrained)), false},
		{"at another host", asked(elsewhere, storetest.NewSecret(20)), false},
		{"from us, before it was removed", reportWith(asked(at("acme/widgets"), storetest.NewToken(credential.FineGrained)), func(r *Report) { r.Key = "github.com/acme/@/x" }), false},
	} {
		b := newBench(t, SaveTokens)
		for i, seen := range []bool{false, test.want} {
			if a := b.approve(test.report); a.Kept != nil || a.Repeated != seen {
				t.Errorf("%s, %d: got %+v, want seen %v", test.name, i, a, seen)
			}
		}
		if got := b.AnsweredByOthers(test.report.Request); got != test.want {
			t.Errorf("%s: answered by others: got %v, want %v", test.name, got, test.want)
		}
	}
}

// A token that was typed for a push is stored although there is one for reading.
func TestApprovePush(t *testing.T) {
	t.Parallel()
	b := newBench(t, SaveTokens)
	reader, writer := storetest.NewToken(credential.FineGrained), storetest.NewToken(credential.FineGrained)
	b.add(storetest.With(classic("r", "acme"), func(r *credential.Record) { r.Kind, r.Access = credential.FineGrained, credential.ReadAccess }), reader)
	a := b.approve(asked(by("git-push", "acme/x"), writer))
	if a.Kept == nil || a.Kept.Access != credential.WriteAccess || a.Kept.Username != "" {
		t.Fatalf("got %+v", a)
	}
	b.holds(*a.Kept, writer)
	b.answers("acme/y", reader)
	_, login, err := b.Fill(t.Context(), by("git-push", "acme/x"))
	if err != nil || login == nil {
		t.Fatalf("a push: got %v and %v", login, err)
	}
	storetest.Same(t, "a push", *login.Password, writer)
}

// A credential that must not be stored causes no calls to a store.
func TestApproveLeaves(t *testing.T) {
	t.Parallel()
	token := storetest.NewToken(credential.FineGrained)
	empty := credential.NewSecret("")
	for name, change := range map[string]func(r *Report){
		"ephemeral":                 func(r *Report) { r.Ephemeral = true },
		"expired":                   func(r *Report) { r.Expires = storetest.Noon().Add(-time.Second) },
		"expiring now":              func(r *Report) { r.Expires = storetest.Noon() },
		"without a secret":          func(r *Report) { r.Login.Password = nil },
		"with a refresh token only": func(r *Report) { r.Login.Password, r.Login.RefreshToken = nil, &token },
	} {
		for _, save := range []Save{SaveTokens, SaveAny} {
			b := newBench(t, save)
			report := asked(at("acme/widgets"), token)
			change(&report)
			if a := b.approve(report); a != (Approval{}) {
				t.Errorf("%s: got %+v", name, a)
			}
			if got := storetest.Files(t, b.Tree.Dir()); len(got) != 0 {
				t.Errorf("%s: got %q", name, got)
			}
		}
	}
	b := newBench(t, SaveTokens)
	if a := b.approve(asked(at("acme/widgets"), empty)); a.Kept != nil || a.known {
		t.Errorf("empty: got %+v", a)
	}
	b.has("empty")
	// The caller checks for http: a Request is always https.
}

// With SaveAny all attributes of a credential are stored.
func TestApproveAttributes(t *testing.T) {
	t.Parallel()
	secret := func() *credential.Secret {
		s := storetest.NewSecret(30)
		return &s
	}
	empty := credential.NewSecret("")
	for _, login := range []Login{
		{Username: "alice", Named: true, Password: secret()},
		{Password: secret()},
		{Named: true, Password: secret()},
		{Username: "alice", Named: true, Password: &empty},
		{Username: "alice", Named: true, Password: secret(), RefreshToken: secret()},
		{AuthType: "Bearer", Credential: secret()},
		{Username: "alice", Named: true, AuthType: "Bearer", Credential: secret(), RefreshToken: secret(), Password: secret()},
	} {
		b := newBench(t, SaveAny)
		request := credential.Request{Host: "git.example.com", Path: "a/b.git", Username: login.Username}
		report := Report{Request: request, Login: login, Expires: storetest.Noon().Add(time.Hour)}
		a := b.approve(report)
		if a.Kept == nil || !a.Kept.Expires.Equal(report.Expires) || a.Kept.Kind != credential.Other {
			t.Fatalf("got %+v", a)
		}
		d, got, err := b.Fill(t.Context(), request)
		if err != nil || got == nil {
			t.Fatalf("got the outcome %v and error %v, want an answer", d.Outcome, err)
		}
		sameLogin(t, *got, login)
		// The same credential again changes nothing.
		b.approve(report)
		before := b.snapshot()
		if a := b.approve(report); !a.known {
			t.Errorf("again: got %+v", a)
		}
		b.unchanged("again", before)
		// A new refresh token or expiry replaces the old one.
		report.Login.RefreshToken, report.Expires = secret(), storetest.Noon().Add(2*time.Hour)
		if a := b.approve(report); a.Kept == nil || !a.Kept.Expires.Equal(report.Expires) {
			t.Errorf("renewed: got %+v", a)
		}
		if got := b.records(); len(got) != 1 {
			t.Errorf("renewed: got %q", got)
		}
		_, got, err = b.Fill(t.Context(), request)
		if err != nil || got == nil {
			t.Fatal(err)
		}
		sameLogin(t, *got, report.Login)
	}
}
