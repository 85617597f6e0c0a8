//go:build linux

package e2e

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// What is pasted is shown to GitHub. A token that GitHub rejects is not kept, and never
// replaces another one.
func TestTerminalAddChecked(t *testing.T) {
	t.Parallel()
	p, server := newPersonOnline(t)
	good := issue(t, server, githubtest.Token{Expires: time.Now().Add(240 * time.Hour)})
	bad := issue(t, server, githubtest.Token{})
	if err := server.Revoke(bad); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		paste  string
		status int
		said   string
		holds  string
	}{
		{bad, 1, "github.com rejects this token (the token is wrong, expired, deleted or revoked), so it is removed again\n", ""},
		{good, 0, "github.com accepted the token; it belongs to \"alice\"\n", good},
		{bad, 1, "github.com rejects this token (the token is wrong, expired, deleted or revoked), so the old token \"laptop\" stays\n", good},
		{good, 0, "github.com accepted the token; it belongs to \"alice\"\n", good},
	} {
		before := p.everything()
		s := p.start(nil, "git-pat", "add", "acme", "--store", "file", "--name", "laptop")
		s.promptedInTheDark(tokenPrompt)
		s.types(test.paste + "\n")
		if status := s.ends(); status.ExitStatus() != test.status || !strings.Contains(s.errOut.String(), "git pat: "+test.said) {
			t.Errorf("exit status %d, %q, want %d and %q", status.ExitStatus(), &s.errOut, test.status, test.said)
		}
		s.hides(good, bad)
		if got := p.token(); got != test.holds {
			t.Errorf("after %q another token answers, of %d bytes", test.said, len(got))
		}
		if got := p.everything(); test.paste == bad && got != before {
			t.Errorf("after %q something was changed", test.said)
		}
		p.isTidy()
	}
}

// A second token for a target replaces the first one only after a question.
func TestTerminalAddSecond(t *testing.T) {
	t.Parallel()
	const question = `Replace the token "fine-grained" for github.com/acme? [y/N] `
	for _, test := range []struct {
		name    string
		args    []string
		typed   string // after the question; nothing if it is not asked
		status  int
		said    string
		answers string // for acme: old, fresh, or nothing
		held    string
	}{
		{"y", nil, "y\n", 0, `git pat: replaced the fine-grained token "fine-grained" `, "fresh", "fresh"},
		{"n", nil, "n\n", 0, `git pat: the token "fine-grained" fits github.com/acme equally well, so neither answers, unless the URL names a login` + "\nhint: to use it only for its repositories, or ", "", "old fresh"},
		{"nothing", nil, "\n", 0, `git pat: added the fine-grained token "fine-grained-2" `, "", "old fresh"},
		{"Ctrl-D", nil, "\x04", 1, "git pat: cancelled; nothing was changed\n", "old", "old"},
		{"Ctrl-C", nil, "\x03", -1, "", "old", "old fresh"},
		{"its name", []string{"--name", "fine-grained"}, "y\n", 0, `git pat: replaced the fine-grained token "fine-grained" `, "fresh", "fresh"},
		{"its name, n", []string{"--name", "fine-grained"}, "n\n", 0, `git pat: added the fine-grained token "fine-grained-2" `, "", "old fresh"},
		{"its name, offline", []string{"--name", "fine-grained", "--offline"}, "y\n", 0, `git pat: replaced the fine-grained token "fine-grained" `, "fresh", "fresh"},
		{"--replace", []string{"--replace"}, "", 0, `git pat: replaced the fine-grained token "fine-grained" `, "fresh", "fresh"},
		{"--replace, offline", []string{"--replace", "--offline"}, "", 0, `git pat: replaced the fine-grained token "fine-grained" `, "fresh", "fresh"},
		{"other repositories", []string{"acme/gadgets"}, "", 0, `git pat: added the fine-grained token "fine-grained-2" `, "old", "old fresh"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			old, fresh := issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{})
			p.pat(old+"\n", "add", "acme", "--with-token", "--store", "file")
			args, prompt := append([]string{"add", "acme"}, test.args...), tokenPrompt
			if test.name == "other repositories" {
				args, prompt = []string{"add", "acme/gizmos", "acme/gadgets"}, "Token for github.com/acme/{gizmos,gadgets} (it is not shown): "
			}
			s := p.start(nil, "git-pat", args...)
			s.promptedInTheDark(prompt)
			s.types(fresh + "\n")
			if test.typed != "" {
				s.until("the question", func() bool { return strings.Contains(s.screen(), question) })
				if got := p.token(); got != old {
					t.Error("the old one does not answer meanwhile")
				}
				s.types(test.typed)
			}
			if status := s.ends(); status.ExitStatus() != test.status || !strings.Contains(s.errOut.String(), test.said) {
				t.Errorf("exit status %d, said %q, want %d and %q", status.ExitStatus(), &s.errOut, test.status, test.said)
			}
			s.hides(old, fresh)
			secrets := map[string]string{"old": old, "fresh": fresh}
			if got := p.token(); got != secrets[test.answers] {
				t.Errorf("another token answers, of %d bytes", len(got))
			}
			for name, secret := range secrets {
				if strings.Contains(p.everything(), secret) != strings.Contains(test.held, name) {
					t.Errorf("the %s token is stored: %v", name, !strings.Contains(test.held, name))
				}
			}
		})
	}
}

// A pasted token is stored before GitHub is asked about it.
func TestTerminalAddKilled(t *testing.T) {
	t.Parallel()
	for _, kill := range []string{"Ctrl-C", "SIGKILL"} {
		for _, has := range []string{"", "old"} {
			t.Run(strings.TrimSuffix(kill+" beside "+has, " beside "), func(t *testing.T) {
				t.Parallel()
				p, server := newPersonOnline(t)
				old, fresh := issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{})
				want := fresh
				if has != "" {
					want = old
					p.pat(old+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
				}
				held, release := server.Hold("api.github.com", "/user")
				defer release()
				args := []string{"add", "acme", "--store", "file", "--name", "laptop", "--no-browser"}
				s := p.start(nil, "git-pat", args...)
				s.promptedInTheDark(tokenPrompt)
				s.types(fresh + "\n")
				<-held
				if kill == "Ctrl-C" {
					s.types("\x03")
				} else {
					s.cmd.Process.Kill()
				}
				if status := s.ends(); !status.Signaled() {
					t.Errorf("ended by %v", status)
				}
				release()
				if got := p.token(); got != want || !strings.Contains(p.everything(), fresh) {
					t.Errorf("a token of %d bytes answers", len(got))
				}
				p.isTidy()

				// Once more, it works.
				s = p.start(nil, "git-pat", args...)
				s.promptedInTheDark(tokenPrompt)
				s.types(fresh + "\n")
				said := " is there already, "
				if has != "" {
					s.until("the question", func() bool { return strings.Contains(s.screen(), "Replace the token ") })
					s.types("y\n")
					said = "replaced the fine-grained token \"laptop\" "
				}
				if status := s.ends(); status.ExitStatus() != 0 || !strings.Contains(s.errOut.String(), said) || p.token() != fresh {
					t.Errorf("once more: ended by %v: %s", status, &s.errOut)
				}
				if got := p.pat("", "list"); strings.Count(got, "github.com/acme") != 1 {
					t.Errorf("once more: got\n%s", got)
				}
				p.isTidy()
			})
		}
	}
}

// A token that is mistyped or cut is asked for again.
func TestTerminalAddChecksum(t *testing.T) {
	t.Parallel()
	p, server := newPersonOnline(t)
	good := issue(t, server, githubtest.Token{})
	bad := good[:len(good)-20]
	for _, test := range []struct {
		pastes []string
		status int
		said   string
		holds  string
	}{
		{[]string{bad, bad, bad}, 1, "git pat: the checksum of this token is wrong, so it is mistyped or incomplete; nothing was changed\nhint: copy the whole token again\n", ""},
		{[]string{bad, bad, good}, 0, "git pat: the checksum of this token is wrong, so it is mistyped or incomplete; copy the whole token and paste it again\n", good},
	} {
		s := p.start(nil, "git-pat", "add", "acme", "--store", "file")
		for i, paste := range test.pastes {
			s.until("the question", func() bool { return strings.Count(s.screen(), tokenPrompt) > i && !s.echoes() })
			s.types(paste + "\n")
		}
		if status := s.ends(); status.ExitStatus() != test.status || !strings.Contains(s.errOut.String(), test.said) {
			t.Errorf("exit status %d, %q, want %d and %q", status.ExitStatus(), &s.errOut, test.status, test.said)
		}
		if got := p.token(); got != test.holds {
			t.Errorf("a token of %d bytes answers", len(got))
		}
		s.hides(good, bad)
	}
}

// What a token cannot do and need not do is not said.
func TestTerminalAddToRead(t *testing.T) {
	t.Parallel()
	p, server := newPersonOnline(t)
	if _, err := server.AddRepository(githubtest.Repository{Owner: "acme", Name: "widgets", Private: true}); err != nil {
		t.Fatal(err)
	}
	for _, access := range []string{"read", "write"} {
		s := p.start(nil, "git-pat", "add", "acme", "--store", "file", "--access", access)
		s.promptedInTheDark(tokenPrompt)
		s.types(issue(t, server, githubtest.Token{}) + "\n")
		s.ends()
		said := strings.Contains(s.errOut.String(), "the token may fetch from acme/widgets, but not push to it")
		if said != (access == "write") || !strings.Contains(s.errOut.String(), "contents="+access+"&") {
			t.Errorf("%s: said %q", access, &s.errOut)
		}
	}
}

// The date that a person gives stays, unless GitHub names another one.
func TestTerminalAddExpiry(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		expires time.Duration // by GitHub
		said    string
		listed  string
	}{
		{"GitHub names none", 0, "git pat: it expires in 90 days\n", " in 90 days "},
		{"GitHub names another", 30 * 24 * time.Hour, " as you said; the date of github.com is recorded\n", " in 30 days "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			token := githubtest.Token{}
			if test.expires > 0 {
				token.Expires = time.Now().Add(test.expires)
			}
			s := p.start(nil, "git-pat", "add", "acme", "--store", "file", "--expires", "90d")
			s.promptedInTheDark(tokenPrompt)
			s.types(issue(t, server, token) + "\n")
			if status := s.ends(); status.ExitStatus() != 0 || !strings.Contains(s.errOut.String(), test.said) || !strings.Contains(s.errOut.String(), "expires_in=90&") {
				t.Errorf("exit status %d, %q, want %q", status.ExitStatus(), &s.errOut, test.said)
			}
			run(t, p.program("", "git-pat", "verify", "acme"))
			if got := p.pat("", "list"); !strings.Contains(got, test.listed) {
				t.Errorf("got %s, want %q", got, test.listed)
			}
		})
	}
}

// For another host no page of GitHub is shown, and the login is asked for.
func TestTerminalAddElsewhere(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	for _, test := range []struct {
		login, want string
		status      int
	}{{"bob", "username=bob\n", 0}, {"", "username=x-access-token\n", 0}, {"bob@example.com", "", 2}} {
		s := p.start(nil, "git-pat", "add", "forge.example", "--store", "file")
		s.promptedInTheDark("Token for forge.example (it is not shown): ")
		s.types("pass word\n")
		const question = "Login for forge.example (empty if it needs none): "
		s.until("the question", func() bool { return strings.Contains(s.screen(), question) })
		s.types(test.login + "\n")
		if status := s.ends(); status.ExitStatus() != test.status || strings.Contains(s.errOut.String(), "https://") {
			t.Errorf("%q: exit status %d: %s", test.login, status.ExitStatus(), &s.errOut)
		}
		got := run(t, p.program("protocol=https\nhost=forge.example\npath=a\n", "git-credential-pat", "get")).out
		if !strings.Contains(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.login, got, test.want)
		}
		if test.status == 0 {
			p.pat("", "remove", "forge.example", "--yes")
		} else if got != "" {
			t.Errorf("%q: got %q", test.login, got)
		}
	}
}

// The browser does not open unannounced.
func TestTerminalBrowser(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	p.write("xdg-open", "#!/bin/sh\necho \"$1\" >>\""+p.home+"/opened\"\n", 0o700)
	p.env = append(p.env, "DISPLAY=:0", "PATH="+p.home+string(os.PathListSeparator)+programs+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, test := range []struct {
		args   []string
		opened bool
	}{{[]string{"--no-browser"}, false}, {nil, true}} {
		s := p.start(nil, "git-pat", append([]string{"add", "acme", "--store", "file"}, test.args...)...)
		s.promptedInTheDark(tokenPrompt)
		s.types("\x04")
		s.ends()
		_, err := os.Stat(p.home + "/opened")
		said := strings.Contains(s.errOut.String(), "git pat: opening the page in your browser; --no-browser prevents that\n")
		if (err == nil) != test.opened || said != test.opened {
			t.Errorf("%v: opened %v, said %v: %s", test.args, err == nil, said, &s.errOut)
		}
	}
}

// What a new token cannot do is said with the name that it is kept under.
func TestTerminalAddNamed(t *testing.T) {
	t.Parallel()
	p, server := newPersonOnline(t)
	if _, err := server.AddRepository(githubtest.Repository{Owner: "acme", Name: "widgets", Private: true}); err != nil {
		t.Fatal(err)
	}
	secret := issue(t, server, githubtest.Token{Repositories: []string{}})
	s := p.start(nil, "git-pat", "add", "acme/widgets", "--store", "file")
	s.promptedInTheDark("Token for github.com/acme/widgets (it is not shown): ")
	s.types(secret + "\n")
	if status := s.ends(); status.ExitStatus() != 0 || !strings.Contains(s.errOut.String(), `git pat: "fine-grained" for github.com/acme/widgets: the token does not have acme/widgets: `) {
		t.Errorf("exit status %d, %q", status.ExitStatus(), &s.errOut)
	}
}
