package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// Somebody made a repository, or a folder, for others to stand in. Whatever Git
// or git pat could run there is a trap: a program that leaves a mark. In the
// texts here @name@ stands for the trap of that name.

// hostileConfig is a repository's configuration. What is set once in Git is in
// hostileMore for the second repository.
const hostileConfig = `
[core]
	fsmonitor = @fsmonitor@
	sshCommand = @ssh-command@
	gitProxy = @git-proxy@
	askPass = @askpass@
	pager = @pager@
	editor = @editor@
	alternateRefsCommand = @alternate-refs@
[sequence]
	editor = @sequence-editor@
[pager]
	config = @pager-config@
	remote = @pager-remote@
	credential = @pager-credential@
	credential-pat = @pager-credential-pat@
	lfs = @pager-lfs@
	version = @pager-version@
	submodule = @pager-submodule@
	ls-files = @pager-ls-files@
	ls-remote = @pager-ls-remote@
	symbolic-ref = @pager-symbolic-ref@
[alias]
	config = !@alias-config@
	remote = !@alias-remote@
	credential = !@alias-credential@
	credential-pat = !@alias-credential-pat@
	lfs = !@alias-lfs@
	version = !@alias-version@
	submodule = !@alias-submodule@
	ls-files = !@alias-ls-files@
	ls-remote = !@alias-ls-remote@
	symbolic-ref = !@alias-symbolic-ref@
[credential]
	helper = !@helper@
[credential "https://github.com"]
	helper = !@helper-host@
[credential "https://github.com/acme"]
	helper = @helper-path@
[credential "https://git-pat.invalid"]
	helper = !@helper-invalid@
[remote "origin"]
	url = git@github.com:acme/widgets.git
	proxy = http://127.0.0.1:1/
	uploadpack = @origin-uploadpack@
	receivepack = @origin-receivepack@
[remote "ext"]
	url = "ext::@remote-ext@ %S"
	promisor = true
[remote "ssh"]
	url = ssh://git@ghes.example/acme/widgets
	promisor = true
[remote "proxied"]
	url = git://github.com/acme/widgets
	promisor = true
[remote "local"]
	url = .
	promisor = true
	uploadpack = @uploadpack@
	receivepack = @receivepack@
[remote "vcs"]
	vcs = ext
	url = "@vcs@ %S"
	promisor = true
[remote "work"]
	url = git@work:acme/widgets.git
[remote "rewritten"]
	url = trap:rewritten
	promisor = true
[url "ext::@instead-of@ "]
	insteadOf = trap:
[url "ext::@push-instead-of@ "]
	pushInsteadOf = https://github.com/
[protocol]
	allow = always
[protocol "ext"]
	allow = always
[safe]
	directory = *
	bareRepository = all
[branch "main"]
	remote = origin
	merge = refs/heads/main
[submodule "sub"]
	update = !@submodule-update@
[filter "trap"]
	clean = @filter-clean@
	smudge = @filter-smudge@
	required = false
[filter "lfs"]
	process = @filter-process@
	clean = @lfs-clean@
	smudge = @lfs-smudge@
[diff]
	external = @diff-external@
[diff "trap"]
	textconv = @textconv@
	command = @diff-command@
[gpg]
	program = @gpg@
[gpg "ssh"]
	program = @gpg-ssh@
	defaultKeyCommand = @gpg-ssh-key@
[interactive]
	diffFilter = @diff-filter@
[trailer "trap"]
	cmd = @trailer@
	key = Trap
[hook "trap"]
	command = @hook-configured@
	event = pre-commit
	event = post-index-change
	event = reference-transaction
[lfs "customtransfer.trap"]
	path = @lfs-transfer@
[lfs]
	standalonetransferagent = trap
[include]
	path = WORK/included
[includeIf "gitdir:**"]
	path = WORK/included-if
[extensions]
	partialClone = ext
	worktreeConfig = true
`

// hostileMore is what replaces a setting of hostileConfig in the second
// repository, and hooks where Git looks for them by itself.
const hostileMore = `
[core]
	fsmonitor = true
	hooksPath = WORK/.git/hooks
[credential "https://github.com/acme/widgets"]
	helper =
	helper = !@helper-repository@
[url "ext::@instead-of-host@ "]
	insteadOf = https://github.com/
	insteadOf = git@github.com:
	insteadOf = https://ghes.example/
[include]
	path = WORK/included-more
`

// hostileFiles are files of the work tree, which come with a clone too.
var hostileFiles = map[string]string{
	".gitmodules": "[submodule \"sub\"]\n\tpath = sub\n\turl = ../gadgets.git\n\tupdate = !@modules-update@\n" +
		"[submodule \"ext\"]\n\tpath = ext\n\turl = \"ext::@modules-ext@ %S\"\n",
	".gitattributes": "*.trap filter=trap diff=trap\n*.bin filter=lfs\n",
	".lfsconfig":     "[lfs]\n\turl = \"ext::@lfs-url@ %S\"\n\tstandalonetransferagent = trap\n[lfs \"customtransfer.trap\"]\n\tpath = @lfs-config@\n",
	"included":       "[alias]\n\tincluded = !@included-alias@\n[credential]\n\thelper = !@included-helper@\n",
	"included-if":    "[alias]\n\tincluded-if = !@included-if-alias@\n[credential]\n\thelper = !@included-if-helper@\n",
	"included-more":  "[core]\n\tfsmonitor = @included-fsmonitor@\n",
	"in/file":        "in\n",
	"out/file":       "out\n",
	"a.trap":         "trap\n",
	"a.bin":          "bin\n",
}

// hostilePrograms are in the folder under the names of what git pat, Git and
// the stores start, and then do the same.
var hostilePrograms = []string{
	"git", "git-pat", "git-credential-pat", "git-credential-store", "git-credential-cache", "git-lfs", "git-remote-ext", "git-remote-https",
	"cat", "echo", "sh", "bash", "ssh", "gh", "less", "pager", "editor", "vi", "dbus-launch", "dbus-daemon", "secret-tool",
	"xdg-open", "x-www-browser", "www-browser", "gpg", "stty", "uname", "hostname",
}

// hostileHooks are the hooks of githooks(5) that a command of git pat could come
// near.
var hostileHooks = []string{
	"fsmonitor-watchman", "post-checkout", "post-commit", "post-index-change", "post-merge", "post-rewrite", "pre-auto-gc", "pre-commit", "pre-push",
	"prepare-commit-msg", "commit-msg", "reference-transaction", "sendemail-validate",
}

// traps are programs that leave marks.
type traps struct {
	t        *testing.T
	dir, ran string
}

func newTraps(t *testing.T) *traps {
	dir := t.TempDir()
	tr := &traps{t, filepath.Join(dir, "traps"), filepath.Join(dir, "ran")}
	for _, dir := range []string{tr.dir, tr.ran} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

// write writes a program that leaves a mark with a name, and then does what is
// said. It needs no other program for that.
func (tr *traps) write(file, name, then string) {
	tr.t.Helper()
	script := fmt.Sprintf("#!/bin/sh\n: >'%s'\n%s\n", filepath.Join(tr.ran, name), then)
	if err := os.WriteFile(file, []byte(script), 0o755); err != nil {
		tr.t.Fatal(err)
	}
}

var trapName = regexp.MustCompile(`@([a-z][a-z0-9-]*)@`)

// text returns a text with the paths of traps in the place of their names. The
// names get a prefix.
func (tr *traps) text(text, prefix string) string {
	tr.t.Helper()
	return trapName.ReplaceAllStringFunc(text, func(name string) string {
		name = prefix + strings.Trim(name, "@")
		file := filepath.Join(tr.dir, name)
		tr.write(file, name, "exit 1")
		return file
	})
}

// sprung returns the names of the traps that ran since it was last asked.
func (tr *traps) sprung() []string {
	tr.t.Helper()
	entries, err := os.ReadDir(tr.ran)
	if err != nil {
		tr.t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
		if err := os.Remove(filepath.Join(tr.ran, entry.Name())); err != nil {
			tr.t.Fatal(err)
		}
	}
	return names
}

func (tr *traps) file(path, text string) {
	tr.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tr.t.Fatal(err)
	}
}

func (tr *traps) append(path, text string) {
	tr.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.file(path, string(data)+text)
}

// git runs Git where no trap is set as yet.
func (tr *traps) git(dir string, args ...string) string {
	tr.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "protocol.file.allow=always"}, args...)...)
	cmd.Env, cmd.Dir = environment(tr.ran), dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		tr.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// content makes a repository whose content is all that is hostile.
func (tr *traps) content(dir, prefix string) {
	tr.t.Helper()
	tr.git(".", "init", "-q", "-b", "main", dir)
	for name, text := range hostileFiles {
		tr.file(filepath.Join(dir, name), tr.text(text, prefix))
	}
	for _, name := range hostilePrograms {
		then := "exit 1"
		if real, err := exec.LookPath(name); err == nil {
			then = fmt.Sprintf("exec '%s' \"$@\"", real)
		} else if real := filepath.Join(programs, name); strings.HasSuffix(name, "-pat") {
			then = fmt.Sprintf("exec '%s' \"$@\"", real)
		}
		tr.write(filepath.Join(dir, name), prefix+"program-"+name, then)
	}
	tr.git(dir, "add", ".")
	for _, module := range []string{"sub", "ext"} {
		tr.git(dir, "update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,"+module)
	}
	tr.git(dir, "commit", "-q", "-m", "one")
}

// cloned makes a repository that comes from somebody else's server: its content
// is hostile, and its .git is not.
func (tr *traps) cloned(dir string) {
	tr.t.Helper()
	tr.content(dir+".there", "")
	tr.git(".", "clone", "-q", dir+".there", dir)
	tr.git(dir, "remote", "set-url", "origin", "git@github.com:acme/widgets.git")
	tr.append(filepath.Join(dir, ".git", "config"), "[submodule \"sub\"]\n\turl = git@github.com:acme/gadgets.git\n\tactive = true\n")
}

// unpacked makes a repository that comes out of an archive, .git and all. Its
// index names a folder as a whole, whose content is missing and promised by
// every remote.
func (tr *traps) unpacked(dir, prefix string, more bool) {
	tr.t.Helper()
	tr.content(dir, prefix)
	tr.git(dir, "sparse-checkout", "set", "--cone", "--sparse-index", "in")
	tree := tr.git(dir, "rev-parse", "HEAD:out")
	if err := os.Remove(filepath.Join(dir, ".git", "objects", tree[:2], tree[2:])); err != nil {
		tr.t.Fatal(err)
	}
	config := tr.text(hostileConfig, prefix)
	folder := "hooks-elsewhere"
	if more {
		config += tr.text(hostileMore, prefix)
		folder = ".git/hooks"
	} else {
		config += "[core]\n\thooksPath = WORK/hooks-elsewhere\n"
	}
	if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
		tr.t.Fatal(err)
	}
	for _, hook := range hostileHooks {
		tr.write(filepath.Join(dir, folder, hook), prefix+"hook-"+hook, "exit 1")
	}
	tr.append(filepath.Join(dir, ".git", "config"), strings.ReplaceAll(config, "WORK", dir))
	tr.append(filepath.Join(dir, ".git", "config.worktree"), tr.text("[credential]\n\thelper = !@worktree-helper@\n", prefix))
}

// withSubmodule puts a repository that was unpacked into the folder of the
// submodule of another one.
func (tr *traps) withSubmodule(dir string, more bool) {
	tr.t.Helper()
	tr.unpacked(filepath.Join(dir, "sub"), "sub-", more)
}

// looksBare makes content of a cloned repository that looks like a bare
// repository to Git, where somebody stands in it.
func (tr *traps) looksBare(dir string, more bool) {
	tr.t.Helper()
	tr.cloned(filepath.Dir(dir))
	tr.unpacked(dir, "", more)
	tr.withSubmodule(dir, more)
	entries, err := os.ReadDir(filepath.Join(dir, ".git"))
	if err != nil {
		tr.t.Fatal(err)
	}
	for _, entry := range entries {
		if err := os.Rename(filepath.Join(dir, ".git", entry.Name()), filepath.Join(dir, entry.Name())); err != nil {
			tr.t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(dir, ".git")); err != nil {
		tr.t.Fatal(err)
	}
	if more {
		tr.append(filepath.Join(dir, "config"), "[core]\n\thooksPath = "+filepath.Join(dir, "hooks")+"\n")
	}
	tr.append(filepath.Join(dir, "config"), "[core]\n\tbare = false\n\tworktree = .\n")
}

// A hostileCommand is one that a person runs where the traps are.
type hostileCommand struct {
	in   string
	args []string
}

// hostileCommands are all commands of git pat and the helper's operations. Each
// has something to do when its turn comes.
func (p *person) hostileCommands(server *githubtest.Server) []hostileCommand {
	p.t.Helper()
	token := func(owner, login string) string {
		secret, err := server.AddToken(githubtest.Token{Kind: githubtest.FineGrained, Owner: owner, Login: login, Write: true})
		if err != nil {
			p.t.Fatal(err)
		}
		return secret
	}
	acme, pushing, globex, renewed := token("acme", "alice"), token("acme", "alice"), token("globex", "alice"), token("globex", "alice")
	write := func(name, text string) {
		p.t.Helper()
		file := filepath.Join(p.home, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	write(".netrc", "machine ghes.example login alice password "+mint(p.t, githubtest.Classic)+"\n")
	write(".git-credentials", "https://alice:"+token("initech", "alice")+"@github.com/initech\n")
	write(".config/gh/hosts.yml", "ghe.example:\n    users:\n        alice:\n            oauth_token: "+mint(p.t, githubtest.OAuth)+"\n    user: alice\n")

	request := "protocol=https\nhost=github.com\npath=acme/widgets\n"
	var commands []hostileCommand
	add := func(in string, args ...string) { commands = append(commands, hostileCommand{in, args}) }
	pat := func(line string) { add("", append([]string{"git-pat"}, strings.Fields(line)...)...) }
	pat("setup --dry-run")
	pat("setup")
	pat("setup --least-privilege ghes.example")
	add(acme+"\n", strings.Fields("git-pat add acme --access read --with-token --store file")...)
	add(pushing+"\n", strings.Fields("git-pat add acme --name pushing --access write --with-token --offline --store file")...)
	add(globex+"\n", strings.Fields("git-pat add globex --with-token --offline --store")...)
	commands[len(commands)-1].args = append(commands[len(commands)-1].args, p.plain())
	pat("import gh --store file")
	pat("import gh --store file --remove-source --yes")
	pat("import netrc --store file --remove-source --yes")
	pat("import git-credentials --store file --dry-run")
	pat("import git:store https://github.com/initech --store file")
	pat("list")
	pat("list --json acme")
	pat("doctor")
	pat("doctor --json")
	pat("doctor --fix --yes")
	pat("verify --all")
	pat("verify acme")
	pat("explain")
	pat("explain acme/widgets")
	pat("explain ext")
	pat("explain rewritten --push")
	pat("explain --push --probe https://github.com/acme/widgets")
	pat("explain git@github.com:acme/widgets.git")
	add("remote: Repository not found.\nfatal: repository 'https://github.com/acme/widgets/' not found\n", "git-pat", "explain", "--error")
	pat("exec -- true")
	pat("exec --for acme --push -- true")
	pat("token")
	pat("token --push origin")
	pat("completion bash")
	pat("__complete explain o")
	pat("__complete add a")
	pat("__complete remote ")
	pat("help")
	pat("help remote")
	pat("remote --help")
	pat("version")
	add(request, "git-credential-pat", "get")
	add(request+"username=alice\npassword="+acme+"\n", "git-credential-pat", "store")
	add(request+"username=alice\npassword="+mint(p.t, githubtest.FineGrained)+"\n", "git-credential-pat", "--save", "any", "store")
	add(request+"username=alice\npassword="+pushing+"\n", "git-credential-pat", "erase")
	add("protocol=ssh\nhost=github.com\npath=acme/widgets\n", "git-credential-pat", "get")
	add("protocol=https\nhost=github.com\npath=globex/widgets\n", "git-credential-pat", "get")
	add("", "git-credential-pat", "capability")
	pat("remote")
	pat("remote --submodules")
	pat("remote --dry-run --submodules")
	pat("remote --insteadof --dry-run")
	pat("remote --insteadof --fix --yes")
	pat("remote --fix --yes --submodules")
	add(renewed+"\n", strings.Fields("git-pat rotate globex --with-token --keep-old")...)
	pat("move globex --store file --yes")
	pat("revoke acme --name pushing --yes")
	pat("remove acme --yes")
	pat("setup --undo")
	return commands
}

// springs runs a command where the traps are, at a terminal, and returns those
// that it ran into.
func (p *person) springs(tr *traps, dir string, c hostileCommand) (status int, said string, sprung []string) {
	p.t.Helper()
	s := p.start(func(cmd *exec.Cmd, tty *os.File) {
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(c.in)
		cmd.Stdout, cmd.Stderr = tty, tty
	}, c.args[0], c.args[1:]...)
	ended := s.ends()
	return ended.ExitStatus(), s.screen(), tr.sprung()
}

// fewPrograms makes a folder for PATH that has neither the helper nor Git LFS,
// so that an alias could take their place.
func (p *person) fewPrograms() string {
	p.t.Helper()
	dir := filepath.Join(p.home, "few")
	if err := os.Mkdir(dir, 0o700); err != nil {
		p.t.Fatal(err)
	}
	for _, name := range []string{"git", "sh", "cat", "ssh"} {
		if real, err := exec.LookPath(name); err == nil {
			if err := os.Symlink(real, filepath.Join(dir, name)); err != nil {
				p.t.Fatal(err)
			}
		}
	}
	return dir
}

// Whatever a repository says, no command of git pat runs anything of it, nor
// does the helper.
func TestHostile(t *testing.T) {
	t.Parallel()
	path := os.Getenv("PATH")
	usual := func(*person) string { return programs + ":" + path }
	cloned := func(tr *traps, dir string) string { tr.cloned(dir); return dir }
	unpacked := func(more bool) func(*traps, string) string {
		return func(tr *traps, dir string) string {
			tr.unpacked(dir, "", more)
			tr.withSubmodule(dir, more)
			return dir
		}
	}
	bare := func(more bool) func(*traps, string) string {
		return func(tr *traps, dir string) string {
			tr.looksBare(filepath.Join(dir, "docs"), more)
			return filepath.Join(dir, "docs")
		}
	}
	for _, test := range []struct {
		name  string
		place func(tr *traps, dir string) string
		path  func(p *person) string
	}{
		{"cloned", cloned, usual},
		{"cloned, PATH begins with a dot", cloned, func(*person) string { return ".:" + programs + ":" + path }},
		{"cloned, PATH begins with an empty element", cloned, func(*person) string { return ":" + programs + ":" + path }},
		{"cloned, PATH has a relative element", cloned, func(*person) string { return "../work:" + programs + ":" + path }},
		{"cloned, few programs, PATH ends with an empty element", cloned, func(p *person) string { return p.fewPrograms() + ":" }},
		{"unpacked", unpacked(false), usual},
		{"unpacked, more", unpacked(true), usual},
		{"unpacked, few programs", unpacked(false), (*person).fewPrograms},
		{"unpacked, PATH begins with a dot", unpacked(true), func(*person) string { return "./:" + programs + ":" + path }},
		{"looks bare", bare(false), usual},
		{"looks bare, more", bare(true), usual},
		{"looks bare, few programs", bare(false), (*person).fewPrograms},
		{"looks bare, PATH has an empty element", bare(true), func(*person) string { return programs + "::" + path }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			for _, owner := range []string{"acme", "globex", "initech"} {
				if _, err := server.AddRepository(githubtest.Repository{Owner: owner, Name: "widgets", Private: true}); err != nil {
					t.Fatal(err)
				}
			}
			commands := p.hostileCommands(server)
			tr := newTraps(t)
			dir := test.place(tr, filepath.Join(p.home, "work"))
			if early := tr.sprung(); early != nil {
				t.Fatalf("while the traps were set, these ran: %q", early)
			}
			p.env = append(p.env, "PATH="+test.path(p))
			for _, c := range commands {
				status, said, sprung := p.springs(tr, dir, c)
				line := strings.Join(c.args, " ")
				if sprung != nil {
					t.Errorf("%s: ran %q\n%s", line, sprung, said)
				}
				if os.Getenv("GIT_PAT_SHOW") != "" {
					t.Logf("%s: %d\n%s", line, status, said)
				}
				if strings.Contains(said, "how it is used:") || strings.Contains(said, "goroutine ") {
					t.Errorf("%s: exit status %d\n%s", line, status, said)
				}
			}
		})
	}
}

// Git itself falls into the traps, or else TestHostile would prove nothing. The
// traps that are not here are for commands that change a repository or fetch.
func TestHostileTraps(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	p.env = append(p.env, "PATH="+p.fewPrograms())
	tr := newTraps(t)
	first, second := filepath.Join(p.home, "first"), filepath.Join(p.home, "second")
	tr.unpacked(first, "", false)
	tr.unpacked(second, "", true)
	bare := filepath.Join(p.home, "bare", "docs")
	tr.looksBare(bare, true)
	tr.sprung()
	const transports = "git-proxy instead-of remote-ext ssh-command uploadpack vcs"
	for _, test := range []struct{ dir, in, line, want string }{
		{first, "", "--no-pager ls-files", "fsmonitor " + transports},
		{bare, "", "--no-pager ls-files", "included-fsmonitor " + transports},
		{first, "", "-p config --list", "pager"},
		{first, "", "config --list", "pager-config"},
		{first, "", "remote", "pager-remote"},
		{first, "", "symbolic-ref HEAD", "pager-symbolic-ref"},
		{first, "url=https://github.com/acme/widgets\n\n", "credential fill", "askpass helper helper-host helper-path included-helper included-if-helper pager-credential worktree-helper"},
		{second, "url=https://github.com/acme/widgets\n\n", "credential fill", "askpass helper-repository"},
		{first, "", "credential-pat get", "alias-credential-pat pager-credential-pat"},
		{first, "", "lfs version", "alias-lfs pager-lfs"},
		{first, "", "included", "included-alias"},
		{first, "", "included-if", "included-if-alias"},
		{first, "", "status", "fsmonitor"},
		{second, "", "status", "included-fsmonitor"},
		{second, "", "fetch origin", "instead-of-host"},
		{first, "", "push local main", "receivepack"},
		{first, "", "-c core.attributesFile= -c filter.lfs.process= commit --allow-empty -m two", "hook-pre-commit hook-post-index-change"},
		{second, "", "-c core.attributesFile= -c filter.lfs.process= commit --allow-empty -m two", "hook-pre-commit hook-post-index-change"},
	} {
		s := p.start(func(cmd *exec.Cmd, tty *os.File) {
			cmd.Path, cmd.Args = filepath.Join(p.home, "few", "git"), append([]string{"git"}, strings.Fields(test.line)...)
			cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = test.dir, strings.NewReader(test.in), tty, tty
		}, "git")
		s.ends()
		sprung := tr.sprung()
		for want := range strings.FieldsSeq(test.want) {
			if !slices.Contains(sprung, want) {
				t.Errorf("git %s: ran %q without %s\n%s", test.line, sprung, want, s.screen())
			}
		}
	}
}
