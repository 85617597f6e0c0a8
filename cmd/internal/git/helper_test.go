package git

import "testing"

func TestHelperProgram(t *testing.T) {
	const ours = "git-credential-pat"
	for value, want := range map[string]string{
		"pat":                                        ours,
		"pat --save=any":                             ours,
		"!git-credential-pat":                        ours,
		"! git-credential-pat -x":                    ours,
		"!git credential-pat --x":                    ours,
		"/usr/bin/git-credential-pat":                ours,
		"!/usr/bin/git-credential-pat":               ours,
		"!'/my programs/git-credential-pat' --x":     ours,
		`!"C:/Program Files/git-credential-pat.exe"`: ours,
		"patience":                                   "git-credential-patience",
		"!pat":                                       "pat",
		"!/usr/bin/gh auth git-credential":           "gh",
		"!git credential-store":                      "git-credential-store",
		"!git":                                       "git-",
		"store --file='x/git-credential-pat'":        "git-credential-store",
		"osxkeychain":                                "git-credential-osxkeychain",
		"!f() { git-credential-pat; }; f":            "f()",
		"!":                                          "",
		"!'":                                         "",
	} {
		if got := HelperProgram(value); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}
