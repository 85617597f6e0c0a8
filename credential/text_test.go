package credential

import (
	"strings"
	"testing"
)

func TestVisible(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"plain", `the token "laptop" for github.com/acme \`, `the token "laptop" for github.com/acme \`},
		{"other scripts", "b\u00f6b, \u6771\u4eac, e\u0301, \U0001f511, \ufffd", "b\u00f6b, \u6771\u4eac, e\u0301, \U0001f511, \ufffd"},
		{"escape sequence", "\x1b[2J\x1b]0;title\a", `\x1b[2J\x1b]0;title\a`},
		{"newline, return and tab", "a\nb\r\tc", `a\nb\r\tc`},
		{"NUL and DEL", "\x00\x7f", `\x00\x7f`},
		{"C1", "\u009b2J", `\u009b2J`},
		{"C1 as a byte", "\x9b2J", `\x9b2J`},
		{"override and isolate", "a\u202eb\u2066c", `a\u202eb\u2066c`},
		{"zero width", "a\u200bb\u200dc\ufeffd\u2060e\u00adf", `a\u200bb\u200dc\ufeffd\u2060e\u00adf`},
		{"line separators", "a\u2028b\u2029c\u0085d", `a\u2028b\u2029c\u0085d`},
		{"other spaces", "a\u00a0b\u3000c", `a\u00a0b\u3000c`},
		{"tags", "a\U000e0041\U000e007f", `a\U000e0041\U000e007f`},
		{"private use", "\ue000", `\ue000`},
		{"invalid UTF-8", "\xff\xc3(\xed\xa0\x80", `\xff\xc3(\xed\xa0\x80`},
		{"cut within a rune", "a\xe2\x80", `a\xe2\x80`},
		{"an apostrophe beside", "'\x1b'", `'\x1b'`},
	} {
		if got := Visible(test.in); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestQuote(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"plain", "acme/widgets", `"acme/widgets"`},
		{"nothing", "", `""`},
		{"quotes", `a"b\c`, `"a\"b\\c"`},
		{"escape sequence", "\x1b[2J\r\n", `"\x1b[2J\r\n"`},
		{"C1 control", "\u009b2J", `"\u009b2J"`},
		{"right to left", "a\u202eb", `"a\u202eb"`},
		{"another letter", "g\u0131thub", `"g\u0131thub"`},
		{"invalid UTF-8", "\xff", `"\xff"`},
		{"the longest", strings.Repeat("a", 200), `"` + strings.Repeat("a", 200) + `"`},
		{"cut", strings.Repeat("a", 201), `"` + strings.Repeat("a", 200) + `..."`},
		{"cut within a rune", strings.Repeat("a", 199) + "\u00e9", `"` + strings.Repeat("a", 199) + `\xc3..."`},
	} {
		if got := Quote(test.in); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestMaskTokens(t *testing.T) {
	body := strings.Repeat("x", 36)
	fine := "github_" + "pat_" + body[:22] + "_" + strings.Repeat("y", 59)
	for _, test := range []struct{ name, in, want string }{
		{"nothing in it", "no token for acme/widgets", "no token for acme/widgets"},
		{"empty", "", ""},
		{"classic", "got ghp" + "_" + body + ", sorry", "got ghp_***, sorry"},
		{"fine-grained", fine, "github_pat_***"},
		{"OAuth app", "gho" + "_" + body, "gho_***"},
		{"app for a user", "ghu" + "_" + body, "ghu_***"},
		{"installation", "ghs" + "_" + body, "ghs_***"},
		{"installation since 2026", "ghs" + "_" + "1_" + body + ".y-z." + body + "!", "ghs_***!"},
		{"refresh token", "ghr" + "_" + body + body, "ghr_***"},
		{"two", "ghp" + "_" + body + " ghp" + "_" + body, "ghp_*** ghp_***"},
		{"two kinds", "gho" + "_" + body + ":ghp" + "_" + body, "gho_***:ghp_***"},
		{"in a URL", "https://ghp" + "_" + body + "@github.com/acme", "https://ghp_***@github.com/acme"},
		{"fine-grained in a URL", "https://x:" + fine + "@github.com/acme", "https://x:github_pat_***@github.com/acme"},
		{"quoted", `"ghp` + "_" + body + `"`, `"ghp_***"`},
		{"behind a name", "acme/ghp_tools ghp" + "_" + body, "acme/ghp_tools ghp_***"},
		{"only a prefix", "tokens start with ghp_ or github_pat_", "tokens start with ghp_ or github_pat_"},
		{"too short", "ghp" + "_" + body[1:], "ghp" + "_" + body[1:]},
		{"fine-grained too short", fine[:len(fine)-1], fine[:len(fine)-1]},
		{"fine-grained too long", fine + "y", fine + "y"},
		{"in a word", "acme/walkthroughs_and_guides_of_a_length_that_would_do_for_a_token", "acme/walkthroughs_and_guides_of_a_length_that_would_do_for_a_token"},
		{"behind a word", "acme/xghp" + "_" + body, "acme/xghp" + "_" + body},
		{"before a word", "acme/ghp" + "_" + body + "_more", "acme/ghp" + "_" + body + "_more"},
		{"a name", "acme/ghp_tools_and_more_things_that_people_need_every_day", "acme/ghp_tools_and_more_things_that_people_need_every_day"},
	} {
		got := MaskTokens(test.in)
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		if again := MaskTokens(got); again != got {
			t.Errorf("%s: %q became %q", test.name, got, again)
		}
	}
}

// A word to paste is one word for the shell, and a terminal shows it unchanged.
func TestShellWord(t *testing.T) {
	for s, want := range map[string]string{
		"laptop": "laptop", "my laptop": "'my laptop'", "": "''", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "b\u00f6b": "'b\u00f6b'", "\u202ex": `'\u202ex'`, "\xff": `'\xff'`, "acme/{a,b}": "acme/{a,b}", "a\x1b[2J": `'a\x1b[2J'`,
	} {
		if got := ShellWord(s); got != want {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	}
}
