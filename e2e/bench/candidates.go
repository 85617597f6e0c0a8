//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// A candidate is a credential helper with something in its store.
type candidate struct {
	key, name string
	missing   string   // how to install it, if it is not there
	argv      []string // the operation comes last
	toStore   []string // the same for store, if it is another
	getOnly   bool     // there is no store
	wanted    string   // which of its entries get asks for, if that matters
	env       []string

	// What it is sent for get and store, and what its answer must hold.
	getInput, storeInput, answer string

	// helper is what credential.helper is set to; empty if Git is not run with
	// it.
	helper string
}

const (
	repositoryURL = "https://github.com/acme/widgets.git"
	request       = "protocol=https\nhost=github.com\npath=acme/widgets.git\n"
	aDay          = "--timeout=86400"
)

// candidates fills the stores of all that are installed. One that does not
// answer as it is to is an error, so that a wrong setup is no slow helper.
func (b *bench) candidates(ctx context.Context) ([]*candidate, error) {
	var all []*candidate
	for _, n := range []int{1, b.many, b.most} {
		some, err := b.gitStore(n)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	for _, n := range []int{1, b.some, b.many, b.most} {
		c, err := b.files(ctx, n)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	keyring, err := b.ours(ctx, "keyring", "git-credential-pat, keyring", "keyring")
	if err != nil {
		return nil, err
	}
	cached, err := b.ours(ctx, "git-cache", "git-credential-pat, git:cache", "git:cache "+aDay)
	if err != nil {
		return nil, err
	}
	all = append(all, keyring, cached)
	for _, c := range []*candidate{b.gitCache(), b.libsecret(), b.docker(), b.oauth(), b.gh()} {
		all = append(all, c)
		if c.missing != "" {
			continue
		}
		// As a person does who logs in, or Git for them.
		if _, err := b.output(ctx, c.env, c.storeInput, c.argv[0], append(c.argv[1:], "store")...); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// plain is a candidate that speaks Git's protocol.
func (b *bench) plain(key, name, helper string, argv ...string) *candidate {
	return &candidate{
		key: key, name: name, helper: helper, argv: argv,
		getInput:   request,
		storeInput: request + "username=x-access-token\npassword=" + b.token + "\n",
		answer:     "password=" + b.token,
	}
}

// gitStore is git-credential-store. It reads its file from the top until it
// finds what it was asked for, so that there are two for get: with the entry in
// the middle, which is the average of all, and at the end, which is also what
// it takes to find that there is none. A store, and with it each Git command
// that logs in, writes the file again with the entry at the top, and so has a
// file of its own.
func (b *bench) gitStore(n int) ([]*candidate, error) {
	key := fmt.Sprintf("git-store-%d", n)
	file := func(name string, place int) (string, error) {
		var lines bytes.Buffer
		for i := range n {
			owner, token := ownerName(i), b.other
			if i == place {
				owner, token = "acme", b.token
			}
			fmt.Fprintf(&lines, "https://x-access-token:%s@github.com/%s/widgets.git\n", token, owner)
		}
		path := filepath.Join(b.dir, name)
		return path, os.WriteFile(path, lines.Bytes(), 0o600)
	}
	middle, err := file(key, n/2)
	last, err2 := file(key+"-last", n-1)
	written, err3 := file(key+"-written", n/2)
	if err := errors.Join(err, err2, err3); err != nil {
		return nil, err
	}
	program := filepath.Join(b.execPath, "git-credential-store")
	name := "git-credential-store, " + several(n, "entry", "entries")
	c := b.plain(key, name, "store --file="+written, program, "--file="+middle)
	c.toStore = []string{program, "--file=" + written}
	if n == 1 {
		return []*candidate{c}, nil
	}
	c.wanted = ", the middle one"
	d := b.plain(key+"-last", name, "", program, "--file="+last)
	d.wanted = ", the last one"
	d.getOnly = true
	return []*candidate{c, d}, nil
}

func ownerName(i int) string { return fmt.Sprintf("owner-%06d", i) }

// ours is git-credential-pat with one token in a store.
func (b *bench) ours(ctx context.Context, key, name, store string) (*candidate, error) {
	c := b.plain(key, name, "pat", filepath.Join(b.programs, "git-credential-pat"))
	c.env = []string{"GIT_PAT_DIR=" + b.patDir(key)}
	if store == "keyring" && b.keyring == nil {
		c.missing = "sudo apt-get install dbus gnome-keyring"
		return c, nil
	}
	return c, b.add(ctx, c, "acme", b.token, store)
}

func (b *bench) patDir(key string) string { return filepath.Join(b.dir, "git-pat-"+key) }

// add adds a token as a person does.
func (b *bench) add(ctx context.Context, c *candidate, scope, token, store string) error {
	_, err := b.output(ctx, c.env, token+"\n", "git", "pat", "add", scope, "--with-token", "--offline", "--name=bench", "--store="+store)
	return err
}

// files is git-credential-pat with n tokens in the file store, each of an owner
// of its own. The first is added as a person does; the others are copies of
// its files with another owner and secret, and git pat list must find them.
func (b *bench) files(ctx context.Context, n int) (*candidate, error) {
	key := fmt.Sprintf("file-%d", n)
	c, err := b.ours(ctx, key, "git-credential-pat, file, "+several(n, "token", "tokens"), "file")
	if err != nil {
		return nil, err
	}
	for _, folder := range []string{"tokens", "secrets"} {
		host := filepath.Join(b.patDir(key), folder, "github.com")
		files, err := filepath.Glob(filepath.Join(host, "acme", "@", "*"))
		if err != nil || len(files) != 1 {
			return nil, fmt.Errorf("%s has %d files for a token", host, len(files))
		}
		data, err := os.ReadFile(files[0])
		if err != nil {
			return nil, err
		}
		for i := range n - 1 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			copied := bytes.ReplaceAll(data, []byte(`"acme"`), []byte(strconv.Quote(ownerName(i))))
			copied = bytes.ReplaceAll(copied, []byte(b.token), []byte(b.other))
			dir := filepath.Join(host, ownerName(i), "@")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return nil, err
			}
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(files[0])), copied, 0o600); err != nil {
				return nil, err
			}
		}
	}
	list, err := b.output(ctx, c.env, "", "git", "pat", "list", "--json")
	if err != nil {
		return nil, err
	}
	if got := strings.Count(list, `"name": "bench"`); got != n {
		return nil, fmt.Errorf("git pat list has %d tokens, want %d", got, n)
	}
	return c, nil
}

func (b *bench) gitCache() *candidate {
	return b.plain("git-cache-alone", "git-credential-cache", "cache "+aDay, filepath.Join(b.execPath, "git-credential-cache"), aDay)
}

// libsecret is Git's helper for the Secret Service. Debian has its source only,
// in the folder named here; others have the program beside Git's.
func (b *bench) libsecret() *candidate {
	const source = "/usr/share/doc/git/contrib/credential/libsecret"
	path, err := exec.LookPath("git-credential-libsecret")
	for _, dir := range []string{b.execPath, source} {
		if err != nil {
			path = filepath.Join(dir, "git-credential-libsecret")
			_, err = exec.LookPath(path)
		}
	}
	c := b.plain("libsecret", "git-credential-libsecret", path, path)
	if err != nil || b.keyring == nil {
		c.missing = "sudo apt-get install dbus gnome-keyring gcc make pkg-config libsecret-1-dev && sudo make -C " + source
	}
	return c
}

// docker is Docker's helper for the Secret Service. It does the same work, but
// Git cannot use it: it is told only a URL, and answers in JSON.
func (b *bench) docker() *candidate {
	path, err := exec.LookPath("docker-credential-secretservice")
	c := b.plain("docker", "docker-credential-secretservice", "", path)
	c.getInput = repositoryURL
	c.storeInput = fmt.Sprintf(`{"ServerURL":%q,"Username":"x-access-token","Secret":%q}`, repositoryURL, b.token)
	c.answer = strconv.Quote(b.token)
	if err != nil || b.keyring == nil {
		c.missing = "sudo apt-get install dbus gnome-keyring golang-docker-credential-helpers"
	}
	return c
}

// oauth keeps nothing: it asks in a browser, and another helper remembers the
// answer. So it is asked about a host that it does not know, which shows what
// it costs to have it behind the other one.
func (b *bench) oauth() *candidate {
	path, err := exec.LookPath("git-credential-oauth")
	c := b.plain("oauth", "git-credential-oauth, a host it does not know", "", path)
	c.getInput = strings.Replace(request, "github.com", "git.example", 1)
	c.answer = ""
	if err != nil {
		c.missing = "sudo apt-get install git-credential-oauth"
	}
	return c
}

// gh has its token in a file, as where there is no keyring.
func (b *bench) gh() *candidate {
	path, err := exec.LookPath("gh")
	c := b.plain("gh", "gh auth git-credential", "!"+path+" auth git-credential", path, "auth", "git-credential")
	if err != nil {
		c.missing = "sudo apt-get install gh"
		return c
	}
	dir := filepath.Join(b.dir, "home", "gh")
	hosts := "github.com:\n    user: you\n    oauth_token: " + b.token + "\n    git_protocol: https\n"
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "hosts.yml"), []byte(hosts), 0o600)); err != nil {
		c.missing = err.Error()
	}
	return c
}

// row is what a candidate is measured by for an operation.
func (b *bench) row(c *candidate, operation string) *row {
	r := &row{
		Key: operation + " " + c.key, Name: c.name + c.wanted, Missing: c.missing,
		argv: slices.Concat(c.argv, []string{operation}), env: c.env,
		input: c.getInput, check: wants(c.answer),
	}
	if operation == "store" {
		r.Name = c.name
		if c.toStore != nil {
			r.argv = slices.Concat(c.toStore, []string{operation})
		}
		r.input = c.storeInput
		r.check = func(string) error { return nil } // Git ignores what is written; get shows what came of it
	}
	if r.Missing == "" {
		r.Command = b.shown(r.argv)
	}
	return r
}

// wants returns a check for an answer: a text that is part of it, or nothing at
// all. It does not show the answer, which is a secret.
func wants(text string) func(string) error {
	return func(out string) error {
		if text == "" && out != "" {
			return errors.New("an answer where none was expected")
		}
		if !strings.Contains(out, text) {
			return errors.New("not the right answer")
		}
		return nil
	}
}

// shown is a command without the folders that are different in each run.
func (b *bench) shown(argv []string) string {
	words := []string{filepath.Base(argv[0])}
	for _, word := range argv[1:] {
		words = append(words, strings.ReplaceAll(word, b.dir, "DIR"))
	}
	return strings.Join(words, " ")
}

// processes is the group of the helpers by themselves.
func (b *bench) processes(candidates []*candidate) *group {
	const base = "get git-store-1"
	truePath, _ := exec.LookPath("true")
	floor := table{Name: "a process that does nothing", Base: base, Rows: []*row{
		{Key: "true", Name: "true, in C", argv: []string{truePath}, check: wants("")},
		{Key: "empty", Name: "an empty Go program", argv: []string{b.empty}, check: wants("")},
	}}
	get, store := table{Name: "get", Base: base}, table{Name: "store of what is known", Base: base}
	for _, c := range candidates {
		get.Rows = append(get.Rows, b.row(c, "get"))
		if !c.getOnly {
			store.Rows = append(store.Rows, b.row(c, "store"))
		}
	}
	return &group{Name: "helpers", Tables: []table{floor, get, store}, runs: b.runs}
}

// lsRemote is the group of whole commands that log in once: Git asks without a
// login, gets a helper's answer, asks again, and has the helper store it.
func (b *bench) lsRemote(candidates []*candidate) *group {
	const base = "ls-remote git-store-1"
	t := table{Name: "git ls-remote", Base: base, Rows: []*row{
		b.gitRow("ls-remote public", "no helper, a public repository", "", nil, "ls-remote", "https://github.com/acme/open.git"),
	}}
	for _, c := range candidates {
		if c.helper == "" {
			continue
		}
		r := b.gitRow("ls-remote "+c.key, c.name, c.helper, c.env, "ls-remote", repositoryURL)
		r.Missing = c.missing
		t.Rows = append(t.Rows, r)
	}
	for _, r := range t.Rows {
		r.check = wants("refs/heads/main\n")
	}
	return &group{Name: "ls-remote", Tables: []table{t}, runs: b.lsRemotes()}
}

// gitRow is a command of Git's with a helper, and no other configuration.
func (b *bench) gitRow(key, name, helper string, env []string, args ...string) *row {
	git, _ := exec.LookPath("git")
	argv := []string{git, "-c", "credential.useHttpPath=true"}
	if helper != "" {
		argv = append(argv, "-c", "credential.helper="+helper)
	}
	argv = append(argv, args...)
	return &row{
		Key: key, Name: name, Command: b.shown(argv),
		argv: argv, env: slices.Concat(env, b.server.Env()), check: wants(""),
	}
}

// clone is the group of a recursive clone, each submodule with an owner, and so
// a token, of its own.
func (b *bench) clone(ctx context.Context) (*group, error) {
	private, err := b.superproject(ctx, "private", true)
	if err != nil {
		return nil, err
	}
	public, err := b.superproject(ctx, "public", false)
	if err != nil {
		return nil, err
	}
	ours := b.plain("clone", "", "pat", "")
	ours.env = []string{"GIT_PAT_DIR=" + b.patDir("clone")}
	var lines strings.Builder
	for path, token := range private {
		owner, _, _ := strings.Cut(path, "/")
		if err := b.add(ctx, ours, owner, token, "file"); err != nil {
			return nil, err
		}
		fmt.Fprintf(&lines, "https://x-access-token:%s@github.com/%s\n", token, path)
	}
	file := filepath.Join(b.dir, "git-store-clone")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		return nil, err
	}
	tokens := several(len(private), "token", "tokens")
	into := filepath.Join(b.dir, "cloned")
	command := func(kind string) []string {
		return []string{"clone", "--quiet", "--recurse-submodules", "-j8", "https://github.com/super-" + kind + "/all.git", into}
	}
	t := table{Name: fmt.Sprintf("git clone --recurse-submodules -j8, %d submodules", b.submodules), Base: "clone git-store", Rows: []*row{
		b.gitRow("clone public", "no helper, public repositories", "", nil, command("public")...),
		b.gitRow("clone git-store", "git-credential-store, "+tokens, "store --file="+file, nil, command("private")...),
		b.gitRow("clone file", "git-credential-pat, file, "+tokens, "pat", ours.env, command("private")...),
	}}
	for _, r := range t.Rows {
		r.check = func(string) error {
			found, err := filepath.Glob(filepath.Join(into, "*", "README.md"))
			if err == nil && len(found) != len(public)-1 {
				err = fmt.Errorf("%d submodules were cloned", len(found))
			}
			return errors.Join(err, os.RemoveAll(into))
		}
	}
	return &group{Name: "clone", Tables: []table{t}, runs: b.clones()}, nil
}

// superproject makes a repository with submodules, and returns the paths of all
// of them with the token for each.
func (b *bench) superproject(ctx context.Context, kind string, private bool) (map[string]string, error) {
	tokens := map[string]string{}
	make := func(owner, name string) (dir string, err error) {
		dir, err = b.server.AddRepository(githubtest.Repository{Owner: owner, Name: name, Private: private})
		if err == nil {
			tokens[owner+"/"+name+".git"], err = b.server.AddToken(githubtest.Token{Kind: githubtest.FineGrained, Login: "you", Owner: owner})
		}
		return dir, err
	}
	top, err := make("super-"+kind, "all")
	if err != nil {
		return nil, err
	}
	git := func(input string, args ...string) (string, error) {
		env := []string{"GIT_DIR=" + top, "GIT_INDEX_FILE=" + filepath.Join(b.dir, "index-"+kind)}
		out, err := b.output(ctx, env, input, "git", args...)
		return strings.TrimSpace(out), err
	}
	var modules, index strings.Builder
	for i := range b.submodules {
		owner := kind + "-" + ownerName(i)
		dir, err := make(owner, "part")
		if err != nil {
			return nil, err
		}
		commit, err := b.output(ctx, nil, "", "git", "-C", dir, "rev-parse", "refs/heads/main")
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&modules, "[submodule %q]\n\tpath = %s\n\turl = https://github.com/%s/part.git\n", owner, owner, owner)
		fmt.Fprintf(&index, "160000 %s\t%s\n", strings.TrimSpace(commit), owner)
	}
	blob, err := git(modules.String(), "hash-object", "-w", "--stdin")
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&index, "100644 %s\t.gitmodules\n", blob)
	if _, err := git(index.String(), "update-index", "--add", "--index-info"); err != nil {
		return nil, err
	}
	tree, err := git("", "write-tree")
	if err != nil {
		return nil, err
	}
	commit, err := git("", "commit-tree", "-m", "All parts", tree)
	if err != nil {
		return nil, err
	}
	_, err = git("", "update-ref", "refs/heads/main", commit)
	return tokens, err
}

// several is a number of things, with commas as people write it.
func several(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text + " " + more
}
