package remotes

import "testing"

func TestBeginning(t *testing.T) {
	for url, want := range map[string]string{
		"git@github.com:acme/widgets.git":          "git@github.com:",
		"git@github.com:/acme/widgets.git":         "git@github.com:/",
		"github.com:acme/a:b":                      "github.com:",
		"git@[::1]:acme/widgets":                   "git@[::1]:",
		"ssh://git@github.com/acme/widgets.git":    "ssh://git@github.com/",
		"ssh://git@ssh.github.com:443//acme/a":     "ssh://git@ssh.github.com:443//",
		"git+ssh://git@[::1]:22/acme/widgets":      "git+ssh://git@[::1]:22/",
		"http://github.com/acme/widgets":           "http://github.com/",
		"SSH://org-12345@GitHub.com:22/acme/a.git": "SSH://org-12345@GitHub.com:22/",
	} {
		if got := beginning(url); got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
}
