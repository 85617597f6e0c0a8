package e2e

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// Git pat explain makes the decision that the helper makes: for each request of
// the corpus that a URL can ask, the helper is given what explain says Git would
// send, and both name the same token, or the same reason for none.
func TestCorpusExplained(t *testing.T) {
	folders := &corpusFolders{parent: t.TempDir(), prepared: map[string]func() (string, error){}}
	var compared, answered atomic.Int64
	t.Run("case", func(t *testing.T) {
		for _, c := range readCorpus(t) {
			address, ok := c.url()
			if !ok {
				continue
			}
			t.Run(c.ID, func(t *testing.T) {
				t.Parallel()
				if name := c.explained(t, folders, address); name != "" {
					answered.Add(1)
				}
				compared.Add(1)
			})
		}
	})
	t.Logf("%d cases compared, %d of them with an answer", compared.Load(), answered.Load())
	if compared.Load() < 200 || answered.Load() < 50 {
		t.Error("that is not the corpus")
	}
}

// url returns the URL that asks what a case does, if one can.
func (c corpusCase) url() (string, bool) {
	if c.Action != "get" || c.Stdin == "" || c.StdinB64 != "" || c.StdinGen != nil || c.Stdout != "" {
		return "", false
	}
	values := map[string]string{}
	for line := range strings.Lines(c.Stdin) {
		key, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		values[key] = value
	}
	if values["protocol"] == "" || values["host"] == "" {
		return "", false
	}
	address := values["protocol"] + "://"
	if user := values["username"]; user != "" {
		address += url.PathEscape(user) + "@"
	}
	address += values["host"]
	for segment := range strings.SplitSeq(values["path"], "/") {
		address += "/" + url.PathEscape(segment)
	}
	return address, !strings.ContainsRune(address, 0) // which no argument can hold
}

// explained compares and returns the name of the token that answers, if any.
func (c corpusCase) explained(t *testing.T, folders *corpusFolders, address string) string {
	home, work := t.TempDir(), t.TempDir()
	dir := filepath.Join(home, "tokens")
	folders.copy(t, c, dir)
	config := "[credential]\n\thelper =\n\thelper = pat\n\tuseHttpPath = true\n"
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	env := append(environment(home), "GIT_PAT_DIR="+dir)
	for name, value := range c.Env {
		if name != "PATH" {
			env = append(env, name+"="+value)
		}
	}
	run := func(in, program string, args ...string) (out, errOut string, status int) {
		t.Helper()
		var stdout, stderr strings.Builder
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Env, cmd.Dir, cmd.Stdin = env, work, strings.NewReader(in)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
	}
	out, errOut, status := run("", filepath.Join(programs, "git-pat"), "explain", "--json", "--", address)
	for _, token := range c.Stored {
		if shape := leaked(out+errOut, token.Token); shape != "" {
			t.Fatalf("LEAK: explain printed a token, as %q", shape)
		}
	}
	if out == "" {
		// It is no URL to Git, or one about which it asks nobody.
		if got, _, _ := run("url="+address+"\n\n", "git", "credential", "fill"); status == 0 || strings.Contains(got, "password=") {
			t.Errorf("explain has no decision on %q: status %d, %q; Git has %q", address, status, errOut, got)
		}
		return ""
	}
	var e struct {
		Request struct{ Protocol, Host, Path, Username string }
		Outcome string
		Answers *int
		Why     string
		Tokens  []struct{ Name string }
	}
	if err := json.Unmarshal([]byte(out), &e); err != nil {
		t.Fatalf("%v: %q", err, out)
	}
	request := ""
	for _, attribute := range [][2]string{{"protocol", e.Request.Protocol}, {"host", e.Request.Host}, {"path", e.Request.Path}, {"username", e.Request.Username}} {
		if attribute[1] != "" {
			request += attribute[0] + "=" + attribute[1] + "\n"
		}
	}
	if parsed, err := url.Parse(address); err == nil && e.Outcome == "refused" {
		if password, has := parsed.User.Password(); has {
			// With one in the URL Git asks nobody.
			if got, _, _ := run("url="+address+"\n\n", "git", "credential", "fill"); !strings.Contains(got, "\npassword="+password+"\n") {
				t.Errorf("explain of %q: refused; Git has %q", address, got)
			}
			return ""
		}
	}
	answer, said, _ := run(request, filepath.Join(programs, "git-credential-pat"), "get")
	_, password, answers := strings.Cut("\n"+answer, "\npassword=")
	password, _, _ = strings.Cut(password, "\n")
	if answers != (e.Answers != nil) || answers != (e.Outcome == "answer") || answers != (status == 0) {
		t.Fatalf("explain of %q: status %d, %s; the helper's answer has a password: %v\n%s", address, status, e.Outcome, answers, said)
	}
	if !answers {
		if e.Outcome != "refused" && said != "" && !strings.HasPrefix(said, "git pat: "+e.Why) && !strings.Contains(said, ": "+e.Why) {
			t.Errorf("explain says %q, and the helper %q", e.Why, said)
		}
		return ""
	}
	name := e.Tokens[*e.Answers].Name
	number, err := strconv.Atoi(strings.TrimPrefix(name, "n"))
	if err != nil || number < 1 || number > len(c.Stored) {
		t.Fatalf("explain names the token %q", name)
	}
	if c.Stored[number-1].Token != password && c.Stored[number-1].Source == "" {
		t.Errorf("explain names %s, and the helper gives another", name)
	}
	return name
}
