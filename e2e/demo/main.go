// Demo shows the main job with the real Git: three owners on one host, each
// with a token of its own. It is run by make demo, with the folder of the two
// programs as its argument.
//
// A server on this machine stands in for github.com, and the home is a new one
// that is gone afterwards. At its end the demo checks, with what the server
// saw, that each repository got its own token and no other.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: demo FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// repositories are those of the demo, by the owner whose token they need.
var repositories = map[string]string{"acme": "widgets", "globex": "reactor", "initech": "tps"}

type demo struct {
	out     io.Writer
	dir     string // the folder to work in
	environ []string
	secrets []string
	shown   bytes.Buffer // all that the programs printed
}

func run(programs string, out io.Writer) error {
	programs, err := filepath.Abs(programs)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "git-pat-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	serverDir, home, work := filepath.Join(temp, "server"), filepath.Join(temp, "home"), filepath.Join(temp, "work")
	for _, dir := range []string{serverDir, home, work} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	server, err := githubtest.NewServer(serverDir)
	if err != nil {
		return err
	}
	defer server.Close()

	d := &demo{out: out, dir: work, environ: append(environment(programs, home), server.Env()...)}
	owners := []string{"acme", "globex", "initech"}
	tokens := map[string]string{}
	for _, owner := range owners {
		if _, err := server.AddRepository(githubtest.Repository{Owner: owner, Name: repositories[owner], Private: true}); err != nil {
			return err
		}
		secret, err := server.AddToken(githubtest.Token{ID: owner, Kind: githubtest.FineGrained, Login: "you", Owner: owner, Write: true})
		if err != nil {
			return err
		}
		tokens[owner] = secret
		d.secrets = append(d.secrets, secret)
	}

	d.say("A server on this machine stands in for github.com. It has a private repository")
	d.say("of each of three owners, and you have a fine-grained token for each owner.")
	d.say("")
	err = errors.Join(
		d.git("", "pat", "setup"),
		d.git(tokens["acme"], "pat", "add", "acme", "--with-token"),
		d.git(tokens["globex"], "pat", "add", "globex", "--with-token"),
		d.git(tokens["initech"], "pat", "add", "initech", "--with-token"),
		d.git("", "clone", "https://github.com/acme/widgets.git"),
		d.git("", "clone", "https://github.com/globex/reactor.git"),
		d.git("", "clone", "https://github.com/initech/tps.git"),
		d.git("", "-C", "reactor", "commit", "--quiet", "--allow-empty", "--message", "hello"),
		d.git("", "-C", "reactor", "push", "origin", "HEAD"),
	)
	if err != nil {
		return err
	}
	d.say("Tokens do not work over SSH. Git does not ask for them there, but who does ask is")
	d.say("told the way:")
	d.say("")
	if err := d.git("url=ssh://git@github.com/acme/widgets.git\n", "credential", "fill"); err == nil {
		return errors.New("the SSH remote was not refused")
	}
	if err := d.git("", "pat", "list"); err != nil {
		return err
	}
	if err := d.check(server); err != nil {
		return fmt.Errorf("this is not as it should be: %w", err)
	}
	d.say("ok: each repository was served with its owner's token, and nothing printed a token")
	return nil
}

// environment is that of somebody who has just installed the programs, on a
// machine without a keyring.
func environment(programs, home string) []string {
	return []string{
		"HOME=" + home,
		"PATH=" + programs + string(filepath.ListSeparator) + os.Getenv("PATH"),
		"GIT_CONFIG_GLOBAL=" + filepath.Join(home, ".gitconfig"),
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=You", "GIT_AUTHOR_EMAIL=you@example.com",
		"GIT_COMMITTER_NAME=You", "GIT_COMMITTER_EMAIL=you@example.com",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(home, "no-bus"),
		"LC_ALL=C", "TERM=" + os.Getenv("TERM"),
	}
}

func (d *demo) say(line string) { fmt.Fprintln(d.out, line) }

// git runs a command of Git's, with the input given, and shows both.
func (d *demo) git(input string, args ...string) error {
	line := "git " + strings.Join(args, " ")
	switch {
	case slices.Contains(args, "--with-token"):
		line += " < token"
	case input != "":
		line = "echo " + strings.TrimSpace(input) + " | " + line
	}
	d.say("$ " + line)
	cmd := exec.Command("git", args...)
	cmd.Dir = d.dir
	cmd.Env = d.environ
	cmd.Stdin = strings.NewReader(input)
	both := io.MultiWriter(d.out, &d.shown)
	cmd.Stdout, cmd.Stderr = both, both
	err := cmd.Run()
	d.say("")
	if err != nil {
		return fmt.Errorf("%s: %w", line, err)
	}
	return nil
}

// check compares what was to happen with what the server saw.
func (d *demo) check(server *githubtest.Server) error {
	served := 0
	for _, r := range server.Requests() {
		owner, _, _ := strings.Cut(strings.TrimPrefix(r.Path, "/"), "/")
		switch {
		case r.Host != "github.com" || !r.TLS:
			return fmt.Errorf("a request to %s", r.Host)
		case r.Token != "" && r.Token != owner:
			return fmt.Errorf("the token for %s was sent for %s", r.Token, r.Path)
		case r.Token == owner && r.Status == 200:
			served++
		}
	}
	if served < len(repositories) {
		return fmt.Errorf("%d requests were let in", served)
	}
	for owner, name := range repositories {
		if _, err := os.Stat(filepath.Join(d.dir, name, "README.md")); err != nil {
			return fmt.Errorf("%s/%s was not cloned: %w", owner, name, err)
		}
	}
	pushed := exec.Command("git", "ls-remote", "https://github.com/globex/reactor.git", "HEAD")
	local := exec.Command("git", "-C", "reactor", "rev-parse", "HEAD")
	for _, cmd := range []*exec.Cmd{pushed, local} {
		cmd.Dir, cmd.Env = d.dir, d.environ
	}
	there, err := pushed.Output()
	if err != nil {
		return err
	}
	here, err := local.Output()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(there), strings.TrimSpace(string(here))) {
		return errors.New("the push did not arrive")
	}
	for _, secret := range d.secrets {
		if strings.Contains(d.shown.String(), secret) {
			return errors.New("a token was printed")
		}
	}
	return nil
}
