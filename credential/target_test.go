package credential

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

func TestGitHubPath(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{"/", ""},
		{"acme", "acme"},
		{"/Acme/", "acme"},
		{"acme.git", "acme.git"}, // no suffix is removed from an owner
		{"acme/widgets", "acme/widgets"},
		{"/acme/widgets/", "acme/widgets"},
		{"ACME/Widgets.GIT", "acme/widgets"},
		{"acme/widgets.wiki", "acme/widgets"},
		{"acme/widgets.wiki.git", "acme/widgets"},
		{"acme/widgets.git.wiki", "acme/widgets.git"}, // first .git, then .wiki, each once
		{"acme/widgets.git.git", "acme/widgets.git"},
		{"acme/widgets.wiki.wiki.git", "acme/widgets.wiki"},
		{"acme/widgets.git/info/lfs", "acme/widgets"},
		{"acme/widgets.git/info/lfs/objects/batch", "acme/widgets"},
		{"acme/widgets/tree/main", "acme/widgets"},
		{"acme/.github", "acme/.github"},
		{"acme/...", "acme/..."},
		{"acme/widgets.", "acme/widgets."},
		{"acme/git", "acme/git"},
		{"acme/wiki.git", "acme/wiki"},
		{"acme_corp/A-b_c.d", "acme_corp/a-b_c.d"},
	} {
		if got, err := forge.GitHub.Repository(GitHubHost, test.in); err != nil || got != test.want {
			t.Errorf("%q: got %q and %v, want %q", test.in, got, err, test.want)
		}
	}
	for _, bad := range []string{
		".", "..", "../acme/widgets", "acme/..", "acme/../evil/x", "acme/./widgets", "acme/widgets/..",
		"acme/widgets/../../evil/x", "acme//widgets", "acme/widgets//x", "acme/.git", "acme/.wiki", "acme/.wiki.git",
		"acme/..git", "acme/...git", "acme/%2e%2e", "acme/wid%67ets", "acme/widgets%00", "acme/wid gets",
		"acme/widgets#x", "acme/wid\nets", "acme/widgets\x00", "acme/widgets\x7f", `acme\widgets`, "acme/wid\\gets",
		"acme/w\u0131dgets", "\u212aelvin/x", "acme/widgets/\u00fc", "acme/\xff", "acme:widgets", "@acme", "~acme/x", "acme/{a,b}",
	} {
		// Without ".git", "..git" is one dot and "...git" is two.
		if got, err := forge.GitHub.Repository(GitHubHost, bad); !errors.Is(err, ErrPath) || got != "" {
			t.Errorf("%q: got %q and %v, want ErrPath", bad, got, err)
		}
	}
}

func TestParseTarget(t *testing.T) {
	for _, test := range []struct{ name, in, host, path string }{
		{"page: a folder", "https://github.com/acme/widgets/tree/main/src", "github.com", "acme/widgets"},
		{"page: a file with an odd name", "https://github.com/acme/widgets/blob/main/%C3%BCber%20uns@v1.md#L7", "github.com", "acme/widgets"},
		{"page: a pull request", "https://github.com/acme/widgets/pull/7/files?w=1", "github.com", "acme/widgets"},
		{"page: a comparison", "github.com/acme/widgets/compare/main...a:b", "github.com", "acme/widgets"},
		{"page: a tab", "https://github.com/acme?tab=repositories", "github.com", "acme"},
		{"page: a tab, without a scheme", "github.com/acme/widgets?tab=readme-ov-file#usage", "github.com", "acme/widgets"},
		{"page: an organization", "https://github.com/orgs/acme/repositories", "github.com", "acme"},
		{"page: without the host", "acme/widgets/tree/main", "github.com", "acme/widgets"},
		{"page: of a tenant", "https://octocorp.ghe.com/acme/widgets/actions/runs/7", "octocorp.ghe.com", "acme/widgets"},
		{"page: of GitLab", "https://gitlab.example.com/group/app/-/merge_requests/7", "gitlab.example.com", "group/app"},
		{"page: of an older GitLab", "gitlab.example.com/group/app/tree/main", "gitlab.example.com", "group/app"},
		{"not a page", "https://git.example.com/tree/blob", "git.example.com", "tree/blob"},
		{"a gist", "https://gist.github.com/alice/0123abcd", "gist.github.com", "alice/0123abcd"},
		{"host", "github.com", "github.com", ""},
		{"host, upper case", "GitHub.COM", "github.com", ""},
		{"host, slash at the end", "github.com/", "github.com", ""},
		{"host, port of https", "github.com:443", "github.com", ""},
		{"host, another port", "git.example.com:8443", "git.example.com:8443", ""},
		{"IPv6", "[::1]", "[::1]", ""},
		{"IPv6 with a port", "[::1]:8443/acme/widgets", "[::1]:8443", "acme/widgets"},
		{"host with a dot at the end", "github.com.", "github.com.", ""},
		{"a name with a port", "localhost:8443/acme", "localhost:8443", "acme"},
		{"host and owner", "github.com/acme", "github.com", "acme"},
		{"host, port of https, owner", "github.com:443/acme", "github.com", "acme"},
		{"host and owner, slash at the end", "github.com/acme/", "github.com", "acme"},
		{"host and repository", "github.com/acme/widgets", "github.com", "acme/widgets"},
		{"host and repository.git", "github.com/Acme/Widgets.git", "github.com", "acme/widgets"},
		{"host with a port, and repository", "git.example.com:8443/acme/widgets", "git.example.com:8443", "acme/widgets"},
		{"owner", "acme", "github.com", "acme"},
		{"owner, upper case", "Acme", "github.com", "acme"},
		{"owner, slash at the end", "acme/", "github.com", "acme"},
		{"owner, spaces around", "  acme\n", "github.com", "acme"},
		{"repository", "acme/widgets", "github.com", "acme/widgets"},
		{"repository.git", "acme/widgets.git", "github.com", "acme/widgets"},
		{"a dot in the repository", "acme/widgets.js", "github.com", "acme/widgets.js"},
		{"a name without a dot is an owner", "localhost/acme", "github.com", "localhost/acme"},
		{"but not in a URL", "https://localhost/acme", "localhost", "acme"},
		{"URL of a host", "https://github.com", "github.com", ""},
		{"URL of a host, slash at the end", "https://github.com/", "github.com", ""},
		{"URL of an owner", "https://github.com/acme", "github.com", "acme"},
		{"URL of a repository", "https://github.com/acme/widgets.git", "github.com", "acme/widgets"},
		{"URL with user and password", "https://octocat:hunter2@github.com/acme", "github.com", "acme"},
		{"URL with a port", "https://git.example.com:8443/acme", "git.example.com:8443", "acme"},
		{"browser", "https://github.com/acme/widgets/tree/main", "github.com", "acme/widgets"},
		{"browser, query", "https://github.com/acme?tab=repositories", "github.com", "acme"},
		{"browser, query after a slash", "https://github.com/acme/widgets/?tab=readme", "github.com", "acme/widgets"},
		{"browser, fragment", "https://github.com/acme/widgets#readme", "github.com", "acme/widgets"},
		{"browser, both", "https://github.com/acme/widgets/issues?q=is%3Aopen+label%3Abug#x", "github.com", "acme/widgets"},
		{"scp", "git@github.com:acme/widgets.git", "github.com", "acme/widgets"},
		{"scp of an owner", "git@github.com:acme", "github.com", "acme"},
		{"scp without user", "github.com:acme/widgets", "github.com", "acme/widgets"},
		{"ssh", "ssh://git@github.com:22/acme/widgets.git", "github.com", "acme/widgets"},
		{"ssh over the port of https", "ssh://git@ssh.github.com:443/acme/widgets.git", "github.com", "acme/widgets"},
		{"wiki", "https://github.com/acme/widgets.wiki.git", "github.com", "acme/widgets"},
		{"gist", "https://gist.github.com/octocat/0123abcd", GistHost, "octocat/0123abcd"},
	} {
		t.Run(test.name, func(t *testing.T) {
			parsed, err := ParseTarget(test.in)
			if err != nil {
				t.Fatal(err)
			}
			want := Target{Host: test.host}
			if test.path != "" {
				want.Paths = []string{test.path}
			}
			for _, kind := range []Kind{FineGrained, Classic, OAuth, AppUser, AppInstallation} {
				if got, err := parsed.For(kind); err != nil || !got.Equal(want) {
					t.Errorf("%s: got %q and %v, want %q", kind, got, err, want)
				}
			}
			back, err := ParseTarget(want.String())
			if err != nil || !back.Equal(want) {
				t.Errorf("%q came back as %q and %v", want, back, err)
			}
		})
	}
}

func TestParseTargetRefuses(t *testing.T) {
	for _, test := range []struct{ name, in string }{
		{"nothing", ""},
		{"spaces", " \t\n"},
		{"slash", "/"},
		{"a local path", "/srv/git/widgets.git"},
		{"the folder here", "."},
		{"the folder above", ".."},
		{"a folder beside", "../widgets"},
		{"Windows", `C:\src\widgets`},
		{"Windows, slashes", "C:/src/widgets"},
		{"backslash", `acme\widgets`},
		{"space inside", "acme widgets"},
		{"space inside a repository", "acme/wid gets"},
		{"space after the host", "github.com /acme"},
		{"space in the host", "git.exam ple.com/acme"},
		{"escaped newline after a host", "dev.azure.com/acme/a%0ab\n/c"},
		{"tab after a host", "git.example.com/acme/a\tb"},
		{"tab inside", "acme/\twidgets"},
		{"newline inside", "acme\nwidgets"},
		{"control byte", "acme/wid\x1b[2Jgets"},
		{"an empty segment", "acme//widgets"},
		{"dots", "acme/.."},
		{"dots further on", "acme/widgets/../x"},
		{"percent", "acme/wid%67ets"},
		{"query without a scheme", "acme?tab=repositories"},
		{"wildcard", "acme/*"},
		{"wildcard host", "*.github.com"},
		{"user", "@acme"},
		{"foreign letters", "acm\u00e9"},
		{"foreign host", "g\u0131thub.com"},
		{"invalid UTF-8", "acme\xff"},
		{"remote helper", "ext::sh -c %S"},
		{"remote helper with an address", "hg::acme/widgets"},
		{"IPv6 without brackets", "fe80::1"},
		{"empty port", "github.com:"},
		{"port 0", "github.com:0"},
		{"port too high", "github.com:99999"},
		{"port too high, and a path", "git.example.com:99999/acme"},
		{"file", "file:///srv/git"},
		{"ftp", "ftp://github.com/acme"},
		{"no host", "https:///acme"},
		{"escaped @ in the host", "https://github.com%40evil.example/acme"},
		{"escaped newline", "https://github.com/ac%0ame"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseTarget(test.in)
			if err == nil {
				t.Fatalf("got %q, want an error", got)
			}
			if text := err.Error(); !printable(strings.ReplaceAll(text, " ", "")) {
				t.Errorf("no message for a terminal: %q", text)
			}
		})
	}
}

func TestTargetFor(t *testing.T) {
	for _, test := range []struct {
		name  string
		kind  Kind
		paths []string
		want  []string
		err   string // part of the error
	}{
		{"whole host", FineGrained, nil, nil, ""},
		{"whole host, an empty path", Classic, []string{"", "/"}, nil, ""},
		{"owner", FineGrained, []string{"Acme"}, []string{"acme"}, ""},
		{"repository", FineGrained, []string{"/Acme/Widgets.git"}, []string{"acme/widgets"}, ""},
		{"in order", FineGrained, []string{"acme/b", "acme/a"}, []string{"acme/a", "acme/b"}, ""},
		{"twice the same", FineGrained, []string{"acme/a", "Acme/A.git", "acme/a/tree/main"}, []string{"acme/a"}, ""},
		{"twice the owner", Classic, []string{"acme", "ACME/"}, []string{"acme"}, ""},
		{"two owners", FineGrained, []string{"acme/a", "octo/a"}, nil, `"acme/a" and "octo/a"`},
		{"owners with one beginning", FineGrained, []string{"acme/a", "acme-evil/a"}, nil, `"acme-evil/a" and "acme/a"`},
		{"owner and repository", FineGrained, []string{"acme/a", "acme"}, nil, `"acme" and "acme/a"`},
		{"owner and another's repository", FineGrained, []string{"acme", "octo/a"}, nil, `"acme" and "octo/a"`},
		{"dots", FineGrained, []string{"acme/.."}, nil, `"acme/..": `},
		{"escaped", OAuth, []string{"acme/%2e"}, nil, `"acme/%2e": `},
		{"an empty segment", AppUser, []string{"acme//a"}, nil, `"acme//a": `},
		{"a kind that is not known: as on the host", "", []string{"a b"}, nil, `"a b": `},
		{"a password on a host of GitHub", Other, []string{"/Acme/Widgets.git/"}, []string{"acme/widgets"}, ""},
		{"a query", Classic, []string{"acme?tab=x"}, nil, `"acme?tab=x": `},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := slices.Clone(test.paths)
			got, err := Target{Host: "github.com", Paths: in}.For(test.kind)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("got %q and the error %v, want %q", got, err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Paths, test.want) || got.Host != "github.com" {
				t.Errorf("got %q, want %q", got.Paths, test.want)
			}
			if !slices.Equal(in, test.paths) {
				t.Errorf("changed what it was given to %q", in)
			}
		})
	}
	for _, test := range []struct {
		name, host string
		kind       Kind
		paths      []string
		want       string
		err        string // part of the error
	}{
		{"other", "git.example.com", Other, []string{"/Group/Sub Group/x.git/"}, "git.example.com/group/sub group/x", ""},
		{"other: dots", "git.example.com", Other, []string{"a/../b"}, "", `"a/../b": not the path of an owner or repository`},
		{"other: one segment", "git.example.com", Other, []string{"Group"}, "git.example.com/group", ""},
		{"other: two groups", "git.example.com", Other, []string{"a/x", "b/x"}, "", `"a/x" and "b/x"`},
		{"other: control bytes in the message", "git.example.com", Other, []string{"a\x1b/x"}, "", `"a\x1b/x"`},
		{"other: case", "git.example.com", Other, []string{"g/A", "g/a"}, "git.example.com/g/a", ""},
		{"GitLab: projects of two subgroups", "gitlab.com", forge.GitLabToken, []string{"acme/b/x", "Acme/a/x.git"}, "gitlab.com/acme/{a/x,b/x}", ""},
		{"GitLab: from a browser", "git.example.com", forge.GitLabToken, []string{"acme/sub/x/-/issues"}, "git.example.com/acme/sub/x", ""},
		{"GitLab: pages of a group", "gitlab.com", forge.GitLabToken, []string{"groups/acme/-/members"}, "gitlab.com/acme", ""},
		{"Azure DevOps", "dev.azure.com", forge.AzureToken, []string{"Acme/Proj/_git/App"}, "dev.azure.com/acme/proj/_git/app", ""},
		{"Azure DevOps, as typed", "dev.azure.com", forge.AzureToken, []string{"acme/proj/app", "acme/app"}, "dev.azure.com/acme/{app,proj/_git/app}", ""},
		{"Azure DevOps, older host", "acme.visualstudio.com", forge.AzureToken, nil, "dev.azure.com/acme", ""},
		{"Azure DevOps, older host with a path", "acme.visualstudio.com", Other, []string{"DefaultCollection/Proj"}, "dev.azure.com/acme/proj", ""},
		{"Azure DevOps, two organizations", "dev.azure.com", forge.AzureToken, []string{"a/p", "b/p"}, "", `"a/p" and "b/p"`},
		{"Bitbucket Data Center", "bb.example.com", forge.BitbucketHTTP, []string{"PROJ/app"}, "bb.example.com/scm/proj/app", ""},
	} {
		got, err := Target{Host: test.host, Paths: test.paths}.For(test.kind)
		if test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) || test.err == "" && (err != nil || got.String() != test.want) {
			t.Errorf("%s: got %q and %v, want %q %q", test.name, got, err, test.want, test.err)
		}
		if again, err2 := got.For(test.kind); err == nil && (err2 != nil || !again.Equal(got)) {
			t.Errorf("%s: %q became %q and %v", test.name, got, again, err2)
		}
		if back, err2 := ParseTarget(got.String()); err == nil && (err2 != nil || !back.Equal(got)) {
			t.Errorf("%s: %q was read as %q and %v", test.name, got, back, err2)
		}
	}
	if _, err := (Target{Host: "h.example", Paths: []string{".."}}).For(Classic); !errors.Is(err, ErrPath) {
		t.Errorf("got %v, want ErrPath", err)
	}
}

func TestTarget(t *testing.T) {
	for _, test := range []struct {
		target        Target
		owner, string string
	}{
		{Target{Host: "github.com"}, "", "github.com"},
		{Target{"github.com", []string{"acme"}}, "acme", "github.com/acme"},
		{Target{"github.com", []string{"acme/widgets"}}, "acme", "github.com/acme/widgets"},
		{Target{"github.com", []string{"acme/a", "acme/b"}}, "acme", "github.com/acme/{a,b}"},
		{Target{"[::1]:8443", []string{"acme"}}, "acme", "[::1]:8443/acme"},
		{Target{"localhost", nil}, "", "https://localhost"}, // otherwise it would be read as an owner
		{Target{"localhost", []string{"acme"}}, "acme", "https://localhost/acme"},
	} {
		if got := test.target.Owner(); got != test.owner {
			t.Errorf("%q: got %q, want %q", test.target, got, test.owner)
		}
		if got := test.target.String(); got != test.string {
			t.Errorf("got %q, want %q", got, test.string)
		}
		back, err := ParseTarget(test.string)
		if err != nil || !back.Equal(test.target) {
			t.Errorf("%q: read back as %q, %v", test.string, back, err)
		}
	}
	for _, test := range []struct {
		name string
		a, b Target
		want bool
	}{
		{"none and no paths", Target{Host: "h"}, Target{Host: "h", Paths: []string{}}, true},
		{"same", Target{"h", []string{"a/b"}}, Target{"h", []string{"a/b"}}, true},
		{"another host", Target{"h", []string{"a"}}, Target{"g", []string{"a"}}, false},
		{"more", Target{"h", []string{"a"}}, Target{"h", []string{"a", "a/b"}}, false},
		{"whole host and owner", Target{Host: "h"}, Target{"h", []string{"a"}}, false},
	} {
		if got := test.a.Equal(test.b); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, seed := range []string{
		"github.com", "acme/widgets.git", "github.com:443/acme", "https://localhost/acme/widgets/tree/main?a#b",
		"git@github.com:acme/x", "[::1]:8443/Acme", "h:1/a/b", "localhost:1", "a.b/c d", "a::b", "acme/{a,b}", "acme/{}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		target, err := ParseTarget(s)
		if err != nil {
			return
		}
		if host, err := ParseHost(target.Host); err != nil || host != target.Host {
			t.Fatalf("%q: %q became %q and %v", s, target.Host, host, err)
		}
		if slices.Contains(target.Paths, "") {
			t.Fatalf("%q: the paths are %q", s, target.Paths)
		}
		own, err := target.For(FineGrained)
		if err != nil {
			return
		}
		// A target on GitHub is the same after it is written and read. Names
		// that end in .git or .wiki are an exception, because reading removes
		// the suffix. GitHub has no such names.
		for _, path := range own.Paths {
			if strings.Contains(path, "/") && (strings.HasSuffix(path, ".git") || strings.HasSuffix(path, ".wiki")) {
				return
			}
		}
		back, err := ParseTarget(own.String())
		if err == nil {
			back, err = back.For(FineGrained)
		}
		if err != nil || !back.Equal(own) {
			t.Fatalf("%q: %q became %q and %v", s, own, back, err)
		}
	})
}

// A host of GitHub without repositories is an error that names the right target.
func TestParseTargetOfOtherService(t *testing.T) {
	for text, want := range map[string]string{
		"www.github.com/acme":                                           "github.com/acme",
		"https://www.GitHub.com/acme/widgets/tree/main/src":             "github.com/acme/widgets",
		"https://api.github.com/repos/acme/widgets/issues/7":            "github.com/acme/widgets",
		"api.github.com":                                                "github.com",
		"https://api.github.com/orgs/acme/repos":                        "github.com/acme",
		"https://raw.githubusercontent.com/acme/widgets/main/README.md": "github.com/acme/widgets",
		"https://codeload.github.com/acme/widgets/zip/refs/heads/main":  "github.com/acme/widgets",
		"https://api.octocorp.ghe.com/repos/acme/widgets":               "octocorp.ghe.com/acme/widgets",
	} {
		target, err := ParseTarget(text)
		if err == nil || !strings.HasSuffix(err.Error(), " has no repositories: write "+want) {
			t.Errorf("%q: got %v and %v, want an error that names %s", text, target, err, want)
		}
	}
	for _, host := range []string{"github.com", "gist.github.com", "octocorp.ghe.com", "www.example.com", "evilgithub.com", "github.com.evil.example"} {
		if got := RepositoryHost(host); got != "" {
			t.Errorf("%s: got %q", host, got)
		}
	}
}
