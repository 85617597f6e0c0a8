// Demo shows the main job with the real Git: three owners on one host, each
// with its own token. Run it with make demo. It runs demo.sh in a temporary
// home, with a server on this machine in place of github.com. At the end it
// checks that each repository got its owner's token and no other.
package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

//go:embed demo.sh
var script string

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: demo FOLDER, the folder of the two programs")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
	fmt.Println("ok: each repository got its owner's token, and nothing printed a token")
}

func run(programs string) error {
	programs, err := filepath.Abs(programs)
	if err != nil {
		return err
	}
	home, err := os.MkdirTemp("", "git-pat-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	serverDir := filepath.Join(home, ".server")
	if err := os.Mkdir(serverDir, 0o700); err != nil {
		return err
	}
	server, err := githubtest.NewServer(serverDir)
	if err != nil {
		return err
	}
	defer server.Close()
	var secrets []string
	for owner, name := range map[string]string{"acme": "widgets", "globex": "reactor", "initech": "tps"} {
		_, failed := server.AddRepository(githubtest.Repository{Owner: owner, Name: name, Private: true})
		secret, err := server.AddToken(githubtest.Token{ID: owner, Kind: githubtest.FineGrained, Login: "you", Owner: owner, Write: true})
		written := os.WriteFile(filepath.Join(home, owner+".token"), []byte(secret), 0o600)
		if err := errors.Join(failed, err, written); err != nil {
			return err
		}
		secrets = append(secrets, secret)
	}
	var shown bytes.Buffer
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = home
	cmd.Env = append(server.Env(),
		"HOME="+home,
		"PATH="+programs+string(filepath.ListSeparator)+os.Getenv("PATH"),
		"GIT_CONFIG_GLOBAL="+filepath.Join(home, ".gitconfig"),
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=You", "GIT_AUTHOR_EMAIL=you@example.com",
		"GIT_COMMITTER_NAME=You", "GIT_COMMITTER_EMAIL=you@example.com",
		"DBUS_SESSION_BUS_ADDRESS=unix:path="+filepath.Join(home, "no-bus"), // no keyring
		"LC_ALL=C", "TERM="+os.Getenv("TERM"),
	)
	both := io.MultiWriter(os.Stdout, &shown)
	cmd.Stdout, cmd.Stderr = both, both
	if err := cmd.Run(); err != nil {
		return err
	}
	for _, r := range server.Requests() {
		owner, _, _ := strings.Cut(strings.TrimPrefix(r.Path, "/"), "/")
		if r.Host != "github.com" || r.Token != "" && r.Token != owner {
			return fmt.Errorf("%s got the token %q for %s", r.Host, r.Token, r.Path)
		}
	}
	if len(server.SecretsSeenBy("github.com")) != len(secrets) {
		return errors.New("a token was not used")
	}
	for _, secret := range secrets {
		if strings.Contains(shown.String(), secret) {
			return errors.New("a token was printed")
		}
	}
	return nil
}
