package forge

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestHTTPS(t *testing.T) {
	for _, test := range []struct {
		why                    string
		f                      Forge
		user, host, port, path string
		want                   string
	}{
		{"unchanged", Other, "git", "github.com", "", "acme/app.git", "github.com/acme/app.git"},
		{"another port", Gitea, "git", "git.example.com", "2222", "acme/app.git", "git.example.com/acme/app.git"},
		{"GitHub over port 443", Other, "git", "ssh.github.com", "443", "acme/app.git", "github.com/acme/app.git"},
		{"GitLab over port 443", Other, "git", "altssh.gitlab.com", "443", "acme/sub/app.git", "gitlab.com/acme/sub/app.git"},
		{"Bitbucket over port 443", Other, "git", "altssh.bitbucket.org", "443", "acme/app.git", "bitbucket.org/acme/app.git"},
		{"no such rule for others", Other, "git", "ssh.acme.ghe.com", "443", "acme/app", "ssh.acme.ghe.com/acme/app"},
		{"nor for a longer name", Other, "git", "altssh.gitlab.com.evil.example", "443", "a/b", "altssh.gitlab.com.evil.example/a/b"},
		{"Azure DevOps", Other, "git", "ssh.dev.azure.com", "", "v3/acme/My Proj/App", "dev.azure.com/acme/My Proj/_git/App"},
		{"Azure DevOps, as the site shows it", Other, "git", "ssh.dev.azure.com", "", "v3/acme/My%20Proj/App", "dev.azure.com/acme/My Proj/_git/App"},
		{"an escaped slash stays", Other, "git", "ssh.dev.azure.com", "", "v3/acme/a%2fb/App", "dev.azure.com/acme/a%2fb/_git/App"},
		{"escaped dots and newlines stay", Other, "git", "ssh.dev.azure.com", "", "v3/acme/%2e%2e/a%0ab", "dev.azure.com/acme/%2e%2e/_git/a%0ab"},
		{"Azure DevOps, port 22", Azure, "git", "ssh.dev.azure.com", "22", "v3/acme/p/r", "dev.azure.com/acme/p/_git/r"},
		{"Azure DevOps, older host", Other, "acme", "vs-ssh.visualstudio.com", "", "v3/acme/p/r", "dev.azure.com/acme/p/_git/r"},
		{"the path counts, not the user", Other, "evil", "vs-ssh.visualstudio.com", "", "v3/acme/p/r", "dev.azure.com/acme/p/_git/r"},
		{"Azure DevOps, _ssh", Other, "acme", "vs-ssh.visualstudio.com", "22", "p/_ssh/r", "dev.azure.com/acme/p/_git/r"},
		{"Azure DevOps, _ssh, the collection", Other, "acme", "vs-ssh.visualstudio.com", "22", "DefaultCollection/p/_ssh/r", "dev.azure.com/acme/p/_git/r"},
		{"Azure DevOps, _ssh, name of the project", Other, "acme", "acme.visualstudio.com", "22", "_ssh/r", "dev.azure.com/acme/_git/r"},
		{"the host counts, not the user", Other, "evil", "acme.visualstudio.com", "22", "p/_ssh/r", "dev.azure.com/acme/p/_git/r"},
		{"a user that is no organization", Other, "a/b", "vs-ssh.visualstudio.com", "22", "p/_ssh/r", "vs-ssh.visualstudio.com/p/_ssh/r"},
		{"v3 on another host", Other, "git", "git.example.com", "", "v3/a/b/c", "git.example.com/v3/a/b/c"},
		{"too few segments", Other, "git", "ssh.dev.azure.com", "", "v3/a/b", "ssh.dev.azure.com/v3/a/b"},
		{"Bitbucket Data Center by its port", Other, "git", "bb.example.com", "7999", "PROJ/app.git", "bb.example.com/scm/PROJ/app.git"},
		{"Bitbucket Data Center by its name", Bitbucket, "git", "bb.example.com", "", "~alice/app.git", "bb.example.com/scm/~alice/app.git"},
		{"that port of another forge", Gitea, "git", "git.example.com", "7999", "acme/app.git", "git.example.com/acme/app.git"},
		{"Bitbucket Cloud", Bitbucket, "git", "bitbucket.org", "", "acme/app.git", "bitbucket.org/acme/app.git"},
		{"no path", Other, "git", "vs-ssh.visualstudio.com", "", "", "vs-ssh.visualstudio.com/"},
	} {
		host, path := test.f.HTTPS(SSH{test.user, test.host, test.port, test.path})
		if got := host + "/" + path; got != test.want {
			t.Errorf("%s: got %q, want %q", test.why, got, test.want)
		}
	}
}

// The path of the https URL names the same repository: its segments come from the
// SSH URL, and the host is one of the same forge.
func FuzzHTTPS(f *testing.F) {
	f.Add("git", "ssh.dev.azure.com", "", "v3/acme/p/r")
	f.Add("acme", "vs-ssh.visualstudio.com", "22", "DefaultCollection/p/_ssh/r")
	f.Add("x", "acme.visualstudio.com", "22", "p/_ssh/r")
	f.Add("git", "bb.example.com", "7999", "P/r.git")
	f.Add("git", "ssh.dev.azure.com", "", "v3/acme/My%20p/a%2f%0a")
	f.Fuzz(func(t *testing.T, user, host, port, path string) {
		for _, forge := range all() {
			got, repository := forge.HTTPS(SSH{user, host, port, path})
			if got != host && Of(got) == Other {
				t.Fatalf("%s: %q became %q", forge, host, got)
			}
			for _, s := range strings.Split(repository, "/") {
				once := func(p string) bool { name, err := url.PathUnescape(p); return p == s || err == nil && name == s }
				if !slices.ContainsFunc(strings.Split(path, "/"), once) && s != "_git" && s != "scm" && s != user && s != organization(host) {
					t.Fatalf("%s: %q of %q and %q has %q", forge, repository, user, path, s)
				}
			}
		}
	})
}
