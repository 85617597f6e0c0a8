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
	url = git@github.com:acme/gadgets.git
	active = true
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
	in, line string // in the line, STORE is a helper of Git's as a store
	typed    string // at the prompt for a token, if there is one
	want     string // is printed
	bare     string // is printed instead, where it is not clear that this is a repository
}

const (
	noPlace = "looks like a bare repository"
	aToken  = "github_pat_"
)

// issueFor makes a token for an owner, by which everything may be pushed.
func issueFor(t *testing.T, server *githubtest.Server, owner string) string {
	t.Helper()
	return issue(t, server, githubtest.Token{Owner: owner, Write: true})
}

// writeSources writes the files of other programs from which git pat imports.
func (p *person) writeSources(server *githubtest.Server) {
	p.t.Helper()
	p.write(".netrc", "machine ghes.example login alice password "+mint(p.t, githubtest.Classic)+"\n", 0o600)
	p.write(".git-credentials", "https://alice:"+issueFor(p.t, server, "initech")+"@github.com/initech\n", 0o600)
	p.write(".config/gh/hosts.yml", "ghe.example:\n    users:\n        alice:\n            oauth_token: "+mint(p.t, githubtest.OAuth)+"\n    user: alice\n", 0o600)
}

// hostileCommands are all commands of git pat and the helper's operations. Each
// has something to do when its turn comes.
func (p *person) hostileCommands(server *githubtest.Server) []hostileCommand {
	p.t.Helper()
	acme, pushing := issueFor(p.t, server, "acme"), issueFor(p.t, server, "acme")
	p.writeSources(server)
	const request = "protocol=https\nhost=github.com\npath=acme/widgets\n"
	return []hostileCommand{
		{line: "git-pat setup --dry-run"},
		{line: "git-pat setup --least-privilege", want: "include"},
		{line: "git-pat setup ghes.example"},
		{line: "git-pat add acme --access read --with-token --store file", in: acme + "\n", want: "git pat: added"},
		{line: "git-pat add acme --name pushing --access write --with-token --offline --store file", in: pushing + "\n", want: "git pat: added"},
		{line: "git-pat add globex --with-token --offline --store STORE", in: issueFor(p.t, server, "globex") + "\n", want: "git pat: added"},
		{line: "git-pat add hooli --store file", typed: issueFor(p.t, server, "hooli") + "\n", want: "git pat: added"},
		{line: "git-pat import gh --store file", want: "git pat: added 1 token"},
		{line: "git-pat import gh --store file --remove-source --yes"},
		{line: "git-pat import netrc --store file --remove-source --yes", want: "git pat: removed 1 entry"},
		{line: "git-pat import git-credentials --dry-run", want: "would be added"},
		{line: "git-pat import git:store https://github.com/initech --store file", want: "git pat: added 1 token"},
		{line: "git-pat list", want: "github.com/globex "},
		{line: "git-pat list --json acme", want: "pushing"},
		{line: "git-pat doctor", want: "Git is version"},
		{line: "git-pat doctor --json"},
		{line: "git-pat doctor --fix --yes", want: "Git is version"},
		{line: "git-pat verify --all", want: "good"},
		{line: "git-pat verify acme", want: "good"},
		{line: "git-pat explain", bare: noPlace},
		{line: "git-pat explain origin"},
		{line: "git-pat explain ext"},
		{line: "git-pat explain rewritten --push"},
		{line: "git-pat explain --probe https://github.com/globex/widgets", want: "globex"},
		{line: "git-pat explain git@github.com:acme/widgets.git"},
		{line: "git-pat explain --error", in: "fatal: repository 'https://github.com/acme/widgets/' not found\n"},
		{line: "git-pat exec -- printenv GH_TOKEN", bare: noPlace},
		{line: "git-pat exec --for globex -- printenv GH_TOKEN", want: aToken},
		{line: "git-pat token --show", bare: noPlace},
		{line: "git-pat token --show https://github.com/globex/widgets", want: aToken},
		{line: "git-pat completion bash", want: "git-pat __complete"},
		{line: "git-pat __complete explain o"},
		{line: "git-pat __complete add a", want: "acme"},
		{line: "git-pat __complete remote -"},
		{line: "git-pat help", want: "doctor"},
		{line: "git-pat help remote", want: "--submodules"},
		{line: "git-pat version", want: "git-pat version"},
		{line: "git-credential-pat get", in: request},
		{line: "git-credential-pat get", in: "protocol=https\nhost=github.com\npath=globex/widgets\n", want: "password=" + aToken},
		{line: "git-credential-pat get", in: "protocol=ssh\nhost=github.com\npath=acme/widgets\n", want: "quit=1"},
		{line: "git-credential-pat store", in: request + "username=alice\npassword=" + acme + "\n"},
		{line: "git-credential-pat store", in: request + "username=alice\npassword=" + mint(p.t, githubtest.FineGrained) + "\n"},
		{line: "git-credential-pat --save any store", in: "protocol=https\nhost=git.example\nusername=alice\npassword=secret\n"},
		{line: "git-credential-pat erase", in: request + "username=alice\npassword=" + pushing + "\n", want: "is set aside"},
		{line: "git-credential-pat capability", want: "version 0"},
		{line: "git-pat remote", want: "origin ", bare: noPlace},
		{line: "git-pat remote --submodules", want: "submodule", bare: noPlace},
		{line: "git-pat remote --dry-run --submodules", bare: noPlace},
		{line: "git-pat remote --insteadof --dry-run", bare: noPlace},
		{line: "git-pat remote --fix --yes origin", bare: noPlace},
		{line: "git-pat remote --fix --yes --insteadof ssh", bare: noPlace},
		{line: "git-pat remote --fix --yes --submodules", bare: noPlace},
		{line: "git-pat remote --fix --yes --submodules", bare: noPlace}, // which may now synchronise some
		{line: "git-pat rotate globex --with-token --keep-old", in: issueFor(p.t, server, "globex") + "\n", want: "now answers"},
		{line: "git-pat edit globex --name edited --target globex/reactor", want: "git pat: changed"},
		{line: "git-pat edit globex/reactor --target globex", want: "git pat: changed"},
		{line: "git-pat move globex --store file --yes", want: "git pat: moved"},
		{line: "git-pat revoke acme --name pushing --yes", want: "to revoke the token"},
		{line: "git-pat remove acme --yes", want: "git pat: removed"},
		{line: "git-pat setup --undo", want: "git config --global --unset"},
	}
}

// springs runs a command where the traps are, at a terminal, and returns what
// it printed and the traps that it ran into.
func (p *person) springs(tr *traps, dir string, c hostileCommand) (said string, sprung []string) {
	p.t.Helper()
	args := strings.Fields(c.line)
	for i := range args {
		if args[i] == "STORE" {
			args[i] = p.plain()
		}
	}
	s := p.start(func(cmd *exec.Cmd, tty *os.File) {
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(c.in)
		cmd.Stdout, cmd.Stderr = tty, tty
	}, args[0], args[1:]...)
	if c.typed != "" {
		s.promptedInTheDark("(it is not shown): ")
		s.types(c.typed)
	}
	s.ends()
	return s.screen(), tr.sprung()
}

// tools makes a folder with the programs that git pat runs beside Git. They run
// another one, which is to be found in no folder of a repository either.
func (p *person) tools() string {
	p.t.Helper()
	for _, name := range []string{"gh", "ssh", "xdg-open"} {
		p.write("tools/"+name, "#!/bin/sh\nuname >/dev/null\necho hostname work\n", 0o755)
	}
	return filepath.Join(p.home, "tools")
}

// fewPrograms makes a folder for PATH that has neither the helper nor Git LFS,
// so that an alias could take their place.
func (p *person) fewPrograms() string {
	p.t.Helper()
	dir := filepath.Join(p.home, "few")
	if err := os.Mkdir(dir, 0o700); err != nil {
		p.t.Fatal(err)
	}
	for _, name := range []string{"git", "sh", "cat", "ssh", "printenv"} {
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
	cloned := func(tr *traps, dir string) string {
		tr.cloned(dir)
		return dir
	}
	fewer := func(tr *traps, dir string) string { // without what Go itself would refuse to run
		tr.cloned(dir)
		for _, name := range []string{"git", "gh", "ssh", "xdg-open", "x-www-browser", "www-browser"} {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				tr.t.Fatal(err)
			}
		}
		return dir
	}
	unpacked := func(more bool) func(*traps, string) string {
		return func(tr *traps, dir string) string {
			tr.unpacked(dir, "", more)
			tr.withSubmodule(dir, more)
			return dir
		}
	}
	bare := func(more bool) func(*traps, string) string {
		return func(tr *traps, dir string) string {
			dir = filepath.Join(dir, "docs")
			tr.looksBare(dir, more)
			return dir
		}
	}
	for _, test := range []struct {
		name  string
		place func(tr *traps, dir string) string
		path  string // USUAL and FEW stand for more than one folder
		env   string
	}{
		{"cloned", cloned, "USUAL", ""},
		{"cloned, PATH begins with a dot", cloned, ".:USUAL", ""},
		{"cloned, fewer traps, PATH begins with a dot", fewer, ".:USUAL", ""},
		{"cloned, fewer traps, PATH begins with an empty element", fewer, ":USUAL", ""},
		{"cloned, fewer traps, PATH has a relative element", fewer, "../work:USUAL", ""},
		{"cloned, few programs, PATH ends with an empty element", cloned, "FEW:", "DBUS_SESSION_BUS_ADDRESS="}, // so that dbus-launch is looked for
		{"unpacked", unpacked(false), "USUAL", ""},
		{"unpacked, more", unpacked(true), "USUAL", ""},
		{"unpacked, few programs", unpacked(false), "FEW", ""},
		{"unpacked, PATH begins with a dot", unpacked(true), "./:USUAL", ""},
		{"looks bare", bare(false), "USUAL", ""},
		{"looks bare, more", bare(true), "USUAL", ""},
		{"looks bare, few programs", bare(false), "FEW", ""},
		{"looks bare, PATH has an empty element", bare(true), "PROGRAMS::USUAL", ""},
		{"looks bare, and is named", bare(false), "USUAL", "GIT_DIR=."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			for _, owner := range []string{"acme", "globex", "hooli", "initech"} {
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
			p.env = append(p.env, "DISPLAY=:0", "PATH="+strings.NewReplacer(
				"USUAL", programs+":"+p.tools()+":"+os.Getenv("PATH"),
				"FEW", p.fewPrograms(),
				"PROGRAMS", programs,
			).Replace(test.path), test.env)
			isBare := strings.HasPrefix(test.name, "looks bare") && test.env == ""
			for _, c := range commands {
				said, sprung := p.springs(tr, dir, c)
				if sprung != nil {
					t.Errorf("%s: ran %q\n%s", c.line, sprung, said)
				}
				want := c.want
				if isBare && c.bare != "" {
					want = c.bare
				}
				if !strings.Contains(said, want) || strings.Contains(said, "how it is used:") || strings.Contains(said, "goroutine ") {
					t.Errorf("%s: printed %q, want %q in it", c.line, said, want)
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
		{first, "", "-c filter.lfs.process= commit --allow-empty -m two", "hook-pre-commit hook-post-index-change"},
		{second, "", "-c filter.lfs.process= commit --allow-empty -m two", "hook-pre-commit hook-post-index-change"},
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
