package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A corpusCase is one line of testdata/adversarial.jsonl: a request that means
// harm, or is only odd, and what the helper is to make of it. Those whose id
// begins with own- are not of the shared corpus.
type corpusCase struct {
	ID       string            `json:"id"`
	Why      string            `json:"why"`
	Note     string            `json:"note"`
	Action   string            `json:"action"` // the operation
	Stdin    string            `json:"stdin"`
	StdinB64 string            `json:"stdin_b64"` // in place of stdin, for bytes that are no text
	StdinGen *corpusInput      `json:"stdin_gen"` // in place of stdin, for what is long or slow
	Stored   []corpusToken     `json:"stored"`
	Env      map[string]string `json:"env"`
	Stdout   string            `json:"stdout"` // a file in the place of standard output

	// Expect is "token:ID", "no-credential", "quit" or "error"; see judge.
	Expect string   `json:"expect"`
	After  []string `json:"after"` // ids of tokens that must still answer afterwards
	Gone   []string `json:"gone"`  // ids of tokens that must not any more; own cases only
}

type corpusInput struct {
	Prefix   string `json:"prefix"`
	Unit     string `json:"unit"`
	Times    int    `json:"times"` // -1: until nobody reads any more
	Suffix   string `json:"suffix"`
	HoldOpen int    `json:"hold_open_s"`
}

type corpusToken struct {
	ID       string `json:"id"`
	Host     string `json:"host"`
	Owner    string `json:"owner"`
	Repo     string `json:"repo"`
	Kind     string `json:"kind"`
	Token    string `json:"token"`
	Username string `json:"username"`
	Expires  string `json:"expires"`
	Source   string `json:"source"` // "env:VAR", or nothing for the file store
}

func readCorpus(t *testing.T) []corpusCase {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "adversarial.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []corpusCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c corpusCase
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.DisallowUnknownFields() // a field that is not tested must not pass unseen
		if err := decoder.Decode(&c); err != nil {
			t.Fatalf("line %d: %v", len(cases)+1, err)
		}
		if slices.ContainsFunc(cases, func(d corpusCase) bool { return d.ID == c.ID }) {
			t.Fatalf("line %d: a second %s", len(cases)+1, c.ID)
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestCorpus(t *testing.T) {
	cases := readCorpus(t)
	folders := &corpusFolders{parent: t.TempDir(), prepared: map[string]func() (string, error){}}
	t.Run("case", func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.ID, func(t *testing.T) {
				t.Parallel()
				problems := c.play(t, folders)
				if len(problems) > 0 {
					t.Errorf("%s: %s\n%s", c.Why, c.Note, strings.Join(problems, "\n"))
				}
			})
		}
	})
}

// play runs a case and returns in what its outcome is not the expected one.
// What is worse, a token where none belongs, ends the test.
func (c corpusCase) play(t *testing.T, folders *corpusFolders) (problems []string) {
	home := t.TempDir()
	dir := filepath.Join(home, "tokens")
	folders.copy(t, c, dir)
	env := append(environment(home), "GIT_PAT_DIR="+dir)

	// What is harmless with a sound helper is there for all cases: traces,
	// and a PATH that begins with a folder of somebody else.
	env = append(env, "PATH=."+string(filepath.ListSeparator)+os.Getenv("PATH"), "GODEBUG=http2debug=2,netdns=2", "GOTRACEBACK=crash")
	env = append(env, gitTraces...)
	for name, value := range c.Env {
		env = append(env, name+"="+value)
	}
	work, mark := t.TempDir(), filepath.Join(t.TempDir(), "mark")
	makeDecoys(t, work, mark)

	r := c.run(t, env, work)
	problems = c.judge(t, r)
	for _, id := range c.After {
		token := c.token(t, id)
		after := corpusCase{ID: c.ID + ", then get", Action: "get", Stdin: token.request(), Stored: c.Stored, Env: c.Env, Expect: "token:" + id}
		for _, p := range after.judge(t, after.run(t, env, work)) {
			problems = append(problems, "afterwards "+id+": "+p)
		}
	}
	for _, id := range c.Gone {
		token := c.token(t, id)
		after := corpusCase{ID: c.ID + ", then get", Action: "get", Stdin: token.request(), Stored: c.Stored, Env: c.Env, Expect: "no-credential"}
		for _, p := range after.judge(t, after.run(t, env, work)) {
			problems = append(problems, "afterwards, without "+id+": "+p)
		}
	}
	if ran, err := os.ReadFile(mark); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("a program in the working folder was run: %q, %v", ran, err)
	}
	return problems
}

// gitTraces switches on all that Git can say about what it does.
var gitTraces = []string{
	"GIT_TRACE=1", "GIT_TRACE2=1", "GIT_TRACE2_EVENT=1", "GIT_TRACE2_PERF=1", "GIT_TRACE_CURL=1", "GIT_CURL_VERBOSE=1",
	"GIT_TRACE_PACKET=1", "GIT_TRACE_PACK_ACCESS=1", "GIT_TRACE_PERFORMANCE=1", "GIT_TRACE_REFS=1", "GIT_TRACE_SETUP=1",
	"GIT_TRACE_SHALLOW=1", "GIT_TRACE_FSMONITOR=1", "GIT_TRANSFER_TRACE=1",
}

func (c corpusCase) token(t *testing.T, id string) corpusToken {
	for _, token := range c.Stored {
		if token.ID == id {
			return token
		}
	}
	t.Fatalf("%s names a token %s that is not there", c.ID, id)
	panic("unreachable")
}

// corpusFolders has the folders that git pat add makes, one for each list of
// tokens: most of the cases have the same.
type corpusFolders struct {
	parent   string
	mu       sync.Mutex
	prepared map[string]func() (string, error)
}

// copy makes a folder with the tokens of a case.
func (f *corpusFolders) copy(t *testing.T, c corpusCase, to string) {
	t.Helper()
	key, err := json.Marshal([]any{c.Stored, c.Env})
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	prepare, ok := f.prepared[string(key)]
	if !ok {
		home := filepath.Join(f.parent, strconv.Itoa(len(f.prepared)))
		prepare = sync.OnceValues(func() (string, error) {
			dir := filepath.Join(home, "tokens")
			env := append(environment(home), "GIT_PAT_DIR="+dir)
			for name, value := range c.Env {
				if name != "PATH" && name != "HOME" { // those are for the helper alone
					env = append(env, name+"="+value)
				}
			}
			for i, token := range c.Stored {
				if err := token.put(env, dir, fmt.Sprintf("n%d", i+1)); err != nil {
					return "", err
				}
			}
			return dir, nil
		})
		f.prepared[string(key)] = prepare
	}
	f.mu.Unlock()
	from, err := prepare()
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == from {
			return nil // there are no tokens
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.Mkdir(filepath.Join(to, name), 0o700)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), data, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// put adds a token. What git pat add refuses, a person can only have got into
// the file by hand.
func (token corpusToken) put(env []string, dir, name string) error {
	target := token.Host
	if !strings.ContainsAny(target, ".:") {
		target = "https://" + target
	}
	for _, segment := range []string{token.Owner, token.Repo} {
		if segment != "" {
			target += "/" + segment
		}
	}
	args := []string{"add", target, "--name", name, "--offline"}
	if token.Username != "" {
		args = append(args, "--username", token.Username)
	}
	expired := strings.HasPrefix(token.Expires, "2020")
	switch {
	case expired:
		args = append(args, "--expires", "90d") // and it expired meanwhile
	case token.Expires != "":
		args = append(args, "--expires", token.Expires)
	}
	secret := token.Token
	byHand := strings.TrimSpace(secret) != secret || secret == "" || len(secret) > 8<<10 || strings.ContainsFunc(secret, func(r rune) bool { return r < ' ' || r == 0x7f })
	if token.Source != "" {
		args = append(args, "--store", token.Source)
		byHand = false
	} else {
		args = append(args, "--store", "file", "--with-token")
		if byHand {
			secret = map[string]string{"fine-grained": "github_pat_", "classic": "ghp_"}[token.Kind] + "GOOD-" + name // not a form with a checksum
		}
	}
	add := exec.Command(filepath.Join(programs, "git-pat"), args...)
	add.Env, add.Dir = env, filepath.Dir(filepath.Dir(dir))
	if token.Source == "" {
		add.Stdin = strings.NewReader(secret + "\n")
	}
	var errOut bytes.Buffer
	add.Stdout, add.Stderr = &errOut, &errOut
	if err := add.Run(); err != nil {
		return fmt.Errorf("git pat %s: %v\n%s", strings.Join(args, " "), err, &errOut)
	}
	if shape := leaked(errOut.String(), token.Token); shape != "" {
		return fmt.Errorf("LEAK: git pat add printed a token, as %q", shape)
	}
	called := token.Kind + " token"
	if token.Kind == "other" {
		called = "password or token"
	}
	if !strings.Contains(errOut.String(), "git pat: added the "+called+" ") {
		return fmt.Errorf("git pat add does not call a token of the kind %s so: %s", token.Kind, &errOut)
	}
	if expired {
		if err := expireNamed(dir, name); err != nil {
			return err
		}
	}
	if !byHand {
		return nil
	}
	files := 0
	err := filepath.WalkDir(filepath.Join(dir, "secrets"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || string(data) != secret {
			return err
		}
		files++
		return os.WriteFile(path, []byte(token.Token), 0o600)
	})
	if err != nil || files != 1 {
		return fmt.Errorf("changed %d files by hand, want 1: %v", files, err)
	}
	return nil
}

// request is one that the token answers.
func (token corpusToken) request() string {
	owner, repo := token.Owner, token.Repo
	if owner == "" {
		owner = "somebody"
	}
	if repo == "" {
		repo = "something"
	}
	request := "protocol=https\nhost=" + token.Host + "\npath=" + owner + "/" + repo + ".git\n"
	if token.Username != "" {
		request += "username=" + token.Username + "\n"
	}
	return request
}

// makeDecoys puts programs into a folder that leave a mark when they are run.
func makeDecoys(t *testing.T, dir, mark string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Fatal("no decoys are known for Windows")
	}
	script := "#!/bin/sh\necho \"$0 $*\" >>'" + mark + "'\n"
	for _, name := range []string{"git", "sh", "security", "dbus-launch", "git-pat", "git-credential-pat"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

// outcome is what the helper did.
type outcome struct {
	out, errOut string
	status      int
	took        time.Duration
	taken       int64 // bytes of the request, with what is left in the pipe
}

// run runs the helper for a case. It is killed, which fails the case, if it does not
// give up by itself.
func (c corpusCase) run(t *testing.T, env []string, work string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(programs, "git-credential-pat"), c.Action)
	cmd.Env, cmd.Dir = env, work
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if c.Stdout != "" {
		file, err := os.OpenFile(c.Stdout, os.O_WRONLY, 0)
		if err != nil {
			t.Fatalf("standard output cannot be %s here: %v", c.Stdout, err)
		}
		defer file.Close()
		cmd.Stdout = file
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	counted := &counter{Writer: in}
	ended, fed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(fed)
		defer in.Close()
		c.feed(t, counted, ended)
	}()
	err = cmd.Wait()
	close(ended)
	<-fed
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{out: out.String(), errOut: errOut.String(), status: cmd.ProcessState.ExitCode(), taken: counted.n}
}

// counter counts what a writer takes.
type counter struct {
	io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

// feed writes a case's input until it ends, or nobody reads it any more.
func (c corpusCase) feed(t *testing.T, in io.Writer, ended <-chan struct{}) {
	switch {
	case c.StdinGen != nil:
		g := c.StdinGen
		io.WriteString(in, g.Prefix)
		const block = 1024
		units := strings.Repeat(g.Unit, block)
		for left := g.Times; left != 0; {
			n := block
			if left > 0 {
				n = min(left, block)
				left -= n
			}
			if _, err := io.WriteString(in, units[:n*len(g.Unit)]); err != nil {
				return
			}
		}
		io.WriteString(in, g.Suffix)
		if g.HoldOpen > 0 {
			select {
			case <-ended:
			case <-time.After(time.Duration(g.HoldOpen) * time.Second):
			}
		}
	case c.StdinB64 != "":
		data, err := base64.StdEncoding.DecodeString(c.StdinB64)
		if err != nil {
			t.Error(err)
		}
		in.Write(data)
	default:
		io.WriteString(in, c.Stdin)
	}
}

// judge compares an outcome with what the case expects, as the corpus' README
// says:
//
//	token:ID       exactly that token's password, with a user name
//	no-credential  exit 0, nothing on standard output, and nothing on standard
//	               error for hosts that are not ours
//	quit           exit 0, nothing but quit=1, the advice on standard error
//	error          exit not 0, nothing on standard output, one clean line on
//	               standard error
//
// A password where none is expected, another token's, or one on standard
// error ends the test.
func (c corpusCase) judge(t *testing.T, r outcome) (problems []string) {
	t.Helper()
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	kind, id, _ := strings.Cut(c.Expect, ":")
	rest := r.out // but for the password that is to be there
	if kind == "token" {
		rest = strings.Replace(rest, "password="+c.token(t, id).Token+"\n", "", 1)
	}
	for _, token := range c.Stored {
		if shape := leaked(rest, token.Token); shape != "" {
			t.Fatalf("LEAK: %s (%s): a token on standard output where %s is expected, as %q", c.ID, token.ID, c.Expect, shape)
		}
	}
	for _, secret := range c.secrets() {
		if shape := leaked(r.errOut, secret); shape != "" {
			t.Fatalf("LEAK: %s: a secret on standard error, as %q", c.ID, shape)
		}
	}
	if strings.ContainsFunc(strings.ReplaceAll(r.errOut, "\n", ""), func(r rune) bool { return r < ' ' || r > '~' }) {
		problem("control or foreign characters on standard error: %q", r.errOut)
	}
	for line := range strings.Lines(r.errOut) {
		if len(line) > 600 {
			problem("a line of %d bytes on standard error: %.100s...", len(line), line)
			return problems
		}
	}
	if most := int64(1<<20 + 256<<10); r.taken > most {
		problem("took %d bytes of the request, want a MiB at most, and what is on the way", r.taken)
	}
	attributes := map[string][]string{}
	for line := range strings.Lines(r.out) {
		key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if ok && strings.HasSuffix(line, "\n") {
			attributes[key] = append(attributes[key], value)
			continue
		}
		if c.Action == "get" {
			problem("%q on standard output is no attribute", line)
		}
	}
	if kind != "token" && (attributes["password"] != nil || attributes["credential"] != nil) {
		t.Fatalf("LEAK: %s: a password where %s is expected", c.ID, c.Expect)
	}
	for _, key := range []string{"protocol", "host", "path", "url"} {
		if attributes[key] != nil {
			problem("the answer holds %s, which would replace what Git asked for", key)
		}
	}
	switch {
	case kind == "token" && c.Stdout != "":
		if r.status == 0 {
			problem("exit 0 although the answer could not be written")
		}
		oneMessage(r, problem)
	case kind == "token":
		if passwords := attributes["password"]; len(passwords) != 1 || passwords[0] != c.token(t, id).Token {
			if len(passwords) > 0 {
				t.Fatalf("LEAK: %s: another password than the one of %s", c.ID, id)
			}
			problem("no password; standard error: %s", r.errOut)
		}
		if users := attributes["username"]; len(users) != 1 || users[0] == "" {
			problem("user names %q, want one", users)
		}
		if r.status != 0 || r.errOut != "" {
			problem("exit %d with an answer, and on standard error: %s", r.status, r.errOut)
		}
	case kind == "no-credential":
		switch {
		case c.Action == "capability":
			if !strings.HasPrefix(r.out, "version 0\n") {
				problem("the answer does not begin with the version")
			}
		case r.out != "":
			problem("%q on standard output", r.out)
		}
		if r.status != 0 {
			problem("exit %d: %s", r.status, r.errOut)
		}
		if r.errOut != "" && !c.isOurs() {
			problem("not silent about what is not ours: %s", r.errOut)
		}
		if strings.Count(r.errOut, "\n") > 4 {
			problem("more than four lines: %s", r.errOut)
		}
	case kind == "quit":
		if r.status != 0 || r.out != "quit=1\n" || !strings.Contains(r.errOut, "https://") {
			problem("exit %d, %q, and on standard error: %s", r.status, r.out, r.errOut)
		}
	case kind == "error":
		if r.status == 0 || r.out != "" {
			problem("exit %d, %q", r.status, r.out)
		}
		oneMessage(r, problem)
	default:
		t.Fatalf("%s expects %q, which is unknown", c.ID, c.Expect)
	}
	return problems
}

// oneMessage checks that there is one error, with at most three lines of hints.
func oneMessage(r outcome, problem func(string, ...any)) {
	lines := strings.Split(r.errOut, "\n")
	first, hints, end := lines[0], lines[1:max(1, len(lines)-1)], lines[len(lines)-1]
	noHint := func(line string) bool { return !strings.HasPrefix(line, "hint: ") }
	if first == "" || len(hints) > 3 || slices.ContainsFunc(hints, noHint) || end != "" {
		problem("got %q on standard error, want one message", r.errOut)
	}
}

// request is the text of what goes in, or as much of it as can be told.
func (c corpusCase) request() string {
	if c.StdinGen != nil {
		return c.StdinGen.Prefix
	}
	return c.Stdin
}

// isOurs reports whether the helper may speak about the case's host: it is
// GitHub's, or there is a token for it.
func (c corpusCase) isOurs() bool {
	if !slices.Contains([]string{"get", "store", "erase"}, c.Action) {
		return false
	}
	request, _, _ := strings.Cut(c.request(), "\n\n")
	for line := range strings.Lines(request) {
		host, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "host=")
		host = strings.TrimSuffix(strings.ToLower(host), ":443")
		if ok && (host == "github.com" || host == "gist.github.com" ||
			slices.ContainsFunc(c.Stored, func(token corpusToken) bool { return token.Host == host })) {
			return true
		}
	}
	return c.Action == "store" && strings.Contains(request, "password=") // which may become a token of ours
}

// secrets are the tokens of a case, and the passwords of its request.
func (c corpusCase) secrets() []string {
	var secrets []string
	for _, token := range c.Stored {
		secrets = append(secrets, token.Token)
	}
	for line := range strings.Lines(c.request()) {
		for _, key := range []string{"password=", "credential=", "oauth_refresh_token="} {
			if _, secret, ok := strings.Cut(line, key); ok {
				secrets = append(secrets, strings.TrimRight(secret, "\r\n"))
			}
		}
	}
	for name, value := range c.Env {
		if strings.HasSuffix(name, "TOKEN") {
			secrets = append(secrets, value)
		}
	}
	return secrets
}

// leaked returns the shape in which a text holds a secret, or nothing: whole,
// as hex, percent-encoded, within base64, or half of a fine-grained one, be it
// cut in the middle or at an underscore.
func leaked(text, secret string) string {
	secret = strings.TrimSpace(secret)
	if len(secret) < 5 {
		return "" // such as the empty one
	}
	shapes := []string{secret, hex.EncodeToString([]byte(secret)), url.QueryEscape(secret), url.PathEscape(secret)}
	for shift := range 3 {
		// Three bytes are four characters, so that there are three ways in
		// which the secret may lie in what was encoded.
		padded := append(make([]byte, shift), secret...)
		first, last := (shift*8+5)/6, len(padded)*8/6
		shapes = append(shapes,
			base64.RawStdEncoding.EncodeToString(padded)[first:last],
			base64.RawURLEncoding.EncodeToString(padded)[first:last])
	}
	if body, ok := strings.CutPrefix(secret, "github_pat_"); ok && len(body) >= 10 {
		shapes = append(shapes, body[:len(body)/2], body[len(body)/2:])
		for part := range strings.SplitSeq(body, "_") {
			if len(part) >= 10 {
				shapes = append(shapes, part)
			}
		}
	}
	for _, shape := range shapes {
		if strings.Contains(text, shape) {
			return shape
		}
	}
	return ""
}

func TestLeaked(t *testing.T) {
	const secret = "github_pat_" + "ABCDEFGHIJ_abc+fgh"
	for _, text := range []string{
		"it is " + secret, hex.EncodeToString([]byte(secret)), url.QueryEscape(secret), "..ABCDEFGHI..", "J_abc+fgh", "..ABCDEFGHIJ..",
		base64.StdEncoding.EncodeToString([]byte("x:" + secret + "!")),
		base64.StdEncoding.EncodeToString([]byte("xy:" + secret)),
		base64.URLEncoding.EncodeToString([]byte("xyz:" + secret + "\n")),
	} {
		if leaked(text, secret) == "" {
			t.Errorf("not seen in %q", text)
		}
	}
	if shape := leaked("tokens begin with github_pat_ or ghp_", secret); shape != "" {
		t.Errorf("saw %q", shape)
	}
}
