package forge

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func all() []Forge { return []Forge{Other, GitHub, GitLab, Azure, Bitbucket, Gitea} }

func TestOf(t *testing.T) {
	for _, test := range []struct {
		host string
		want Forge
	}{
		{"github.com", GitHub},
		{"gist.github.com", GitHub},
		{"acme.ghe.com", GitHub}, // data residency
		{"gitlab.com", GitLab},
		{"dev.azure.com", Azure},
		{"acme.visualstudio.com", Azure},
		{"a-1.visualstudio.com", Azure},
		{"bitbucket.org", Bitbucket},
		{"codeberg.org", Gitea},

		{"", Other},
		{"github.com:8443", Other},           // another port is another server
		{"github.com.", Other},               // a dot at the end
		{"githubxcom", Other},                // any character for the dot
		{"github.com.evil.example", Other},   // a longer name
		{"ghe.com", Other},                   // only the domain
		{"acmeghe.com", Other},               // another domain
		{"www.gitlab.com", Other},            // a subdomain
		{"visualstudio.com", Other},          // only the domain
		{".visualstudio.com", Other},         // an empty label
		{"a.b.visualstudio.com", Other},      // two labels
		{"vs-ssh.visualstudio.com", Other},   // for SSH
		{"a_b.visualstudio.com", Other},      // no organization has this name
		{"acme.visualstudio.com:443", Other}, // not as ParseHost returns it
		{"ssh.dev.azure.com", Other},         // for SSH
		{"gitlab.example.com", Other},        // a name proves nothing
	} {
		if got := Of(test.host); got != test.want {
			t.Errorf("%q: got %q, want %q", test.host, got, test.want)
		}
	}
}

func TestNamed(t *testing.T) {
	for name, want := range map[string]Forge{
		"github": GitHub, "GitLab": GitLab, "azure": Azure, "bitbucket": Bitbucket, "gitea": Gitea, "Forgejo": Gitea,
	} {
		if got, ok := Named(name); !ok || got != want || got.Title() == "" {
			t.Errorf("%q: got %q and %v, want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "other", "github.com", "git lab", "\u212aithub"} {
		if got, ok := Named(name); ok || got != Other {
			t.Errorf("%q: got %q and %v, want none", name, got, ok)
		}
	}
}

func TestLocate(t *testing.T) {
	for _, test := range []struct{ host, path, user, wantHost, wantPath string }{
		{"github.com", "acme/app", "alice", "github.com", "acme/app"},                              // unchanged
		{"github.com", "", "alice", "github.com", ""},                                              // a login is no owner
		{"gitlab.com", "//a//b/", "", "gitlab.com", "//a//b/"},                                     // nothing is repaired
		{"dev.azure.com", "acme/p/_git/r", "evil", "dev.azure.com", "acme/p/_git/r"},               // the path counts
		{"dev.azure.com", "", "Acme", "dev.azure.com", "acme"},                                     // the organization
		{"dev.azure.com", "/", "acme", "dev.azure.com", "acme"},                                    // the same
		{"dev.azure.com", "", "x-access-token", "dev.azure.com", ""},                               // stands for a token
		{"dev.azure.com", "", "alice@acme.example", "dev.azure.com", ""},                           // no organization
		{"dev.azure.com", "", "a/../b", "dev.azure.com", ""},                                       // no segment
		{"dev.azure.com", "", strings.Repeat("a", 52), "dev.azure.com", ""},                        // a token as the user
		{"dev.azure.com:8443", "", "acme", "dev.azure.com:8443", ""},                               // another server
		{"dev.azure.com", "Acme/_git/_optimized/R/info/lfs", "", "dev.azure.com", "acme/r/_git/r"}, // one path of many
		{"acme.visualstudio.com", "p/_git/r", "", "dev.azure.com", "acme/p/_git/r"},                // older host
		{"acme.visualstudio.com", "/p/_git/r", "", "dev.azure.com", "acme/p/_git/r"},               // a slash in front
		{"acme.visualstudio.com", "", "evil", "dev.azure.com", "acme"},                             // the host counts
		{"acme.visualstudio.com", "../evil/_git/r", "", "dev.azure.com", "acme/../evil/_git/r"},    // Repository rejects it
		{"vs-ssh.visualstudio.com", "p", "acme", "vs-ssh.visualstudio.com", "p"},                   // not for https
	} {
		host, path := Locate(test.host, test.path, test.user)
		if host != test.wantHost || path != test.wantPath {
			t.Errorf("%s/%s of %q: got %s/%s, want %s/%s", test.host, test.path, test.user, host, path, test.wantHost, test.wantPath)
		}
	}
}

func TestHostsOfPlace(t *testing.T) {
	for _, test := range []struct{ host, path, want string }{
		{"dev.azure.com", "acme", "dev.azure.com acme.visualstudio.com"},
		{"dev.azure.com", "acme/p/_git/r", "dev.azure.com acme.visualstudio.com"},
		{"dev.azure.com", "", "dev.azure.com"},
		{"dev.azure.com", "a b", "dev.azure.com"},
		{"dev.azure.com", "vs-ssh", "dev.azure.com"}, // not the host of an organization
		{"github.com", "acme", "github.com"},
		{"tfs.example.com", "acme", "tfs.example.com"},
	} {
		got := Hosts(test.host, test.path)
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s/%s: got %q, want %q", test.host, test.path, got, test.want)
		}
		for _, host := range got[1:] {
			if at, path := Locate(host, "", ""); !IsOlderAzure(host) || at != test.host || !Covers(path, test.path) {
				t.Errorf("%s/%s: %s is at %s/%s", test.host, test.path, host, at, path)
			}
		}
	}
	if IsOlderAzure(AzureHost) || IsOlderAzure(OlderAzureHosts) || IsOlderAzure("a.b.visualstudio.com") {
		t.Error("a host that is no older one of an organization")
	}
}

func TestAliasOf(t *testing.T) {
	for host, want := range map[string]string{"gist.github.com": "github.com", "github.com": "", "gist.acme.ghe.com": "", "gist.github.com.": ""} {
		if got, ok := AliasOf(host); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, want %q", host, got, want)
		}
	}
}

func TestTarget(t *testing.T) {
	for _, test := range []struct {
		f              Forge
		host, in, want string
	}{
		{GitHub, "github.com", "Acme/App.git", "acme/app"},
		{GitLab, "gitlab.com", "groups/acme/sub/-/settings", "acme/sub"}, // the pages of a group
		{GitLab, "gitlab.com", "acme/groups/app", "acme/groups/app"},
		{Azure, "dev.azure.com", "acme/Proj/App", "acme/proj/_git/app"},
		{Bitbucket, "bitbucket.org", "acme/app", "acme/app"},
		{Bitbucket, "bb.example.com", "PROJ", "scm/proj"},
		{Bitbucket, "bb.example.com", "PROJ/app.git", "scm/proj/app"},
		{Bitbucket, "bb.example.com", "~alice/app", "scm/~alice/app"},
		{Bitbucket, "bb.example.com", "scm/PROJ/app", "scm/proj/app"},
		{Bitbucket, "bb.example.com", "scm", "scm"},
		{Bitbucket, "bb.example.com", "", ""}, // the whole host
		{Gitea, "git.example.com", "acme/app/src/branch/x", "acme/app"},
		{Other, "git.example.com", "acme", "acme"},
	} {
		if got, err := test.f.Target(test.host, test.in); err != nil || got != test.want {
			t.Errorf("%s, %q: got %q and %v, want %q", test.f, test.in, got, err, test.want)
		}
	}
	if got, err := Other.Target("git.example.com", "acme?x"); got != "" || !errors.Is(err, ErrPath) {
		t.Errorf("a query: got %q and %v, want ErrPath", got, err)
	}
	if _, err := Bitbucket.Target("bb.example.com", ".."); !errors.Is(err, ErrPath) || err.Error() != "not the path of an owner or repository on Bitbucket" {
		t.Errorf("got %v, want ErrPath", err)
	}
}

func TestCovers(t *testing.T) {
	for _, test := range []struct {
		path, asked string
		want        bool
	}{
		{"", "acme/app", false}, // a mistake must not cover the whole host
		{"acme", "acme", true},
		{"acme", "acme/app", true},
		{"acme/sub", "acme/sub/a/b", true},
		{"acme", "acme-evil/app", false}, // no whole segment
		{"acme/app", "acme/app2", false},
		{"acme/app", "acme", false}, // longer
		{"acme", "", false},
		{"app", "acme/app", false}, // not at the start
	} {
		if got := Covers(test.path, test.asked); got != test.want {
			t.Errorf("%q for %q: got %v, want %v", test.path, test.asked, got, test.want)
		}
	}
}

// The property of every match: whole segments, none of which is empty or dots, and
// no separator in another spelling.
func FuzzRepository(f *testing.F) {
	for _, cases := range urlCases() {
		for _, test := range cases {
			u, err := url.Parse(test.url)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(Fold(u.Host), strings.TrimPrefix(u.Path, "/"), u.User.Username(), "acme")
		}
	}
	f.Fuzz(func(t *testing.T, host, path, user, token string) {
		host, path = Locate(host, path, user)
		for _, forge := range all() {
			got, err := forge.Repository(host, path)
			if err != nil {
				if got != "" || !errors.Is(err, ErrPath) {
					t.Fatalf("%s, %q: got %q beside %v", forge, path, got, err)
				}
				continue
			}
			if trimmed := strings.Trim(path, "/"); (got == "") != (trimmed == "") {
				t.Fatalf("%s, %q: got %q", forge, path, got)
			}
			if got == "" {
				continue
			}
			segments := strings.Split(got, "/")
			for _, s := range segments {
				if s == "" || s == "." || s == ".." || strings.ContainsAny(s, "\\\x00\n\r\x1b\x7f") ||
					strings.Contains(s, "%2f") || strings.Contains(s, "%2e") || strings.Contains(s, "%5c") {
					t.Fatalf("%s, %q: %q has the segment %q", forge, path, got, s)
				}
			}
			if got != Fold(got) {
				t.Fatalf("%s, %q: %q has upper case", forge, path, got)
			}
			if owner := forge.Owner(host, got); !Covers(owner, got) || owner == "" {
				t.Fatalf("%s, %q: the owner of %q is %q", forge, path, got, owner)
			}
			// All segments were in the path: none is repaired, decoded or joined.
			asked := strings.Split(Fold(strings.Trim(path, "/")), "/")
			for _, s := range segments {
				known := slices.ContainsFunc(asked, func(a string) bool {
					a, _, _ = strings.Cut(a, "?")
					return s == a || s == withoutEnding(a) || s == "~"+a
				})
				if !known && s != "_git" && s != "scm" {
					t.Fatalf("%s, %q: %q is not in it", forge, path, s)
				}
			}
			// A token for a path answers only for whole segments.
			if Covers(token, got) && token != "" && got != token && (len(got) <= len(token) || got[:len(token)+1] != token+"/") {
				t.Fatalf("%q covers %q", token, got)
			}
			if Covers(got, got+"-evil") || Covers(got, got+"x/app") || !Covers(got, got+"/app") {
				t.Fatalf("%q is no whole-segment prefix", got)
			}
			// A target is the same after it is read again. Two endings are an exception:
			// each is removed once.
			bare, _, _ := strings.Cut(path, "?")
			target, err := forge.Target(host, bare)
			if last := segments[len(segments)-1]; err != nil || withoutEnding(last) != last || slices.ContainsFunc(segments, func(s string) bool { return strings.HasSuffix(s, ".git") }) {
				continue
			}
			if again, err := forge.Target(host, target); err != nil || again != target {
				t.Fatalf("%s, %q: %q became %q and %v", forge, path, target, again, err)
			}
		}
	})
}
