package credential

import (
	"errors"
	neturl "net/url"
	"slices"
	"strings"
	"testing"
)

func TestParseHost(t *testing.T) {
	label := strings.Repeat("a", 63)
	longest := strings.Join([]string{label, label, label, label[:61]}, ".") + "."
	for _, test := range []struct{ name, in, want string }{
		{"as it is", "github.com", "github.com"},
		{"upper case", "GitHub.COM", "github.com"},
		{"one label", "localhost", "localhost"},
		{"digits, hyphen, underscore", "my_git-1.example", "my_git-1.example"},
		{"IPv4", "127.0.0.1:8443", "127.0.0.1:8443"},
		{"port of https", "github.com:443", "github.com"},
		{"upper case with the port of https", "GITHUB.com:443", "github.com"},
		{"another port", "github.com:8443", "github.com:8443"},
		{"the lowest port", "h:1", "h:1"},
		{"the highest port", "h:65535", "h:65535"},
		{"port of http", "github.com:80", "github.com:80"},
		{"zeros before the port make another host", "github.com:0443", "github.com:0443"},
		{"a dot at the end makes another host", "github.com.", "github.com."},
		{"a dot at the end, and the port of https", "github.com.:443", "github.com."},
		{"www is another host", "www.github.com", "www.github.com"},
		{"a longer name is another host", "github.com.evil.example", "github.com.evil.example"},
		{"punycode is a name like others", "XN--gthub-n4a.com", "xn--gthub-n4a.com"},
		{"IPv6", "[::1]", "[::1]"},
		{"IPv6, a port", "[::1]:8443", "[::1]:8443"},
		{"IPv6, port of https", "[2001:DB8::A]:443", "[2001:db8::a]"},
		{"IPv6, another form stays another host", "[0:0:0:0:0:0:0:1]", "[0:0:0:0:0:0:0:1]"},
		{"IPv4 inside IPv6", "[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]"},
		{"the longest name", longest, longest},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseHost(test.in)
			if err != nil || got != test.want {
				t.Errorf("got %q and %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestParseHostRefuses(t *testing.T) {
	for _, test := range []struct {
		name, in string
		foreign  bool
	}{
		{name: "nothing", in: ""},
		{name: "only a dot", in: "."},
		{name: "only a port", in: ":443"},
		{name: "dot in front", in: ".github.com"},
		{name: "two dots at the end", in: "github.com.."},
		{name: "an empty label", in: "github..com"},
		{name: "percent", in: "github%2ecom"},
		{name: "at sign", in: "github.com@evil.example"},
		{name: "user and password", in: "a:b@github.com"},
		{name: "slash", in: "evil.example/github.com"},
		{name: "slash at the end", in: "github.com/"},
		{name: "question mark", in: "github.com?"},
		{name: "number sign", in: "github.com#"},
		{name: "wildcard", in: "*.github.com"},
		{name: "space", in: "github .com"},
		{name: "space in front", in: " github.com"},
		{name: "space at the end", in: "github.com "},
		{name: "tab", in: "github.com\t"},
		{name: "newline", in: "github.com\n"},
		{name: "NUL", in: "github.com\x00.evil.example"},
		{name: "DEL", in: "github.com\x7f"},
		{name: "comma", in: "github.com,evil.example"},
		{name: "a name in braces", in: "{github.com}"},
		{name: "scheme", in: "https://github.com"},

		{name: "empty port", in: "github.com:"},
		{name: "port 0", in: "github.com:0"},
		{name: "port 00000", in: "github.com:00000"},
		{name: "port too high", in: "github.com:65536"},
		{name: "port much too high", in: "github.com:99999"},
		{name: "port beyond 64 bits", in: "github.com:18446744073709552059"},
		{name: "zeros to six digits", in: "github.com:000443"},
		{name: "plus", in: "github.com:+443"},
		{name: "minus", in: "github.com:-443"},
		{name: "hexadecimal port", in: "github.com:0x1bb"},
		{name: "two ports", in: "github.com:443:443"},
		{name: "name of a port", in: "github.com:https"},
		{name: "full-width digits in the port", in: "github.com:\uff14\uff14\uff13"},
		{name: "Arabic digits in the port", in: "github.com:\u0664\u0664\u0663"},

		{name: "IPv6 without brackets", in: "::1"},
		{name: "no bracket at the end", in: "[::1"},
		{name: "no bracket in front", in: "::1]"},
		{name: "text after the bracket", in: "[::1]x"},
		{name: "port without colon", in: "[::1]443"},
		{name: "empty port after the bracket", in: "[::1]:"},
		{name: "port 0 after the bracket", in: "[::1]:0"},
		{name: "a name after the bracket", in: "[::1].github.com"},
		{name: "zone", in: "[fe80::1%eth0]"},
		{name: "empty zone", in: "[fe80::1%]"},
		{name: "escaped zone", in: "[fe80::1%25eth0]"},
		{name: "a name in brackets", in: "[github.com]"},
		{name: "IPv4 in brackets", in: "[127.0.0.1]"},
		{name: "empty brackets", in: "[]"},
		{name: "brackets in brackets", in: "[[::1]]"},
		{name: "a foreign name in brackets", in: "[g\u00eethub.com]"},

		{name: "too long", in: strings.Repeat("a.", 127) + "a"},
		{name: "a whole line", in: strings.Repeat("a", 65000)},

		{name: "Kelvin sign", in: "\u212a.example", foreign: true},
		{name: "long s", in: "gi\u017ft.github.com", foreign: true},
		{name: "dotless i", in: "g\u0131thub.com", foreign: true},
		{name: "capital I with a dot", in: "G\u0130THUB.COM", foreign: true},
		{name: "Cyrillic", in: "github.\u0441om", foreign: true},
		{name: "umlaut and port of https", in: "m\u00fcnchen.example:443", foreign: true},
		{name: "ideographic full stop", in: "github.com\u3002evil.example", foreign: true},
		{name: "full-width letters", in: "\uff47ithub.com", foreign: true},
		{name: "soft hyphen", in: "git\u00adhub.com", foreign: true},
		{name: "zero-width space", in: "github.com\u200b", foreign: true},
		{name: "an umlaut and a space", in: "m\u00fcnchen .example"},
		{name: "a space and an umlaut", in: "a .m\u00fcnchen.example"},
		{name: "an umlaut and a bad port", in: "m\u00fcnchen.example:0"},
		{name: "an umlaut and an empty label", in: "m\u00fcnchen..example"},
		{name: "invalid UTF-8", in: "github.com\xff"},
		{name: "Latin-1", in: "m\xfcnchen.example"},
		{name: "half a rune", in: "github.com\xc3"},
		{name: "over-long dot", in: "github\xc0\xaecom"},
		{name: "surrogate", in: "\xed\xa0\x80.example"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseHost(test.in)
			var hostErr *HostError
			if got != "" || !errors.As(err, &hostErr) {
				t.Fatalf("got %q and %v, want a HostError", got, err)
			}
			if hostErr.Foreign != test.foreign {
				t.Errorf("got foreign %v, want %v", hostErr.Foreign, test.foreign)
			}
			if hostErr.Host != test.in || hostErr.Reason == "" {
				t.Errorf("got host %q and reason %q", hostErr.Host, hostErr.Reason)
			}
			if text := err.Error(); len(text) > 1200 || !printable(strings.ReplaceAll(text, " ", "")) {
				t.Errorf("no message for a terminal: %q", text)
			}
		})
	}
}

// TestFold checks the letters that package strings would convert to ASCII.
func TestFold(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{"already-lower.1", "already-lower.1"},
		{"aBC@[`{Z", "abc@[`{z"},
		{"\u212a", "\u212a"},                 // Kelvin sign
		{"Gi\u017fT", "gi\u017ft"},           // long s
		{"G\u0130THUB", "g\u0130thub"},       // capital I with a dot
		{"g\u0131THUB", "g\u0131thub"},       // dotless i
		{"\u00c4\xff\xc3", "\u00c4\xff\xc3"}, // other letters and invalid bytes do not change
	} {
		if got := fold(test.in); got != test.want {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
	for _, pair := range [][2]string{{"\u212a", "k"}, {"\u212a", "K"}, {"\u017f", "s"}, {"\u0130", "i"}, {"\u0131", "I"}, {"a", "a "}} {
		if EqualFold(pair[0], pair[1]) {
			t.Errorf("%q equals %q", pair[0], pair[1])
		}
	}
}

func TestRepositoryPath(t *testing.T) {
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
		if got, err := repositoryPath(test.in); err != nil || got != test.want {
			t.Errorf("%q: got %q and %v, want %q", test.in, got, err, test.want)
		}
	}
	for _, bad := range []string{
		".", "..", "../acme/widgets", "acme/..", "acme/../evil/x", "acme/./widgets", "acme/widgets/..",
		"acme/widgets/../../evil/x", "acme//widgets", "acme/widgets//x", "acme/.git", "acme/.wiki", "acme/.wiki.git",
		"acme/..git", "acme/...git", "acme/%2e%2e", "acme/wid%67ets", "acme/widgets%00", "acme/wid gets", "acme/widgets?x",
		"acme/widgets#x", "acme/wid\nets", "acme/widgets\x00", "acme/widgets\x7f", `acme\widgets`, "acme/wid\\gets",
		"acme/w\u0131dgets", "\u212aelvin/x", "acme/widgets/\u00fc", "acme/\xff", "acme:widgets", "@acme", "~acme/x", "acme/{a,b}",
	} {
		// Without ".git", "..git" is one dot and "...git" is two.
		if got, err := repositoryPath(bad); !errors.Is(err, ErrPath) || got != "" {
			t.Errorf("%q: got %q and %v, want ErrPath", bad, got, err)
		}
	}
}

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
			Remote{Protocol: "https", Host: "github.com", Path: "acme/widgets/tree/main"}, "https://github.com/acme/widgets/tree/main"},
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

func TestWithoutPort(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"github.com", "github.com"},
		{"github.com:8443", "github.com"},
		{"[::1]", "[::1]"},
		{"[::1]:8443", "[::1]"},
		{"", ""},
	} {
		if got := WithoutPort(test.in); got != test.want {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
}

func TestParseTarget(t *testing.T) {
	for _, test := range []struct{ name, in, host, path string }{
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
		{"space after the host", "github.com /acme"},
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
		{"a kind that is not known is read strictly", "", []string{"a b"}, nil, `"a b": `},

		{"other: as it is", Other, []string{"/Group/Sub Group/x.git/"}, []string{"Group/Sub Group/x.git"}, ""},
		{"other: dots", Other, []string{"a/../b"}, []string{"a/../b"}, ""},
		{"other: one segment", Other, []string{"Group"}, []string{"Group"}, ""},
		{"other: two groups", Other, []string{"a/x", "b/x"}, nil, `"a/x" and "b/x"`},
		{"other: control bytes in the message", Other, []string{"a\x1b/x", "b/x"}, nil, `"a\x1b/x" and "b/x"`},
		{"other: the case counts", Other, []string{"g/A", "g/a"}, []string{"g/A", "g/a"}, ""},
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

func FuzzParseHost(f *testing.F) {
	for _, seed := range []string{"GitHub.COM:443", "github.com.", "[2001:DB8::1]:8443", "[fe80::1%eth0]", "g\u0130thub.com", "a_b-c.example:80", ":"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		host, err := ParseHost(s)
		if err != nil {
			var hostErr *HostError
			if host != "" || !errors.As(err, &hostErr) {
				t.Fatalf("%q: got %q and %v, want a HostError", s, host, err)
			}
			return
		}
		if !printable(host) || host == "" {
			t.Fatalf("%q: %q is not visible ASCII", s, host)
		}
		if strings.ContainsAny(host, "/@?#%\\*, ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			t.Fatalf("%q: %q has a byte that no host has", s, host)
		}
		if strings.HasSuffix(host, ":443") || !strings.HasPrefix(host, "[") && strings.Count(host, ":") > 1 {
			t.Fatalf("%q: %q has a port that it cannot have", s, host)
		}
		if again, err := ParseHost(host); err != nil || again != host {
			t.Fatalf("%q: %q became %q and %v", s, host, again, err)
		}
		// Only the case and the port of https may change.
		if host != fold(s) && host+":443" != fold(s) {
			t.Fatalf("%q became %q", s, host)
		}
	})
}

func FuzzParseRemote(f *testing.F) {
	for _, seed := range []string{
		"https://u:p@GitHub.com:443/acme/widgets.git?a#b", "git@github.com:acme/widgets.git", "ssh://git@ssh.github.com:443/a/b",
		"[::1]:acme/x", "http://h/%41%2f%252f", "a::b", "git+ssh://[::1]:22/x y", "git://h:9418/\u00fc\xff",
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
