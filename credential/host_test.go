package credential

import (
	"errors"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
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
		if got := forge.Fold(test.in); got != test.want {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
	for _, pair := range [][2]string{{"\u212a", "k"}, {"\u212a", "K"}, {"\u017f", "s"}, {"\u0130", "i"}, {"\u0131", "I"}, {"a", "a "}} {
		if EqualFold(pair[0], pair[1]) {
			t.Errorf("%q equals %q", pair[0], pair[1])
		}
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
		if host != forge.Fold(s) && host+":443" != forge.Fold(s) {
			t.Fatalf("%q became %q", s, host)
		}
	})
}
