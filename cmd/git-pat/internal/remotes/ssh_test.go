package remotes

import "testing"

func TestSSHHostOf(t *testing.T) {
	for url, want := range map[string]string{
		"git@Work:acme/widgets": "Work", "Work:acme/a@b": "Work", "ssh://git@Work:22/acme": "Work", "ssh://Work/a@b": "Work",
		"ssh://git@Work": "Work", "work@Work:acme": "Work", "git@[::1]:acme": "[",
	} {
		if got := sshHostOf(url); got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
}

// What ssh makes of a host is asked once, and never of what could be an option.
func TestSSHHost(t *testing.T) {
	s := &SSH{known: map[string]string{"Known": "github.com"}}
	t.Setenv("PATH", t.TempDir())
	for _, test := range []struct{ host, url, want string }{
		{"known", "git@Known:acme/a", "github.com"},
		{"known", "git@known:acme/a", "known"}, // another one to ssh_config
		{"-v", "git@-v:acme/a", "-v"},
		{"github.com", "git@github.com:acme/a", "github.com"},
		{"[::1]", "git@[::1]:acme/a", "[::1]"},
	} {
		if got := s.host(t.Context(), test.host, test.url); got != test.want {
			t.Errorf("%s: got %q, want %q", test.url, got, test.want)
		}
	}
	if len(s.known) != 2 || s.known["known"] != "known" {
		t.Errorf("remembered %v", s.known)
	}
}
