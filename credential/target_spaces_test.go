package credential

import (
	"errors"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// What String shows is what a person types again, also where names have spaces.
func TestParseTargetWithSpaces(t *testing.T) {
	for _, test := range []struct {
		text string
		f    forge.Forge
		want string // "" for an error
	}{
		{"dev.azure.com/acme/my project", forge.Azure, "dev.azure.com/acme/my project"},
		{"  dev.azure.com/Acme/My Project/_git/Repo One\n", forge.Azure, "dev.azure.com/acme/my project/_git/repo one"},
		{"dev.azure.com/acme/{a b,c d}", forge.Azure, "dev.azure.com/acme/{a b,c d}"},
		{"dev.azure.com/acme/My%20Project", forge.Azure, "dev.azure.com/acme/my project"},
		{"dev.azure.com/acme/My%20Project/_git/Repo%20One?path=/x", forge.Azure, "dev.azure.com/acme/my project/_git/repo one"},
		{"acme.visualstudio.com/My%20Project", forge.Azure, "dev.azure.com/acme/my project"},
		{"https://dev.azure.com/acme/My%20Project", forge.Azure, "dev.azure.com/acme/my project"},
		{"tfs.example.com/tfs/C/my project", forge.Azure, "tfs.example.com/tfs/c/my project"},
		{"git.example.com:8443/team/a b.git", forge.Other, "git.example.com:8443/team/a b"},
		{"git.example.com/team/100%", forge.Other, "git.example.com/team/100%"},
		{"git.example.com/team/a%20b", forge.Other, "git.example.com/team/a%20b"}, // may be its name
		{"dev.azure.com/acme/my%2520project", forge.Azure, ""},
		{"dev.azure.com/acme/a%0ab", forge.Azure, ""},
		{"dev.azure.com/acme/a%5cb", forge.Azure, ""},
		{"dev.azure.com/acme/%zz", forge.Azure, ""},
		{"dev.azure.com/acme/ project", forge.Azure, ""},
		{"github.com/acme/wid gets", forge.GitHub, ""},
		{"gitlab.example.com/acme/a b", forge.GitLab, ""},
		{"bb.example.com/proj/a b", forge.Bitbucket, ""},
		{"git.example.com/acme/a b", forge.Gitea, ""},
	} {
		target, err := ParseTarget(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		got, err := target.On(test.f)
		if test.want == "" {
			if !errors.Is(err, ErrPath) {
				t.Errorf("%q: got %q and %v, want ErrPath", test.text, got, err)
			}
			continue
		}
		if err != nil || got.String() != test.want {
			t.Errorf("%q: got %q and %v, want %q", test.text, got, err, test.want)
		}
		back, err := ParseTarget(got.Short())
		if err == nil {
			back, err = back.On(test.f)
		}
		if err != nil || !back.Equal(got) {
			t.Errorf("%q: %q was read as %q and %v", test.text, got, back, err)
		}
	}
}
