package credential

import (
	"errors"
	neturl "net/url"
	"strings"
	"testing"
)

func TestParseRemote(t *testing.T) {
	const https = "https://github.com/acme/widgets.git"
	const path = "acme/widgets.git"
	for _, test := range []struct {
		name, in string
		want     Remote
		https    string
	}{
		{"https", "https://github.com/acme/widgets.git",
			Remote{Protocol: "https", Host: "github.com", Path: path}, https},
		{"without .git", "https://github.com/acme/widgets",
			Remote{Protocol: "https", Host: "github.com", Path: "acme/widgets"}, "https://github.com/acme/widgets"},
		{"upper case", "HTTPS://GitHub.COM:443/Acme/Widgets",
			Remote{Protocol: "https", Host: "github.com", Path: "Acme/Widgets"}, "https://github.com/Acme/Widgets"},
		{"outer slashes", "https://github.com//acme/widgets//",
			Remote{Protocol: "https", Host: "github.com", Path: "acme/widgets"}, "https://github.com/acme/widgets"},
		{"inner slashes stay", "https://github.com/acme//widgets",
			Remote{Protocol: "https", Host: "github.com", Path: "acme//widgets"}, "https://github.com/acme//widgets"},
		{"no path", "https://github.com",
			Remote{Protocol: "https", Host: "github.com"}, "https://github.com/"},
		{"another port", "https://git.example.com:8443/acme/widgets.git",
			Remote{Protocol: "https", Host: "git.example.com:8443", Path: path}, "https://git.example.com:8443/acme/widgets.git"},
		{"IPv6", "https://[::1]:8443/acme/widgets.git",
			Remote{Protocol: "https", Host: "[::1]:8443", Path: path}, "https://[::1]:8443/acme/widgets.git"},
		{"user", "https://octocat@github.com/acme/widgets.git",
			Remote{Protocol: "https", User: "octocat", Host: "github.com", Path: path}, https},
		{"user and password", "https://octocat:hunter2@github.com/acme/widgets.git",
			Remote{Protocol: "https", User: "octocat", Host: "github.com", Path: path, Password: true}, https},
		{"empty password", "https://octocat:@github.com/acme/widgets.git",
			Remote{Protocol: "https", User: "octocat", Host: "github.com", Path: path, Password: true}, https},
		{"password only", "https://:hunter2@github.com/acme/widgets.git",
			Remote{Protocol: "https", Host: "github.com", Path: path, Password: true}, https},
		{"empty user", "https://@github.com/acme/widgets.git",
			Remote{Protocol: "https", Host: "github.com", Path: path}, https},
		{"escaped user", "https://octo%40example.com@github.com/acme/widgets.git",
			Remote{Protocol: "https", User: "octo@example.com", Host: "github.com", Path: path}, https},
		{"a host as the user name", "https://github.com@evil.example/acme/widgets.git",
			Remote{Protocol: "https", User: "github.com", Host: "evil.example", Path: path}, "https://evil.example/acme/widgets.git"},
		{"the last @ counts, as for curl", "https://a:b@github.com@evil.example/x",
			Remote{Protocol: "https", User: "a", Host: "evil.example", Path: "x", Password: true}, "https://evil.example/x"},
		{"a backslash ends no host, as for Git", `https://evil.example\@github.com/acme`,
			Remote{Protocol: "https", User: `evil.example\`, Host: "github.com", Path: "acme"}, "https://github.com/acme"},
		{"a host in the path", "https://evil.example/@github.com/acme",
			Remote{Protocol: "https", Host: "evil.example", Path: "@github.com/acme"}, "https://evil.example/@github.com/acme"},
		{"a host in the fragment", "https://evil.example#@github.com/acme",
			Remote{Protocol: "https", Host: "evil.example"}, "https://evil.example/"},
		{"a host in the query", "https://evil.example?@github.com/acme",
			Remote{Protocol: "https", Host: "evil.example"}, "https://evil.example/"},
		{"query and fragment", "https://github.com/acme/widgets?tab=readme#top",
			Remote{Protocol: "https", Host: "github.com", Path: "acme/widgets"}, "https://github.com/acme/widgets"},
		{"browser", "https://github.com/acme/widgets/tree/main",
			Remote{Protocol: "https", Host: "github.com", Path: "acme/widgets"}, "https://github.com/acme/widgets"},
		{"Git LFS", "https://github.com/acme/widgets.git/info/lfs",
			Remote{Protocol: "https", Host: "github.com", Path: "acme/widgets.git/info/lfs"}, "https://github.com/acme/widgets.git/info/lfs"},
		{"dots", "https://github.com/acme/widgets/../../evil",
			Remote{Protocol: "https", Host: "github.com", Path: "acme/widgets/../../evil"}, "https://github.com/acme/widgets/../../evil"},
		{"decoded once", "https://github.com/acme/wid%2567ets%20x",
			Remote{Protocol: "https", Host: "github.com", Path: "acme/wid%67ets x"}, "https://github.com/acme/wid%2567ets%20x"},
		{"escaped question mark", "https://git.example.com/a%3Fb%23c",
			Remote{Protocol: "https", Host: "git.example.com", Path: "a?b#c"}, "https://git.example.com/a%3Fb%23c"},
		{"escaped slash, as Git reads it", "https://github.com/acme%2fwidgets",
			Remote{Protocol: "https", Host: "github.com", Path: "acme/widgets"}, "https://github.com/acme/widgets"},
		{"plus is no space", "https://git.example.com/a+b",
			Remote{Protocol: "https", Host: "git.example.com", Path: "a+b"}, "https://git.example.com/a+b"},
		{"gist", "https://gist.github.com/octocat/0123abcd.git",
			Remote{Protocol: "https", Host: GistHost, Path: "octocat/0123abcd.git"}, "https://gist.github.com/octocat/0123abcd.git"},
		{"http", "http://github.com/acme/widgets.git",
			Remote{Protocol: "http", Host: "github.com", Path: path}, https},
		{"http, its port", "http://github.com:80/acme/widgets.git",
			Remote{Protocol: "http", Host: "github.com", Path: path}, https},
		{"http, IPv6 and its port", "http://[::1]:80/acme/widgets.git",
			Remote{Protocol: "http", Host: "[::1]", Path: path}, "https://[::1]/acme/widgets.git"},
		{"http, another port", "http://git.example.com:8080/acme/widgets.git",
			Remote{Protocol: "http", Host: "git.example.com:8080", Path: path}, "https://git.example.com:8080/acme/widgets.git"},
		{"git, its port", "git://github.com:9418/acme/widgets.git",
			Remote{Protocol: "git", Host: "github.com", Path: path}, https},
		{"git", "git://github.com/acme/widgets.git",
			Remote{Protocol: "git", Host: "github.com", Path: path}, https},

		{"scp", "git@github.com:acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "github.com", Path: path}, https},
		{"scp, upper case", "git@GitHub.com:acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "github.com", Path: path}, https},
		{"scp, slash in front", "git@github.com:/acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "github.com", Path: path}, https},
		{"scp without user", "github.com:acme/widgets.git",
			Remote{Protocol: "ssh", Host: "github.com", Path: path}, https},
		{"scp, SSH CA of an organisation", "org-12345@github.com:acme/widgets.git",
			Remote{Protocol: "ssh", User: "org-12345", Host: "github.com", Path: path}, https},
		{"scp, data residency", "acme@acme.ghe.com:acme/widgets.git",
			Remote{Protocol: "ssh", User: "acme", Host: "acme.ghe.com", Path: path}, "https://acme.ghe.com/acme/widgets.git"},
		{"scp, alias of ssh_config", "git@mine:acme/widgets",
			Remote{Protocol: "ssh", User: "git", Host: "mine", Path: "acme/widgets"}, "https://mine/acme/widgets"},
		{"scp, a number for an owner", "git@github.com:443/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "github.com", Path: "443/widgets.git"}, "https://github.com/443/widgets.git"},
		{"scp, IPv6", "git@[::1]:acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "[::1]", Path: path}, "https://[::1]/acme/widgets.git"},
		{"scp, a port in brackets", "[git@ssh.github.com:443]:acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "github.com", Path: path}, https},
		{"scp, a port in brackets behind the user", "git@[github.com:22]:acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "github.com", Path: path}, https},
		{"scp, a name in brackets", "[github.com]:acme/widgets.git",
			Remote{Protocol: "ssh", Host: "github.com", Path: path}, https},
		{"scp, user and IPv6 in brackets", "[git@::1]:acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "[::1]", Path: path}, "https://[::1]/acme/widgets.git"},
		{"scp without user, slash in front", "github.com:/acme/widgets.git",
			Remote{Protocol: "ssh", Host: "github.com", Path: path}, https},
		{"scp without user, digits in front", "github.com:123abc/widgets.git",
			Remote{Protocol: "ssh", Host: "github.com", Path: "123abc/widgets.git"}, "https://github.com/123abc/widgets.git"},
		{"scp, @ in the path", "github.com:acme/a@b",
			Remote{Protocol: "ssh", Host: "github.com", Path: "acme/a@b"}, "https://github.com/acme/a@b"},
		{"scp is not decoded", "git@github.com:acme/a%20b",
			Remote{Protocol: "ssh", User: "git", Host: "github.com", Path: "acme/a%20b"}, "https://github.com/acme/a%2520b"},
		{"ssh", "ssh://git@github.com/acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "github.com", Path: path}, https},
		{"ssh, port", "ssh://git@github.com:22/acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "github.com", Path: path}, https},
		{"ssh, IPv6 and port", "ssh://git@[::1]:22/acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "[::1]", Path: path}, "https://[::1]/acme/widgets.git"},
		{"ssh, no user", "ssh://github.com/acme/widgets.git",
			Remote{Protocol: "ssh", Host: "github.com", Path: path}, https},
		{"git+ssh", "git+ssh://git@github.com/acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "github.com", Path: path}, https},
		{"ssh+git", "ssh+git://git@github.com:22/acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "github.com", Path: path}, https},
		{"ssh over the port of https", "ssh://git@ssh.github.com:443/acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "github.com", Path: path}, https},
		{"the same as scp", "git@ssh.github.com:acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "github.com", Path: path}, https},
		{"Azure DevOps", "git@ssh.dev.azure.com:v3/acme/My%20Proj/App",
			Remote{Protocol: "ssh", User: "git", Host: "dev.azure.com", Path: "acme/My Proj/_git/App"}, "https://dev.azure.com/acme/My%20Proj/_git/App"},
		{"Azure DevOps, older host", "acme@vs-ssh.visualstudio.com:v3/acme/p/r",
			Remote{Protocol: "ssh", User: "acme", Host: "dev.azure.com", Path: "acme/p/_git/r"}, "https://dev.azure.com/acme/p/_git/r"},
		{"Azure DevOps, _ssh", "ssh://acme@acme.visualstudio.com:22/DefaultCollection/_ssh/r",
			Remote{Protocol: "ssh", User: "acme", Host: "dev.azure.com", Path: "acme/_git/r"}, "https://dev.azure.com/acme/_git/r"},
		{"GitLab over the port of https", "ssh://git@altssh.gitlab.com:443/acme/sub/app.git",
			Remote{Protocol: "ssh", User: "git", Host: "gitlab.com", Path: "acme/sub/app.git"}, "https://gitlab.com/acme/sub/app.git"},
		{"Bitbucket over the port of https", "ssh://git@altssh.bitbucket.org:443/acme/app.git",
			Remote{Protocol: "ssh", User: "git", Host: "bitbucket.org", Path: "acme/app.git"}, "https://bitbucket.org/acme/app.git"},
		{"Bitbucket Data Center", "ssh://git@bb.example.com:7999/~alice/app.git",
			Remote{Protocol: "ssh", User: "git", Host: "bb.example.com", Path: "scm/~alice/app.git"}, "https://bb.example.com/scm/~alice/app.git"},
		{"another port", "ssh://git@git.example.com:2222/acme/app.git",
			Remote{Protocol: "ssh", User: "git", Host: "git.example.com", Path: "acme/app.git"}, "https://git.example.com/acme/app.git"},
		{"older https host of Azure DevOps", "https://acme.visualstudio.com/p/_git/r",
			Remote{Protocol: "https", Host: "acme.visualstudio.com", Path: "p/_git/r"}, "https://acme.visualstudio.com/p/_git/r"},
		{"ssh.github.com is itself on https", "https://ssh.github.com/acme/widgets.git",
			Remote{Protocol: "https", Host: "ssh.github.com", Path: path}, "https://ssh.github.com/acme/widgets.git"},
		{"no such rule for others", "ssh://git@ssh.acme.ghe.com:443/acme/widgets.git",
			Remote{Protocol: "ssh", User: "git", Host: "ssh.acme.ghe.com", Path: path}, "https://ssh.acme.ghe.com/acme/widgets.git"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseRemote(test.in)
			if err != nil || got != test.want {
				t.Errorf("got %+v and %v, want %+v", got, err, test.want)
			}
			if got := got.HTTPS(); got != test.https {
				t.Errorf("got %q, want %q", got, test.https)
			}
		})
	}
}

func TestParseRemoteRefuses(t *testing.T) {
	for _, test := range []struct {
		name, in string
		host     bool // the error is a HostError; otherwise it is ErrNotRemote
	}{
		{name: "nothing", in: ""},
		{name: "a word", in: "origin"},
		{name: "absolute path", in: "/srv/git/widgets.git"},
		{name: "relative path", in: "../widgets.git"},
		{name: "path with a colon", in: "./github.com:acme/widgets"},
		{name: "path in front of the colon", in: "github.com/acme:widgets"},
		{name: "home", in: "~/widgets.git"},
		{name: "Windows", in: `C:\src\widgets`},
		{name: "Windows, slashes", in: "C:/src/widgets"},
		{name: "Windows, current folder of a drive", in: "c:widgets"},
		{name: "Windows share", in: `\\server\share\widgets.git`},
		{name: "file", in: "file:///srv/git/widgets.git"},
		{name: "ftp", in: "ftp://github.com/acme/widgets.git"},
		{name: "no scheme", in: "://github.com/acme"},
		{name: "scheme with a space", in: " https://github.com/acme"},
		{name: "remote helper", in: "ext::sh -c %S"},
		{name: "remote helper with an address", in: "hg::acme/widgets"},
		{name: "remote helper with a URL", in: "persistent::https://github.com/acme"},
		{name: "remote helper with a scheme", in: "codecommit::us-east-1://widgets"},
		{name: "IPv6 without brackets", in: "fe80::1"},
		{name: "no colon", in: "git@github.com"},
		{name: "empty path", in: "git@github.com:"},
		{name: "host and no port, a target with a fault", in: "git.example.com:99999/acme"},
		{name: "host and port, a target", in: "git.example.com:8443/acme"},
		{name: "only host and port", in: "git.example.com:8443"},
		{name: "IPv6 and port, a target", in: "[::1]:8443/acme"},
		{name: "open bracket", in: "git@[::1:acme/x"},
		{name: "bad escape", in: "https://github.com/acme/%zz"},
		{name: "half an escape", in: "https://github.com/acme/%2"},
		{name: "bad escape in the user", in: "https://%zz@github.com/acme"},
		{name: "escaped newline", in: "https://github.com/acme%0ax"},
		{name: "escaped NUL", in: "https://github.com/acme%00"},
		{name: "newline", in: "https://github.com/acme\nhost=evil.example"},
		{name: "newline at the end", in: "git@github.com:acme/widgets.git\n"},
		{name: "DEL", in: "https://github.com/acme\x7f"},
		{name: "CR", in: "git@github.com:acme\r/x"},

		{name: "no host", in: "https:///acme/widgets", host: true},
		{name: "only a user", in: "https://octocat@/acme/widgets", host: true},
		{name: "nothing after the scheme", in: "https://", host: true},
		{name: "empty port", in: "https://github.com:/acme", host: true},
		{name: "port too high", in: "https://github.com:99999/acme", host: true},
		{name: "port of letters", in: "ssh://git@github.com:acme/widgets.git", host: true},
		{name: "escaped @", in: "https://github.com%40evil.example/acme", host: true},
		{name: "escaped slash in the host", in: "https://evil.example%2fgithub.com/acme", host: true},
		{name: "backslash in the host", in: `https://github.com\.evil.example/acme`, host: true},
		{name: "space in the host", in: "https://github.com /acme", host: true},
		{name: "ideographic full stop", in: "https://github.com\u3002evil.example/acme", host: true},
		{name: "wildcard", in: "https://*.github.com/acme", host: true},
		{name: "brackets in brackets", in: "git@[[::1]:22]:acme/widgets.git", host: true},
		{name: "a foreign name in brackets", in: "git@[g\u00eethub.com:22]:acme/widgets.git", host: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseRemote(test.in)
			var hostErr *HostError
			if err == nil || got != (Remote{}) || test.host != errors.As(err, &hostErr) || test.host == errors.Is(err, ErrNotRemote) {
				t.Errorf("got %+v and %v, want a host error %v", got, err, test.host)
			}
		})
	}
}

func FuzzParseRemote(f *testing.F) {
	for _, seed := range []string{
		"https://u:p@GitHub.com:443/acme/widgets.git?a#b", "git@github.com:acme/widgets.git", "ssh://git@ssh.github.com:443/a/b",
		"git@ssh.github.com:acme/x/y", "http://github.com:80/acme/x/y", "[::1]:acme/x", "http://h/%41%2f%252f", "a::b", "git+ssh://[::1]:22/x y", "git://h:9418/\u00fc\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRemote(s)
		if err != nil {
			if r != (Remote{}) {
				t.Fatalf("%q: got %+v beside %v", s, r, err)
			}
			return
		}
		if host, err := ParseHost(r.Host); err != nil || host != r.Host {
			t.Fatalf("%q: %q became %q and %v", s, r.Host, host, err)
		}
		if r.Path != strings.Trim(r.Path, "/") || strings.ContainsAny(r.Path, "\x00\t\n\r\x1b\x7f") {
			t.Fatalf("%q: the path is %q", s, r.Path)
		}
		url := r.HTTPS()
		if want := (&neturl.URL{Scheme: "https", Host: r.Host, Path: "/" + r.Path}).String(); url != want {
			t.Fatalf("%q: %q, and net/url has %q", s, url, want)
		}
		if !printable(url) || strings.ContainsAny(url[len("https://"):], "?#") {
			t.Fatalf("%q: %q is no URL", s, url)
		}
		want := Remote{Protocol: "https", Host: r.Host, Path: r.Path}
		if got, err := ParseRemote(url); err != nil || got != want {
			t.Fatalf("%q: %q became %+v and %v, want %+v", s, url, got, err, want)
		}
	})
}
