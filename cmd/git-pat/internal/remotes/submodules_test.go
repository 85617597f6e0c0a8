package remotes

import "testing"

func TestResolve(t *testing.T) {
	for _, test := range []struct{ from, url, want string }{
		{"https://github.com/acme/app.git", "../lib.git", "https://github.com/acme/lib.git"},
		{"https://github.com/acme/app.git/", "../../globex/lib/", "https://github.com/globex/lib"},
		{"git@github.com:acme/app.git", "../lib.git", "git@github.com:acme/lib.git"},
		{"git@github.com:acme/app.git", "../../globex/lib.git", "git@github.com:globex/lib.git"},
		{"git@github.com:app.git", "../lib.git", "git@github.com:lib.git"},
		{"https://github.com/acme/app.git", "./lib.git", "https://github.com/acme/app.git/lib.git"},
		{"https://github.com/acme/app.git", ".././lib.git", "https://github.com/acme/lib.git"},
		{"/srv/app", "../lib", "/srv/lib"},
		{".", "../lib", "lib"},
	} {
		if got := resolve(test.from, test.url); got != test.want {
			t.Errorf("%s from %s: got %q, want %q", test.url, test.from, got, test.want)
		}
	}
}
