package setup

import (
	"slices"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

func TestHelperValue(t *testing.T) {
	for _, test := range []struct{ path, options, want string }{
		{"/usr/bin/git-credential-pat", "", "/usr/bin/git-credential-pat"},
		{"/usr/bin/git-credential-pat", "--save=any", "/usr/bin/git-credential-pat --save=any"},
		{"/my programs/git-credential-pat", "--save=any", "!'/my programs/git-credential-pat' --save=any"},
		{"/it's $HOME/git-credential-pat", "", `!'/it'\''s $HOME/git-credential-pat'`},
	} {
		got := helperValue(test.path, test.options)
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.path, got, test.want)
		}
	}
	for value, want := range map[string]string{
		"pat": "", "pat --save=any": "--save=any", "/x/git-credential-pat --store='a b'": "--store='a b'",
		"!'/my programs/git-credential-pat' --save=any": "--save=any",
	} {
		if got := options(value); got != want || !git.RunsPat(value) {
			t.Errorf("%s: got the options %q, want %q", value, got, want)
		}
	}
}

func TestWithoutOld(t *testing.T) {
	for _, test := range []struct {
		name          string
		values, https []string
		other         []string // without the reset
	}{
		{"nothing", nil, nil, nil},
		{"setup", []string{"", "pat"}, nil, []string{""}},
		{"with options", []string{"", "pat --save=any"}, nil, []string{""}},
		{"by hand", []string{"pat"}, nil, nil},
		{"after others", []string{"", "!gh", "", "pat"}, []string{"", "!gh"}, []string{"", "!gh", ""}},
		{"before others", []string{"", "pat", "store"}, []string{"store"}, []string{"", "store"}},
		{"another program", []string{"", "patience", "/usr/bin/git-credential-pat"}, []string{"", "patience", "/usr/bin/git-credential-pat"}, []string{"", "patience", "/usr/bin/git-credential-pat"}},
		{"twice", []string{"", "pat", "", "pat"}, nil, []string{"", ""}},
	} {
		if got := withoutOld(test.values, true); !slices.Equal(got, test.https) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.https)
		}
		if got := withoutOld(test.values, false); !slices.Equal(got, test.other) {
			t.Errorf("%s, no empty value: got %q, want %q", test.name, got, test.other)
		}
	}
}
