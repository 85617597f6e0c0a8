package e2e

import (
	"bytes"
	"encoding/base64"
	"errors"
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

// Git's configuration has tokens in many places. In the texts here @name@ stands
// for a secret of its own, ~name~ for a user name and password, or a user name
// alone, as it stands in a URL, and WORK for the repository.

// secretSettings are settings that may hold a secret.
const secretSettings = `
[remote "origin"]
	url = https://~remote-url~@github.com/acme/widgets.git
	pushurl = https://~remote-pushurl~@github.com/acme/widgets.git
	fetch = +refs/heads/*:refs/remotes/origin/*
	token = @remote-token@
	proxy = http://~remote-proxy~@proxy.example:3128
[remote "several"]
	url = https://~remote-first~@github.com/globex/widgets
	url = https://~remote-second~@github.com/globex/widgets
	url = http://~remote-http~@ghes.example/globex/widgets
[remote "ssh"]
	url = ssh://git@github.com/acme/gadgets.git
	pushurl = ssh://~remote-ssh~@github.com/acme/gadgets.git
[remote "https://~remote-name~@github.com/acme/named"]
	url = https://~remote-named~@github.com/acme/named
[remote]
	pushDefault = https://~push-default~@github.com/acme/widgets
[branch "main"]
	remote = https://~branch-remote~@github.com/acme/widgets
	pushRemote = https://~branch-pushremote~@github.com/acme/widgets
	merge = refs/heads/main
[branch "other"]
	remote = https://~other-remote~@github.com/acme/gadgets
[url "https://~insteadof-key~@github.com/initech/"]
	insteadOf = https://github.com/initech/
	insteadOf = git@github.com:initech/
	insteadOf = https://~insteadof-value~@github.com/initech/
[url "https://~pushinsteadof-key~@github.com/hooli/"]
	pushInsteadOf = https://github.com/hooli/
	pushInsteadOf = https://~pushinsteadof-value~@github.com/hooli/
[url "https://~insteadof-host~@ghes.example/"]
	insteadOf = https://ghes.example/
[credential "https://~credential-key~@github.com"]
	helper = store --file=WORK/nothing
	username = alice
[credential "https://~credential-owner~@github.com/acme"]
	helper = "!f() { echo password=@credential-helper@; }; f"
	username = @credential-username@
	useHttpPath = true
[http "https://~http-key~@github.com"]
	extraHeader = X-Nothing: nothing
[http "https://github.com/"]
	extraHeader = Authorization: Basic BASE64(http-basic)
	extraHeader = Authorization: Bearer @http-bearer@
	proxy = http://~http-proxy-for~@proxy.example:3128
	cookieFile = WORK/cookies
	sslKey = WORK/key
[http]
	proxy = http://~http-proxy~@proxy.example:3128
	userAgent = @http-useragent@
[submodule "sub"]
	url = https://~submodule-url~@github.com/acme/gadgets
	active = true
[lfs]
	url = https://~lfs-url~@github.com/acme/widgets.git/info/lfs
	pushurl = https://~lfs-pushurl~@github.com/acme/widgets.git/info/lfs
[lfs "https://~lfs-key~@github.com/acme/widgets.git/info/lfs"]
	access = basic
[include]
	path = WORK/included
[includeIf "hasconfig:remote.*.url:https://~includeif~@github.com/**"]
	path = WORK/nothing
[github]
	token = @github-token@
[alias]
	mine = !curl -H 'Authorization: token @alias@' https://api.github.com
[sendemail]
	smtpPass = @smtp@
`

// secretIncluded is a file that these include.
const secretIncluded = `
[remote "included"]
	url = https://~included~@github.com/acme/included
[url "https://~included-key~@github.com/umbrella/"]
	insteadOf = https://github.com/umbrella/
`

// secretModules is .gitmodules.
const secretModules = `
[submodule "sub"]
	path = sub
	url = https://~modules-url~@github.com/acme/gadgets
[submodule "ssh"]
	path = ssh
	url = ssh://~modules-ssh~@github.com/acme/gadgets
[submodule "relative"]
	path = relative
	url = ../relative.git
`

// secretForms are the ways in which a secret stands in a URL.
var secretForms = []struct {
	name string
	make func(t *testing.T) (userinfo, secret string)
}{
	{"a token as user name", func(t *testing.T) (string, string) {
		secret := mint(t, githubtest.FineGrained)
		return secret, secret
	}},
	{"a token as password", func(t *testing.T) (string, string) {
		secret := mint(t, githubtest.Classic)
		return "alice:" + secret, secret
	}},
	{"an opaque password", func(t *testing.T) (string, string) {
		secret := mint(t, githubtest.ClassicHex)[:20]
		return "alice:a%20b" + secret, "a b" + secret
	}},
	{"40 digits as user name", func(t *testing.T) (string, string) {
		secret := mint(t, githubtest.ClassicHex)
		return secret, secret
	}},
}

var secretPlace = regexp.MustCompile(`@([a-z][a-z-]*)@|~([a-z][a-z-]*)~|BASE64\(([a-z][a-z-]*)\)`)

// planted are secrets by the names of their places.
type planted map[string]string

// plant puts secrets into a text. Of the forms, the places in it get one after
// the other, beginning with the one of a number.
func (p planted) plant(t *testing.T, text string, number int) string {
	return secretPlace.ReplaceAllStringFunc(text, func(place string) string {
		m := secretPlace.FindStringSubmatch(place)
		switch {
		case m[1] != "":
			p[m[1]] = mint(t, githubtest.FineGrained)
			return p[m[1]]
		case m[3] != "":
			p[m[3]] = mint(t, githubtest.Classic)
			return base64.StdEncoding.EncodeToString([]byte("x-access-token:" + p[m[3]]))
		}
		form := secretForms[number%len(secretForms)]
		number++
		userinfo, secret := form.make(t)
		p[m[2]+", "+form.name] = secret
		return userinfo
	})
}

// shown returns the names of the secrets that a text has in it in some shape.
func (p planted) shown(text string) (names []string) {
	for name, secret := range p {
		if leaked(text, secret) != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// traced runs a program under strace and returns what it printed and the
// programs that it started, each with its arguments and, apart, its environment.
func (p *person) traced(dir, in string, args ...string) (said string, started, environs []string) {
	p.t.Helper()
	log := filepath.Join(p.t.TempDir(), "strace")
	cmd := exec.Command("strace", append([]string{"-f", "--seccomp-bpf", "-qq", "-v", "-s", "100000", "-o", log, "-e", "trace=execve", "-e", "signal=none", "env"}, args...)...)
	cmd.Env, cmd.Dir, cmd.Stdin = p.env, dir, strings.NewReader(in)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	data, err := os.ReadFile(log)
	if err != nil {
		p.t.Fatal(err)
	}
	own := false
	for line := range strings.Lines(string(data)) {
		_, call, ok := strings.Cut(line, " execve(")
		if !ok || strings.Contains(call, ") = -1 ") {
			continue
		}
		if !own { // env, then the program itself
			own = strings.HasPrefix(call, `"`+filepath.Join(programs, args[0])+`"`)
			continue
		}
		arguments, environ, ok := strings.Cut(call, "], [")
		if !ok {
			p.t.Fatalf("strace has a line of a form that is not known: %.200q", line)
		}
		started, environs = append(started, arguments), append(environs, environ)
	}
	if !own {
		p.t.Fatalf("strace does not show %s", args[0])
	}
	return out.String(), started, environs
}

// An argumentCommand is run where tokens are in Git's configuration.
type argumentCommand struct {
	in, line string // in the line, TYPED is a token and STORE a helper of Git's as a store
}

// No secret of Git's configuration is in an argument or in the environment of a
// program that we start, where other people of the machine may read it, and
// none is printed.
func TestSecretsInConfiguration(t *testing.T) {
	needStrace(t)
	t.Parallel()
	for _, test := range []struct {
		place string
		forms int // with which of the forms the places begin
	}{
		{"repository", 0},
		{"repository", 1},
		{"repository", 2},
		{"repository", 3},
		{"person", 0},
		{"person", 2},
		{"environment", 1},
	} {
		t.Run(fmt.Sprint(test.place, test.forms), func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			for _, name := range []string{"widgets", "gadgets", "named"} {
				if _, err := server.AddRepository(githubtest.Repository{Owner: "acme", Name: name, Private: true}); err != nil {
					t.Fatal(err)
				}
			}
			secrets := planted{}
			dir := filepath.Join(p.home, "work")
			p.git("", "init", "-q", "-b", "main", "work")
			settings := secrets.plant(t, strings.ReplaceAll(secretSettings, "WORK", dir), test.forms)
			p.write("work/.gitmodules", secrets.plant(t, secretModules, test.forms), 0o644)
			p.write("work/included", secrets.plant(t, secretIncluded, test.forms), 0o644)
			p.write("work/cookies", secrets.plant(t, "github.com\tFALSE\t/\tTRUE\t0\tuser_session\t@cookie@\n", test.forms), 0o600)
			for _, module := range []string{"sub", "ssh", "relative"} {
				p.git("work", "update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,"+module)
			}
			p.git("work", "commit", "-q", "-m", "one")
			switch test.place {
			case "repository":
				p.write("work/.git/config", p.read("work/.git/config")+settings, 0o644)
			case "person":
				p.write(".gitconfig", settings, 0o600)
			case "environment":
				p.write("settings", settings, 0o600)
				p.env = append(p.env, p.asVariables("settings")...)
			}
			p.runArgumentCommands(server, dir, secrets, test.place == "environment")
		})
	}
}

// asVariables returns the settings of a file as variables for Git.
func (p *person) asVariables(file string) (environ []string) {
	p.t.Helper()
	n := 0
	for entry := range strings.SplitSeq(strings.TrimSuffix(p.git("", "config", "--file", file, "--null", "--list"), "\x00"), "\x00") {
		key, value, _ := strings.Cut(entry, "\n")
		environ = append(environ, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", n, key), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", n, value))
		n++
	}
	return append(environ, fmt.Sprintf("GIT_CONFIG_COUNT=%d", n))
}

// runArgumentCommands runs all commands of git pat, and the helper.
func (p *person) runArgumentCommands(server *githubtest.Server, dir string, secrets planted, inEnvironment bool) {
	p.t.Helper()
	acme, globex := issueFor(p.t, server, "acme"), issueFor(p.t, server, "globex")
	p.writeSources(server)
	typed := mint(p.t, githubtest.Classic)
	secrets["typed"] = typed
	const request = "protocol=https\nhost=github.com\npath=acme/widgets\n"
	started := 0
	for _, c := range []argumentCommand{
		{line: "git-pat setup --dry-run"},
		{line: "git-pat setup --least-privilege"},
		{line: "git-pat add acme --access read --with-token --store file", in: acme + "\n"},
		{line: "git-pat add acme --name pushing --access write --with-token --offline --store file", in: issueFor(p.t, server, "acme") + "\n"},
		{line: "git-pat add globex --with-token --offline --store STORE", in: globex + "\n"},
		{line: "git-pat import gh --store file --remove-source --yes"},
		{line: "git-pat import netrc --store file --remove-source --yes"},
		{line: "git-pat import git-credentials --dry-run"},
		{line: "git-pat import git:store https://github.com/initech --store file"},
		{line: "git-pat list"},
		{line: "git-pat doctor"},
		{line: "git-pat doctor --json"},
		{line: "git-pat doctor --fix --yes"},
		{line: "git-pat verify --all"},
		{line: "git-pat explain"},
		{line: "git-pat explain --push --json"},
		{line: "git-pat explain origin"},
		{line: "git-pat explain several --push"},
		{line: "git-pat explain https://github.com/initech/widgets"},
		{line: "git-pat explain --push https://github.com/hooli/widgets"},
		{line: "git-pat explain --probe https://github.com/acme/widgets"},
		{line: "git-pat explain https://alice:TYPED@github.com/acme/widgets"},
		{line: "git-pat explain https://TYPED@github.com/acme/widgets"},
		{line: "git-pat explain --error", in: "fatal: Authentication failed for 'https://alice:" + typed + "@github.com/acme/widgets/'\n"},
		{line: "git-pat exec -- true"},
		{line: "git-pat exec --for globex -- true"},
		{line: "git-pat exec --for https://alice:TYPED@github.com/globex/widgets -- true"},
		{line: "git-pat token"},
		{line: "git-pat token --push origin"},
		{line: "git-pat token https://TYPED@github.com/globex/widgets"},
		{line: "git-pat completion bash"},
		{line: "git-pat __complete explain o"},
		{line: "git-pat __complete explain h"},
		{line: "git-pat __complete add a"},
		{line: "git-pat __complete remote i"},
		{line: "git-pat help"},
		{line: "git-pat version"},
		{line: "git-credential-pat get", in: request},
		{line: "git-credential-pat get", in: request + "username=git-push\n"},
		{line: "git-credential-pat store", in: request + "username=alice\npassword=" + typed + "\n"},
		{line: "git-credential-pat --save any store", in: "protocol=https\nhost=git.example\nusername=alice\npassword=" + typed + "\n"},
		{line: "git-credential-pat erase", in: request + "username=alice\npassword=" + typed + "\n"},
		{line: "git-credential-pat erase", in: request + "username=alice\npassword=" + acme + "\n"},
		{line: "git-pat remote"},
		{line: "git-pat remote origin"},
		{line: "git-pat remote --submodules"},
		{line: "git-pat remote --dry-run --submodules"},
		{line: "git-pat remote --insteadof --dry-run"},
		{line: "git-pat rotate globex --with-token --keep-old", in: issueFor(p.t, server, "globex") + "\n"},
		{line: "git-pat edit globex --name edited"},
		{line: "git-pat move globex --store file --yes"},
		{line: "git-pat revoke globex --yes"},
		{line: "git-pat remote --fix --yes origin"},
		{line: "git-pat remote --fix --yes --insteadof"},
		{line: "git-pat remote --fix --yes --submodules"},
		{line: "git-pat doctor"},
		{line: "git-pat list"},
		{line: "git-pat remove acme --name pushing --yes"},
		{line: "git-pat setup --undo"},
		{line: "git symbolic-ref HEAD refs/heads/other"},
		{line: "git-pat explain"},
		{line: "git-pat remote"},
		{line: "git symbolic-ref HEAD refs/heads/third"},
		{line: "git-pat explain"},
		{line: "git-pat explain --push"},
	} {
		args := strings.Fields(strings.ReplaceAll(c.line, "TYPED", typed))
		if args[0] == "git" {
			p.git("work", args[1:]...)
			continue
		}
		if i := slices.Index(args, "STORE"); i >= 0 {
			args[i] = p.plain()
		}
		said, arguments, environs := p.traced(dir, c.in, args...)
		if names := secrets.shown(said); names != nil {
			p.t.Errorf("%s: prints the secrets %q:\n%s", c.line, names, said)
		}
		for i := range arguments {
			if names := secrets.shown(arguments[i]); names != nil {
				p.t.Errorf("%s: has the secrets %q in the arguments %s", c.line, names, arguments[i])
			}
			if names := secrets.shown(environs[i]); names != nil && !inEnvironment {
				p.t.Errorf("%s: has the secrets %q in the environment of %s", c.line, names, arguments[i])
			}
		}
		started += len(arguments)
	}
	if started < 100 {
		p.t.Errorf("saw %d programs that ours started: strace shows something else", started)
	}
}
