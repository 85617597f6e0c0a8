package e2e

import (
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// Git's configuration with a secret in each key and value in which people have
// one. In these texts @fine-NAME@ is a fine-grained token, @classic-NAME@ a
// classic one, @hex-NAME@ one of 40 hexadecimal digits, @pass-NAME@ a password
// and @basic-NAME@ the value of a header with a classic token in it.

// configuredRemotes are in the configuration of a repository.
const configuredRemotes = `
[remote "origin"]
	url = https://github.com/acme/widgets.git
	fetch = +refs/heads/*:refs/remotes/origin/*
[remote "password"]
	url = https://alice:@fine-password@@github.com/acme/widgets.git
[remote "user"]
	url = https://@classic-user@@github.com/globex/reactor
[remote "hex"]
	url = https://@hex-user@@github.com/initech/tool
[remote "basic"]
	url = https://@hex-basic@:x-oauth-basic@ghes.example/initech/tool
[remote "forge"]
	url = https://alice:@pass-forge@@lab.example/group/thing.git
[remote "http"]
	url = http://x-access-token:@classic-http@@github.com/hooli/box
[remote "ssh"]
	url = ssh://git:@pass-ssh@@github.com/hooli/box
[remote "pushing"]
	url = https://github.com/acme/gadgets.git
	pushurl = https://@fine-pushurl@@github.com/acme/gadgets.git
	proxy = http://alice:@pass-remote-proxy@@127.0.0.1:1
	token = @classic-remote-token@
[remote "https://@classic-remote-name@@github.com/acme/named"]
	url = https://@classic-remote-name@@github.com/acme/named
	fetch = +refs/heads/*:refs/remotes/named/*
	prune = true
[remote]
	pushDefault = https://@classic-push-default@@github.com/acme/widgets
[submodule "one"]
	url = https://alice:@fine-submodule@@github.com/acme/sub.git
	active = true
[submodule "two"]
	url = ../two.git
[lfs]
	url = https://alice:@classic-lfs@@github.com/acme/widgets.git/info/lfs
	pushurl = https://@classic-lfs-push@@github.com/acme/widgets.git/info/lfs
[lfs "https://alice:@classic-lfs-access@@github.com/acme/widgets.git/info/lfs"]
	access = basic
[git-pat]
	probe = @classic-probe@
`

// configuredModules is the file .gitmodules.
const configuredModules = `
[submodule "one"]
	path = one
	url = https://alice:@fine-modules@@github.com/acme/sub.git
[submodule "two"]
	path = two
	url = ../two.git
[submodule "three"]
	path = three
	url = https://@hex-modules@@github.com/acme/three.git
`

// configuredFollowing has a branch follow a URL, as after git push -u URL.
const configuredFollowing = `
[remote "origin"]
	url = https://github.com/acme/widgets.git
[branch "main"]
	remote = https://alice:@fine-follow@@github.com/acme/widgets.git
	pushRemote = https://@classic-follow-push@@github.com/acme/widgets.git
	merge = refs/heads/main
`

// configuredHost is for a host, in the configuration of a repository or of a
// person.
const configuredHost = `
[credential]
	helper = "!f() { echo username=alice; echo password=@classic-helper@; }; f"
[credential "https://@classic-credential@@github.com"]
	helper = "!echo password=@classic-credential-value@; :"
	useHttpPath = true
	username = alice
[credential "https://x:@pass-credential@@github.com/acme"]
	helper =
	helper = store --file=/nowhere/@pass-file@
	useHttpPath = false
[credential "https://@hex-credential@@lab.example"]
	username = @hex-credential-value@
[credential "x:@classic-partial@@github.com"]
	helper = nothing
[http]
	extraHeader = Authorization: bearer @classic-header@
	proxy = http://alice:@pass-proxy@@127.0.0.1:1
[http "https://x:@classic-http-key@@github.com/"]
	extraHeader = AUTHORIZATION: basic @basic-header@
	cookieFile = /nowhere/@pass-cookies@
[http "https://@fine-http-key@@github.com/acme"]
	extraHeader = "Authorization: token @hex-header@"
	proxy = http://alice:@pass-proxy-host@@127.0.0.1:1
[http "https://github.com/"]
	extraHeader = AUTHORIZATION: basic @basic-workflow@
	proactiveAuth = basic
`

// configuredRules are rules by which Git uses another URL.
const configuredRules = `
[url "https://@classic-rule@@github.com/"]
	insteadOf = ours:
	insteadOf = https://github.com/acme/
[url "https://x-access-token:@fine-rule@@github.com/globex/"]
	insteadOf = https://github.com/globex/
	pushInsteadOf = git@github.com:globex/
[url "https://@hex-rule@@github.com/initech/"]
	insteadOf = https://github.com/initech/
[url "https://github.com/"]
	insteadOf = https://@classic-rule-value@@github.com/
	pushInsteadOf = https://alice:@fine-rule-value@@github.com/
[url "ssh://git:@pass-rule@@github.com/"]
	pushInsteadOf = https://github.com/hooli/
`

// configuredLogin has the user name be a token, with which some log in.
const configuredLogin = `
[credential "https://github.com"]
	username = @hex-login@
[credential "https://ghes.example"]
	username = @classic-login@
`

var configuredSecret = regexp.MustCompile(`@(fine|classic|hex|pass|basic)-[a-z-]+@`)

// configured returns a text with secrets in the place of their names, which are
// added to those that are known.
func configured(t *testing.T, text string, secrets map[string]string) string {
	t.Helper()
	return configuredSecret.ReplaceAllStringFunc(text, func(name string) string {
		if secrets[name] == "" {
			switch kind, _, _ := strings.Cut(name[1:], "-"); kind {
			case "fine":
				secrets[name] = mint(t, githubtest.FineGrained)
			case "hex":
				secrets[name] = mint(t, githubtest.ClassicHex)
			case "pass":
				secrets[name] = "pass" + rand.Text()
			default:
				secrets[name] = mint(t, githubtest.Classic)
			}
		}
		if strings.HasPrefix(name, "@basic-") {
			return base64.StdEncoding.EncodeToString([]byte("x-access-token:" + secrets[name]))
		}
		return secrets[name]
	})
}

// Whatever key or value of Git's configuration has a secret in it: no program
// that ours start has it as an argument or in its environment, and nobody is
// shown it.
func TestNoTraceOfConfiguration(t *testing.T) {
	needStrace(t)
	t.Parallel()
	for _, test := range []struct{ name, own, local, modules string }{
		{"remotes", "", configuredRemotes, configuredModules},
		{"remotes and rules", configuredRules, configuredRemotes, configuredModules},
		{"a branch", "", configuredFollowing, ""},
		{"a branch and rules", configuredRules, configuredFollowing, ""},
		{"a host, in the repository", "", configuredHost + configuredFollowing, ""},
		{"a host, of the person", configuredHost + configuredRules, configuredFollowing, ""},
		{"logins", configuredLogin, configuredRemotes, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			for _, repository := range []string{"acme/widgets", "acme/gadgets", "globex/reactor", "initech/tool", "hooli/box"} {
				owner, name, _ := strings.Cut(repository, "/")
				if _, err := server.AddRepository(githubtest.Repository{Owner: owner, Name: name, Private: true}); err != nil {
					t.Fatal(err)
				}
			}
			token := func(id, owner string) string {
				secret, err := server.AddToken(githubtest.Token{ID: id, Kind: githubtest.FineGrained, Login: "alice", Owner: owner, Write: true})
				if err != nil {
					t.Fatal(err)
				}
				return secret
			}
			acme, globex, renewed := token("acme", "acme"), token("globex", "globex"), token("renewed", "globex")
			p.git("", "init", "-q", "-b", "main", "work")
			for _, module := range []string{"one", "two", "three"} {
				p.git("work", "update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,"+module)
			}
			secrets := map[string]string{}
			add := func(file, text string) {
				t.Helper()
				data, err := os.ReadFile(filepath.Join(p.home, file))
				if err != nil && !os.IsNotExist(err) {
					t.Fatal(err)
				}
				p.write(file, string(data)+configured(t, text, secrets), 0o600)
			}
			add(".gitconfig", test.own)
			add("work/.git/config", test.local)
			if test.modules != "" {
				add("work/.gitmodules", test.modules)
			}
			p.write(".git-credentials", "https://alice:"+globex+"@github.com/globex/reactor\n", 0o600)

			// A command of Git writes a file of its configuration whole, and what a
			// person has kept is written where it is kept.
			where := regexp.MustCompile(`/(config|\.gitconfig|\.gitmodules)\.lock$|/secrets/`)
			s := &straced{t: t, log: filepath.Join(t.TempDir(), "strace"), dir: filepath.Join(p.home, "work"), env: append(p.env, gitTraces...), places: places{}}
			for _, secret := range secrets {
				s.places[secret] = where
			}
			for _, secret := range []string{acme, globex, renewed} {
				s.places[secret] = regexp.MustCompile(`/secrets/`)
			}
			if len(secrets) < 2 {
				t.Fatalf("there are only %d secrets", len(secrets))
			}
			pat := func(line string) { s.try("", append([]string{"git-pat"}, strings.Fields(line)...)...) }
			given := func(secret, line string) {
				s.try(secret+"\n", append([]string{"git-pat"}, strings.Fields(line)...)...)
			}
			helper := func(operation, request string) { s.try(request+"\n", "git-credential-pat", operation) }
			pat("setup --dry-run")
			pat("setup")
			pat("setup --least-privilege lab.example")
			given(acme, "add acme --with-token --store file")
			given(globex, "add globex --with-token --offline --store file --access read")
			pat("import git-credentials --store file")
			pat("list")
			pat("list --json")
			pat("doctor")
			pat("doctor --json")
			pat("verify --all")
			for _, what := range []string{"", "origin", "user", "password", "pushing", "main", "acme", "globex/reactor", "https://github.com/acme/widgets", "https://github.com/initech/tool", "git@github.com:globex/reactor", "lab.example/group/thing"} {
				pat("explain " + what)
				pat("explain --push --json " + what)
			}
			pat("explain --probe https://github.com/acme/widgets")
			s.handsOut = true
			pat("exec -- true")
			pat("exec --for globex --push -- true")
			pat("token --push acme")
			s.handsOut = false
			pat("__complete explain ")
			pat("__complete add ")
			pat("__complete remote ")
			pat("completion bash")
			pat("help remote")
			pat("version")
			for _, request := range []string{"protocol=https\nhost=github.com\npath=acme/widgets\n", "protocol=https\nhost=github.com\npath=globex/reactor\n"} {
				helper("get", request)
				helper("store", request+"username=alice\npassword="+acme+"\n")
				helper("erase", request+"username=alice\npassword="+acme+"\n")
			}
			pat("remote")
			pat("remote --submodules")
			pat("remote --insteadof --dry-run")
			pat("remote --fix --dry-run")
			pat("remote --fix --yes")
			pat("remote --fix --yes user password one three")
			given(renewed, "rotate globex --with-token --offline")
			pat("move globex --store file --yes")
			pat("doctor --fix --yes")
			pat("revoke globex --yes")
			pat("remove acme --yes")
			pat("setup --undo")
			if s.ours < 50 {
				t.Errorf("saw %d programs that ours started: strace shows something else", s.ours)
			}
		})
	}
}
