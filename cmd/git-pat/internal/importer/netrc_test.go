package importer

import "testing"

func TestParseNetrc(t *testing.T) {
	cutShort, unknown, macro := skipped(Reason{Why: MissingWord}), skipped(Reason{Why: UnknownWord}), skipped(Reason{Why: Macro})
	for _, test := range []struct{ name, data, want string }{
		{"nothing", " \n", ""},
		{"a line", "machine github.com login alice password word\n", "1 github.com||alice|word"},
		{"lines", "machine github.com\n\tlogin alice\n\tpassword word\nmachine h password x", "1 github.com||alice|word\n4 h|||x"},
		{"any order", "machine h password word account a login alice", "1 h||alice|word"},
		{"two in a line", "machine a password x machine b password y", "1 a|||x\n1 b|||y"},
		{"a value on the next line", "machine\nh password\nword\n", "1 h|||word"},
		{"comments", "# machine a password b\nmachine h # login alice\n# and\npassword #word", "2 h|||#word"},
		{"quotes", `machine h login "al ice" password "a \"b\" \\ # c"`, `1 h||al ice|a "b" \ # c`},
		{"codes in quotes", `machine h password "a\tb\nc"`, "1 h|||a\tb\nc"},
		{"an empty value", `machine h login "" password x`, "1 h|||x"},
		{"a quote within", `machine h password a"b"`, `1 h|||a"b"`},
		{"ends of Windows", "machine h\r\npassword x\r\n", "1 h|||x"},
		{"default", "machine h password x\ndefault login anonymous password me", "1 h|||x\n2 |||" + skipped(Reason{Why: ForAnyHost})},
		{"a macro", "machine h password x\nmacdef init\npassword y\nmachine z\n\nmachine b password c",
			"1 |||" + macro + "\n6 b|||c"},
		{"a macro without an end", "machine h password x\nmacdef init\nmachine z",
			"1 |||" + macro},

		// A part of these may be the secret.
		{"a space in a password", "machine h login alice password my secret\nmachine b password c", "1 |||" + unknown + "\n2 b|||c"},
		{"and a keyword after it", "machine h password my secret login alice", "1 |||" + unknown},
		{"a quote without an end", "machine h password \"my\nlogin alice\nmachine b password c", "1 |||" + cutShort + "\n3 b|||c"},
		{"no value", "machine h password", "1 |||" + cutShort},
		{"no machine", "login alice password word\nmachine b password c", "1 |||" + skipped(Reason{Why: NoMachine}) + "\n2 b|||c"},
	} {
		if got := read(ParseNetrc(test.data)); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}
