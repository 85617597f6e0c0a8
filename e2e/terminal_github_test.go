//go:build linux

package e2e

import (
	"cmp"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// newPersonOnline is a person for whom githubtest is every host.
func newPersonOnline(t *testing.T) (*person, *githubtest.Server) {
	t.Helper()
	server, err := githubtest.NewServer(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	p := newPerson(t)
	p.env = append(p.env, server.Env()...)
	return p, server
}

// issue makes a fine-grained token of alice, for acme if no owner is given.
func issue(t *testing.T, server *githubtest.Server, token githubtest.Token) string {
	t.Helper()
	token.Kind, token.Owner, token.Login = githubtest.FineGrained, cmp.Or(token.Owner, "acme"), "alice"
	secret, err := server.AddToken(token)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func (s *session) hides(secrets ...string) {
	s.t.Helper()
	for _, secret := range secrets {
		if shape := leaked(s.screen()+s.out.String()+s.errOut.String(), secret); shape != "" {
			s.t.Errorf("a token was shown, as %q", shape)
		}
	}
}

const revokePrompt = "Revoke the old token at GitHub? It stops working for ever, wherever it is used. [y/N] "

func TestTerminalRotate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, typed string
		revoked     bool
	}{
		{"y", "y\n", true}, {"n", "n\n", false}, {"nothing", "\n", false}, {"Ctrl-C", "\x03", false}, {"Ctrl-D", "\x04", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			old, fresh := issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{})
			p.pat(old+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")

			// Whoever interrupts the paste has what they had.
			s := p.start(nil, "git-pat", "rotate", "acme")
			s.promptedInTheDark(tokenPrompt)
			s.types(fresh[:20] + "\x03")
			if status := s.ends(); !status.Signaled() || status.Signal() != syscall.SIGINT || p.token() != old {
				t.Errorf("ended by %v", status)
			}
			s.hides(old, fresh)

			s = p.start(nil, "git-pat", "rotate", "acme")
			s.promptedInTheDark(tokenPrompt)
			if p.token() != old {
				t.Error("the old one does not answer meanwhile")
			}
			s.types(fresh + "\n")
			s.until("the question", func() bool { return strings.Contains(s.screen(), revokePrompt) })
			s.types(test.typed)
			status := s.ends()
			switch cancelled := strings.HasSuffix(s.errOut.String(), "\ngit pat: cancelled; the old token was not revoked\n"); test.typed {
			case "\x03":
				if !status.Signaled() {
					t.Errorf("ended by %v: %s", status, &s.errOut)
				}
			case "\x04":
				if status.ExitStatus() != 1 || !cancelled {
					t.Errorf("ended by %v: %s", status, &s.errOut)
				}
			default:
				if status.ExitStatus() != 0 || cancelled {
					t.Errorf("ended by %v: %s", status, &s.errOut)
				}
			}
			s.hides(old, fresh)
			if p.token() != fresh {
				t.Error("the new one does not answer")
			}
			if server.Revoked(old) != test.revoked || server.Revoked(fresh) {
				t.Errorf("the old one is revoked: %v, want %v", server.Revoked(old), test.revoked)
			}
		})
	}
}

// A rotation that is killed while GitHub is asked loses nothing, and works afterwards.
func TestTerminalRotateKilled(t *testing.T) {
	t.Parallel()
	p, server := newPersonOnline(t)
	old, fresh := issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{})
	p.pat(old+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
	held, release := server.Hold("api.github.com", "/user")
	defer release()
	for range 2 {
		s := p.start(nil, "git-pat", "rotate", "acme")
		s.promptedInTheDark(tokenPrompt)
		s.types(fresh + "\n")
		<-held
		s.cmd.Process.Kill()
		s.ends()
		if p.token() != old || !strings.Contains(p.everything(), fresh) {
			t.Error("the old one does not answer, or the new one is lost")
		}
		p.isTidy()
	}
	release()
	s := p.start(nil, "git-pat", "rotate", "acme", "--keep-old")
	s.promptedInTheDark(tokenPrompt)
	s.types(fresh + "\n")
	if status := s.ends(); status.ExitStatus() != 0 || p.token() != fresh {
		t.Errorf("ended by %v: %s", status, &s.errOut)
	}
	if got := p.pat("", "list"); strings.Count(got, "github.com/acme") != 1 {
		t.Errorf("got\n%s", got)
	}
	p.isTidy()
}

// The new token has to reach what the old one reached, unless the person insists.
func TestTerminalRotateReach(t *testing.T) {
	t.Parallel()
	const question = "Replace the old token all the same? [y/N] "
	selected := []string{"widgets"}
	for _, test := range []struct {
		name  string
		fresh githubtest.Token
		said  string // nothing if it just replaces the old one
	}{
		{"as much", githubtest.Token{Write: true}, ""},
		{"another owner's", githubtest.Token{Owner: "globex", Write: true}, "the new token cannot fetch from acme/gadgets, and the old one can"},
		{"fewer repositories", githubtest.Token{Repositories: selected, Write: true}, "the new token cannot fetch from acme/gadgets, and the old one can"},
		{"for reading", githubtest.Token{}, "the new token cannot push to acme/gadgets, and the old one can"},
		{"not approved", githubtest.Token{Pending: true}, "the new token cannot fetch from acme/gadgets, and the old one can"},
	} {
		for _, how := range []string{"y", "n", "Ctrl-D", "pipe", "force"} {
			t.Run(test.name+" "+how, func(t *testing.T) {
				t.Parallel()
				p, server := newPersonOnline(t)
				for _, path := range []string{"acme/gadgets", "acme/widgets", "globex/reactor"} {
					owner, name, _ := strings.Cut(path, "/")
					if _, err := server.AddRepository(githubtest.Repository{Owner: owner, Name: name, Private: true}); err != nil {
						t.Fatal(err)
					}
				}
				old, fresh := issue(t, server, githubtest.Token{Write: true}), issue(t, server, test.fresh)
				p.pat(old+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
				before, stays := p.everything(), test.said != "" && how != "y" && how != "force"
				said, status := test.said, 0
				if stays {
					status = 1
				}
				switch how {
				case "pipe", "force":
					args := []string{"rotate", "acme", "--with-token"}
					if how == "force" {
						args = append(args, "--force")
					}
					got := run(t, p.program(fresh+"\n", "git-pat", args...))
					if stays {
						said += ", so the old token \"laptop\" stays\nhint: to replace it all the same, add --force\n"
					}
					if got.status != status || !strings.Contains(got.errOut, said) {
						t.Errorf("exit status %d, said %q, want %d and %q", got.status, got.errOut, status, said)
					}
				default:
					s := p.start(nil, "git-pat", "rotate", "acme", "--keep-old")
					s.promptedInTheDark(tokenPrompt)
					s.types(fresh + "\n")
					if test.said != "" {
						s.until("the question", func() bool { return strings.Contains(s.screen(), question) })
						if p.token() != old {
							t.Error("the old one does not answer meanwhile")
						}
						s.types(map[string]string{"y": "y\n", "n": "n\n", "Ctrl-D": "\x04"}[how])
					}
					if ended := s.ends(); ended.ExitStatus() != status || !strings.Contains(s.errOut.String(), said) {
						t.Errorf("ended by %v, said %q, want %d and %q", ended, &s.errOut, status, said)
					}
					s.hides(old, fresh)
				}
				want := fresh
				if stays {
					want = old
				}
				if p.token() != want || stays && p.everything() != before {
					t.Error("another token answers, or something was changed")
				}
				p.isTidy()
			})
		}
	}
}

func TestTerminalRevoke(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, typed string
		revoked     bool
	}{
		{"its name", "laptop\n", true}, {"another", "desktop\n", false}, {"y", "y\n", false}, {"nothing", "\n", false}, {"Ctrl-C", "\x03", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			token := issue(t, server, githubtest.Token{})
			p.pat(token+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
			s := p.start(nil, "git-pat", "revoke", "acme")
			const question = "Type the name of the token, laptop, to revoke it: "
			s.until("the question", func() bool { return strings.Contains(s.screen(), question) })
			s.types(test.typed)
			status := s.ends()
			if !strings.Contains(s.errOut.String(), "GitHub mails its owner, and deletes deploy keys") {
				t.Errorf("said only %q", &s.errOut)
			}
			s.hides(token)
			if server.Revoked(token) != test.revoked || (p.token() == "") != test.revoked {
				t.Errorf("it is revoked: %v, want %v; ended by %v", server.Revoked(token), test.revoked, status)
			}
			if test.revoked != (status.Exited() && status.ExitStatus() == 0) {
				t.Errorf("ended by %v: %s", status, &s.errOut)
			}
		})
	}
}

// What takes long is named while it lasts.
func TestTerminalWaiting(t *testing.T) {
	t.Parallel()
	p, server := newPersonOnline(t)
	p.env = append(p.env, "TERM=xterm")
	held, release := server.Hold("api.github.com", "/user")
	defer release()
	s := p.start(func(cmd *exec.Cmd, tty *os.File) { cmd.Stderr = tty }, "git-pat", "add", "acme", "--store", "file", "--no-browser")
	s.promptedInTheDark(tokenPrompt)
	s.types(issue(t, server, githubtest.Token{}) + "\n")
	<-held
	s.until("what is waited for", func() bool { return strings.HasSuffix(s.screen(), "\r\x1b[Kasking github.com ...") })
	release()
	s.ends()
	if !strings.Contains(s.screen(), "asking github.com ...\r\x1b[Kgit pat: ") {
		t.Errorf("the line stays: %q", s.screen())
	}
}

// An address is a link where the terminal shows those, and nowhere else.
func TestTerminalLink(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, term string
		terminal   bool
		want       bool
	}{
		{"a terminal", "xterm", true, true}, {"a dumb one", "dumb", true, false}, {"a pipe", "xterm", false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			p.env = append(p.env, "TERM="+test.term)
			args := []string{"add", "acme", "--store", "file", "--offline", "--no-browser", "--expires", "90d"}
			var s *session
			if test.terminal {
				s = p.start(func(cmd *exec.Cmd, tty *os.File) { cmd.Stderr = tty }, "git-pat", args...)
			} else {
				s = p.start(nil, "git-pat", args...)
			}
			s.promptedInTheDark(tokenPrompt)
			s.types("\x03")
			s.ends()
			all := s.screen() + s.errOut.String()
			if got := strings.Contains(all, "\x1b[?2004h"); got != (test.term != "dumb") {
				t.Errorf("marks around what is pasted: %v", got)
			}
			if got := strings.Contains(all, "\x1b]8;;https://github.com/settings/"); got != test.want {
				t.Errorf("a link: %v, want %v", got, test.want)
			}
			if !strings.Contains(all, "expires_in=90") {
				t.Error("the page has no expiry")
			}
		})
	}
}
