package record

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ segment, want string }{
		{"acme", "acme"},
		{"ACME-Corp_1.x", "acme-corp_1.x"},
		{"", "%"},
		{"%", "%25"},
		{".", "%2E"},
		{"..", "%2E%2E"},
		{"...", "%2E.%2E"},
		{".git", "%2Egit"},
		{".tmp-1", "%2Etmp-1"},
		{"a.", "a%2E"},
		{"@", "%40"},
		{"a/b", "a%2Fb"},
		{`a\b`, "a%5Cb"},
		{"a:8443", "a%3A8443"},
		{"[::1]", "%5B%3A%3A1%5D"},
		{"a b ", "a%20b%20"},
		{"a%2fb", "a%252fb"},
		{"\u00fc", "%C3%BC"},
		{"\u212a", "%E2%84%AA"}, // the Kelvin sign is not a k
		{"\x00\n\x7f\xff", "%00%0A%7F%FF"},
		{"con", "%63on"},
		{"CON", "%63on"},
		{"nul.tar.gz", "%6Eul.tar.gz"},
		{"com1", "%63om1"},
		{"lpt0.x", "%6Cpt0.x"},
		{"console", "console"},
		{"com10", "com10"},
		{"com\u00b9", "com%C2%B9"},
		{strings.Repeat("A", 200), strings.Repeat("a", 200)},
		{strings.Repeat("a", 201), strings.Repeat("a", 201)}, // too long for a record
	} {
		got := escape(test.segment)
		if got != test.want {
			t.Errorf("%q: got %q, want %q", test.segment, got, test.want)
		}
		if test.want[0] != '%' && unescape(got) != fold(test.segment) {
			t.Errorf("%q: unescaped: got %q", test.segment, unescape(got))
		}
	}
}

// fold converts ASCII letters to lower case.
func fold(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

// fitsAnySystem returns what is wrong with a file name on any system, or "".
func fitsAnySystem(name string) string {
	switch {
	case name == "", name == ".", name == "..":
		return "no name"
	case name == own:
		return "the folder of a place's own records"
	case strings.HasPrefix(name, "."):
		return "a dot at the start, as in the name of a disk.Temporary file"
	case strings.HasSuffix(name, "."), strings.HasSuffix(name, " "):
		return "a dot or blank at the end, which Windows drops"
	case strings.ContainsAny(name, `/\<>:"|?*@`):
		return "a character that is not for names"
	case strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return "a character that is not printable ASCII"
	case name != strings.ToLower(name) && !strings.Contains(name, "%"):
		return "upper case"
	}
	device, _, _ := strings.Cut(strings.ToUpper(name), ".")
	if slices.Contains([]string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}, device) {
		return "a device of Windows"
	}
	if rest, ok := strings.CutPrefix(device, "COM"); ok && len(rest) == 1 && '0' <= rest[0] && rest[0] <= '9' {
		return "a device of Windows"
	}
	if rest, ok := strings.CutPrefix(device, "LPT"); ok && len(rest) == 1 && '0' <= rest[0] && rest[0] <= '9' {
		return "a device of Windows"
	}
	return ""
}

func FuzzEscape(f *testing.F) {
	for _, pair := range [][2]string{
		{"acme", "ACME"}, {"", "%"}, {".", ".."}, {"@", "%40"}, {"con", "%63on"}, {"com1.x", "COM1.X"},
		{"a%2Fb", "a/b"}, {"\u212a", "k"}, {"%-", "\xff"}, {"a.", "a"}, {"nul", "nul."},
		{strings.Repeat("%", 70), strings.Repeat("A", 201)}, {"aux ", "aux"},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := escape(a), escape(b)
		for _, name := range []string{x, y} {
			if fault := fitsAnySystem(name); fault != "" {
				t.Errorf("%q: %s", name, fault)
			}
		}
		if (x == y) != (fold(a) == fold(b)) {
			t.Errorf("%q and %q: got %q and %q", a, b, x, y)
		}
		// A file system may ignore the case of letters.
		if strings.EqualFold(x, y) != (x == y) {
			t.Errorf("%q and %q: got %q and %q, the same to some systems", a, b, x, y)
		}
	})
}

func FuzzKey(f *testing.F) {
	for _, r := range []credential.Record{
		storetest.Record("laptop"), storetest.Record("laptop", "acme"), storetest.Record("ci", "acme/widgets.git"), storetest.Record("two", "acme/a", "acme/b"),
		storetest.Opaque("localhost:8443", "..", "../../etc/passwd"), storetest.Opaque("[::1]", "", "a//b"), storetest.Opaque("..", "@", "@/@/@"),
		storetest.Opaque(strings.Repeat("h", 300), strings.Repeat("n", 300), strings.Repeat("p/", 300)),
	} {
		f.Add(r.Host, strings.Join(r.Paths, "\n"), r.Name)
	}
	tree := NewTree(f.TempDir())
	f.Fuzz(func(t *testing.T, host, paths, name string) {
		r := credential.Record{Target: credential.Target{Host: host}, Name: name}
		if paths != "" {
			r.Paths = strings.Split(paths, "\n")
		}
		key := Key(r)
		long := slices.ContainsFunc(strings.Split(key, "/"), func(segment string) bool { return len(segment) > maxName })
		if isKey(key) == long {
			t.Fatalf("%q: is a key: %v", key, isKey(key))
		}
		if long {
			if err := tree.Put(storetest.With(r, func(r *credential.Record) { r.Kind, r.Store = credential.Other, "file" })); err == nil {
				t.Fatalf("%q: put", key)
			}
			return
		}
		for _, ending := range []string{recordEnding, asideEnding, usedEnding} {
			path := tree.path(key, ending)
			in, err := filepath.Rel(tree.tokens(), path)
			if err != nil || !filepath.IsLocal(in) || filepath.Clean(path) != path || filepath.ToSlash(in) != key+ending {
				t.Errorf("%q: got the file %q", key, path)
			}
		}
		segments := strings.Split(key, "/")
		if len(segments) > 1+maxDepth+2 {
			t.Errorf("%q: %d folders deep", key, len(segments))
		}
		for i, segment := range segments {
			if i == len(segments)-2 {
				if segment != own {
					t.Errorf("%q: not in a folder %s", key, own)
				}
			} else if fault := fitsAnySystem(segment); fault != "" {
				t.Errorf("%q: %q: %s", key, segment, fault)
			}
		}
		// Two keys are equal only if the records differ in nothing but case.
		upper := r
		upper.Name = strings.ToUpper(r.Name)
		if fold(upper.Name) == fold(r.Name) && Key(upper) != key {
			t.Errorf("got %q and, in upper case, %q", key, Key(upper))
		}
		upper.Name += "x"
		if Key(upper) == key {
			t.Errorf("two names have the key %q", key)
		}
	})
}

func TestIsKey(t *testing.T) {
	t.Parallel()
	for _, r := range []credential.Record{
		storetest.Record("laptop", "acme"),
		storetest.Opaque("[2001:db8::1]:8443", "a b=c%d", "e/f g/h@i"),
		storetest.Opaque("localhost", "con", "../..", "nul.txt/aux"),
		storetest.Opaque(strings.Repeat("a.", 96)+"example", strings.Repeat("n", 200), strings.Repeat("p/", 30)+strings.Repeat("q", 200)),
	} {
		if key := Key(r); !isKey(key) {
			t.Errorf("%q is no key", key)
		}
	}
	for _, key := range []string{
		"", "@", "a", "a/@", "@/a", "a/b", "a/b/c", "a/@/", "/@/a", "a//@/b", "./@/a", "../@/a", "a/../@/b", "a/@/..",
		"a/@/.tmp-1", "a/@/@", "@/@/@", "a/@/b/c", "a/@/b/@/c", "/a/@/b", `a/@/b\c`, "a/@/b\x00", "A/@/G", "a/@/\u00fc", "a/@/b c", "a/@/b:c",
	} {
		if isKey(key) {
			t.Errorf("%q is a key", key)
		}
	}
}
