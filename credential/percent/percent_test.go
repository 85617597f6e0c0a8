package percent

import (
	"net/url"
	"testing"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want string
		ok   bool
	}{
		{"", "", true},
		{"a/b", "a/b", true},
		{"%41%2f%252F%00%fF", "A/%2F\x00\xff", true},
		{"a+b", "a+b", true},
		{"%", "", false},
		{"a%4", "", false},
		{"%4g", "", false},
		{"%%41", "", false},
		{"%41%", "", false},
	} {
		if got, ok := Decode(test.text); got != test.want || ok != test.ok {
			t.Errorf("%q: got %q, %v, want %q, %v", test.text, got, ok, test.want, test.ok)
		}
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, plain, want string }{
		{"", "", ""},
		{"aZ09", "", "aZ09"},
		{"a/b c\xff\x00%", "/", "a/b%20c%FF%00%25"},
		{"-._~", "-._~", "-._~"},
		{"-._~", "", "%2D%2E%5F%7E"},
	} {
		if got := Encode(test.text, test.plain); got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}

// FuzzDecode compares with net/url, and reads what Encode writes.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"a%20b", "%", "%zz", "%C3%A4", "a+b"} {
		f.Add(seed, "/+")
	}
	f.Fuzz(func(t *testing.T, s, plain string) {
		got, ok := Decode(s)
		want, err := url.PathUnescape(s)
		if got != want || ok != (err == nil) {
			t.Errorf("%q: got %q, %v, want %q, %v", s, got, ok, want, err)
		}
		for _, c := range plain {
			if c == '%' {
				return // which could not be told from an escape
			}
		}
		if back, ok := Decode(Encode(s, plain)); back != s || !ok {
			t.Errorf("%q: became %q, %v", s, back, ok)
		}
	})
}
