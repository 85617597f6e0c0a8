package remotes

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// A repo is what stands in a repository of a test.
type repo struct {
	config  string // of the repository
	own     string // of the person
	modules string // .gitmodules; each submodule is in the index
}

// enter makes the repository and goes there. Nothing of the machine's own
// configuration counts.
func (r repo) enter(t *testing.T) {
	t.Helper()
	home, dir := t.TempDir(), t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, ".config"),
		"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": filepath.Join(home, ".gitconfig"),
		"GIT_CONFIG_COUNT": "0", "GIT_CONFIG_PARAMETERS": "",
		"GIT_CEILING_DIRECTORIES": filepath.Dir(dir),
	} {
		t.Setenv(name, value)
	}
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE"} {
		t.Setenv(name, "") // so that it comes back
		os.Unsetenv(name)
	}
	t.Chdir(dir)
	for name, text := range map[string]string{
		filepath.Join(home, ".gitconfig"):    r.own,
		filepath.Join(dir, ".git", "HEAD"):   "ref: refs/heads/main\n",
		filepath.Join(dir, ".git", "config"): "[core]\nrepositoryformatversion = 0\n" + r.config,
	} {
		put(t, name, text)
	}
	for _, name := range []string{"objects", "refs"} {
		if err := os.Mkdir(filepath.Join(".git", name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if r.modules == "" {
		return
	}
	put(t, ".gitmodules", r.modules)
	for line := range strings.Lines(r.modules) {
		if path, ok := strings.CutPrefix(line, "path = "); ok {
			_, err := git.Run(t.Context(), "update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+","+strings.TrimSpace(path))
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func put(t *testing.T, name, text string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(name), 0o700)
	if err == nil {
		err = os.WriteFile(name, []byte(text), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestList(t *testing.T) {
	classic := "ghp" + "_" + strings.Repeat("x", 36)
	lib := "[submodule \"lib\"]\npath = libs/lib\nurl = "
	for _, test := range []struct {
		name   string
		repo   repo
		reader Reader
		want   []string
	}{
		{name: "no remotes"},
		{
			name: "https",
			repo: repo{config: "[remote \"origin\"]\nurl = https://github.com/acme/a\n"},
			want: []string{"remote origin https://github.com/acme/a"},
		},
		{
			name: "SSH",
			repo: repo{config: "[remote \"origin\"]\nurl = git@github.com:acme/a.git\n"},
			want: []string{"remote origin https://github.com/acme/a.git, over ssh\n> remote set-url origin https://github.com/acme/a.git"},
		},
		{
			name: "a local path",
			repo: repo{config: "[remote \"origin\"]\nurl = /srv/a\n"},
			want: []string{"remote origin "},
		},
		{
			name: "a name like an option",
			repo: repo{config: "[remote \"-x\"]\nurl = http://github.com/acme/a\n"},
			want: []string{"remote -x https://github.com/acme/a, over http\n> remote set-url -- -x https://github.com/acme/a"},
		},
		{
			name:   "a host whose tokens are for a port",
			repo:   repo{config: "[remote \"origin\"]\nurl = ssh://git@ghes.example:22/acme/a\n"},
			reader: Reader{Hosts: []string{"ghes.example:8443"}},
			want:   []string{"remote origin https://ghes.example:8443/acme/a, over ssh\n> remote set-url origin https://ghes.example:8443/acme/a"},
		},
		{
			name:   "Bitbucket Data Center, as its tokens tell",
			repo:   repo{config: "[remote \"origin\"]\nurl = ssh://git@bb.example:7998/PROJ/a.git\n[remote \"own\"]\nurl = git@bb.example:~jane/a.git\n"},
			reader: Reader{Hosts: []string{"bb.example:8443"}, Forge: forgeOf("bb.example:8443", forge.Bitbucket)},
			want: []string{
				"remote origin https://bb.example:8443/scm/PROJ/a.git, over ssh\n> remote set-url origin https://bb.example:8443/scm/PROJ/a.git",
				"remote own https://bb.example:8443/scm/~jane/a.git, over ssh\n> remote set-url own https://bb.example:8443/scm/~jane/a.git",
			},
		},
		{
			name:   "Bitbucket Data Center, by its port too",
			repo:   repo{config: "[remote \"origin\"]\nurl = ssh://git@bb.example:7999/PROJ/a.git\n"},
			reader: Reader{Hosts: []string{"bb.example"}, Forge: forgeOf("bb.example", forge.Bitbucket)},
			want:   []string{"remote origin https://bb.example/scm/PROJ/a.git, over ssh\n> remote set-url origin https://bb.example/scm/PROJ/a.git"},
		},
		{
			name:   "tokens of another forge",
			repo:   repo{config: "[remote \"origin\"]\nurl = ssh://git@git.example:7998/acme/a.git\n"},
			reader: Reader{Hosts: []string{"git.example"}, Forge: forgeOf("git.example", forge.Gitea)},
			want:   []string{"remote origin https://git.example/acme/a.git, over ssh\n> remote set-url origin https://git.example/acme/a.git"},
		},
		{
			name: "paths that no repository has",
			repo: repo{config: "[remote \"a\"]\nurl = git@github.com:acme/../other\n[remote \"b\"]\nurl = ssh://git@git.example/./x\n" +
				"[remote \"c\"]\nurl = http://github.com/acme//x\n[remote \"d\"]\nurl = git@gl.example:acme/a b\n[remote \"e\"]\nurl = git@git.example:team/a b\n"},
			reader: Reader{Hosts: []string{"gl.example"}, Forge: forgeOf("gl.example", forge.GitLab)},
			want: []string{
				`remote a https://github.com/acme/../other, over ssh, "acme/../other" is not the path of an owner or repository on GitHub`,
				`remote b https://git.example/./x, over ssh, "./x" is not the path of an owner or repository`,
				`remote c https://github.com/acme//x, over http, "acme//x" is not the path of an owner or repository on GitHub`,
				`remote d https://gl.example/acme/a%20b, over ssh, "acme/a b" is not the path of an owner or repository on GitLab`,
				"remote e https://git.example/team/a%20b, over ssh\n> remote set-url e https://git.example/team/a%20b",
			},
		},
		{
			name:   "and no rule of insteadOf for one",
			repo:   repo{config: "[remote \"a\"]\nurl = git@github.com:acme/../other\n"},
			reader: Reader{InsteadOf: "own"},
			want:   []string{`remote a https://github.com/acme/../other, over ssh, "acme/../other" is not the path of an owner or repository on GitHub`},
		},
		{
			name:   "rules for Bitbucket Data Center, and none for Azure DevOps",
			repo:   repo{config: "[include]\npath = own\n[remote \"a\"]\nurl = ssh://git@bb.example:7999/PROJ/a.git\n[remote \"b\"]\nurl = git@ssh.dev.azure.com:v3/acme/web/site\n[remote \"c\"]\nurl = git@git.example:team/a.git\n"},
			reader: Reader{InsteadOf: "own"},
			want: []string{
				"remote a https://bb.example/scm/PROJ/a.git, over ssh\n> config --file own --add url.https://bb.example/scm/.insteadOf ssh://git@bb.example:7999/",
				"remote b https://dev.azure.com/acme/web/_git/site, over ssh\n> remote set-url b https://dev.azure.com/acme/web/_git/site",
				"remote c https://git.example/team/a.git, over ssh\n> config --file own --add url.https://git.example/.insteadOf git@git.example:",
			},
		},
		{
			name: "the path of a submodule that no repository has",
			repo: repo{modules: "[submodule \"lib\"]\npath = libs/lib\nurl = git@github.com:acme/../lib\n"},
			want: []string{`submodule libs/lib https://github.com/acme/../lib, over ssh, "acme/../lib" is not the path of an owner or repository on GitHub`},
		},
		{
			name: "a token in the URL",
			repo: repo{config: "[remote \"origin\"]\nurl = https://" + classic + "@github.com/acme/a\n"},
			want: []string{"remote origin https://github.com/acme/a, secret https://***@github.com/acme/a\n> remote set-url origin https://github.com/acme/a"},
		},
		{
			name: "a token in the second of two URLs",
			repo: repo{config: "[remote \"origin\"]\nurl = https://github.com/acme/a\nurl = https://" + classic + "@github.com/acme/b\n"},
			want: []string{
				"remote origin https://github.com/acme/a",
				"remote origin (push) https://github.com/acme/b, secret https://***@github.com/acme/b\n> remote set-url origin https://github.com/acme/b ^https://[^/]*@github\\.com/acme/b$",
			},
		},
		{
			name: "a token in the name",
			repo: repo{config: "[remote \"https://" + classic + "@github.com/acme/a\"]\nurl = git@github.com:acme/a\n"},
			want: []string{"remote https://" + classic + "@github.com/acme/a https://github.com/acme/a, over ssh\n> by hand: config --local --edit"},
		},
		{
			name: "a URL for pushing",
			repo: repo{config: "[remote \"origin\"]\nurl = https://github.com/acme/a\npushurl = git@github.com:acme/a\n"},
			want: []string{
				"remote origin (fetch) https://github.com/acme/a",
				"remote origin (push) https://github.com/acme/a, over ssh\n> remote set-url --push origin https://github.com/acme/a",
			},
		},
		{
			name: "a URL for pushing that says so",
			repo: repo{
				config: "[remote \"origin\"]\nurl = https://github.com/acme/a\npushurl = git@github.com:acme/a\n",
				own:    "[url \"https://git-push@github.com/\"]\npushInsteadOf = https://github.com/\n",
			},
			want: []string{
				"remote origin (fetch) https://github.com/acme/a",
				"remote origin (push) https://git-push@github.com:443/acme/a, over ssh\n> remote set-url --push origin https://git-push@github.com:443/acme/a",
			},
		},
		{
			name: "a URL in the person's own configuration",
			repo: repo{own: "[remote \"origin\"]\nurl = git@github.com:acme/a\n"},
			want: []string{"remote origin https://github.com/acme/a, over ssh\n> config --global --replace-all remote.origin.url https://github.com/acme/a ^git@github\\.com:acme/a$"},
		},
		{
			name: "a rule that leads to SSH",
			repo: repo{
				config: "[remote \"origin\"]\nurl = https://github.com/acme/a\n",
				own:    "[url \"git@github.com:\"]\ninsteadOf = https://github.com/\n",
			},
			want: []string{"remote origin https://github.com/acme/a, over ssh\n> config --global --unset-all url.git@github.com:.insteadOf ^https://github\\.com/$"},
		},
		{
			name: "a rule that leads to SSH to push",
			repo: repo{config: "[remote \"origin\"]\nurl = https://github.com/acme/a\n[url \"git@github.com:\"]\npushInsteadOf = https://github.com/\n"},
			want: []string{
				"remote origin (fetch) https://github.com/acme/a",
				"remote origin (push) https://github.com/acme/a, over ssh\n> config --local --unset-all url.git@github.com:.pushInsteadOf ^https://github\\.com/$",
			},
		},
		{
			name: "a rule with a token",
			repo: repo{
				config: "[remote \"origin\"]\nurl = https://github.com/acme/a\n",
				own:    "[url \"https://" + classic + "@github.com/\"]\ninsteadOf = https://github.com/\n",
			},
			want: []string{"remote origin https://github.com/acme/a, secret https://***@github.com/acme/a\n> by hand: config --global --edit"},
		},
		{
			name:   "with rules in place of URLs",
			repo:   repo{config: "[remote \"origin\"]\nurl = git@github.com:acme/a\n"},
			reader: Reader{InsteadOf: "/own"},
			want: []string{"remote origin https://github.com/acme/a, over ssh\n> config --file /own --add url.https://github.com/.insteadOf git@github.com:" +
				"\n> config --global --add include.path /own"},
		},
		{
			name: "with rules in place of URLs, and for pushes",
			repo: repo{
				config: "[remote \"origin\"]\nurl = git@github.com:acme/a\n",
				own:    "[include]\npath = /own\n[url \"https://git-push@github.com:443/\"]\npushInsteadOf = https://github.com/\n",
			},
			reader: Reader{InsteadOf: "/own"},
			want: []string{"remote origin https://github.com/acme/a, over ssh\n> config --file /own --add url.https://github.com/.insteadOf git@github.com:" +
				"\n> config --file /own --add url.https://git-push@github.com:443/.pushInsteadOf git@github.com:"},
		},
		{
			name: "a submodule",
			repo: repo{modules: lib + "https://github.com/acme/lib\n"},
			want: []string{"submodule libs/lib https://github.com/acme/lib"},
		},
		{
			name: "a submodule over SSH",
			repo: repo{modules: lib + "git@github.com:acme/lib\n"},
			want: []string{"submodule libs/lib https://github.com/acme/lib, over ssh\n> config -f .gitmodules submodule.lib.url https://github.com/acme/lib\n> submodule sync -- libs/lib"},
		},
		{
			name: "one that has a URL of its own",
			repo: repo{
				config:  "[submodule \"lib\"]\nurl = git@github.com:fork/lib\n",
				modules: lib + "https://github.com/acme/lib\n",
			},
			want: []string{"submodule libs/lib https://github.com/fork/lib, over ssh\n> config submodule.lib.url https://github.com/fork/lib"},
		},
		{
			name: "one whose old URL is still in use",
			repo: repo{
				config:  "[submodule \"lib\"]\nurl = git@github.com:acme/lib\n",
				modules: lib + "https://github.com/acme/lib\n",
			},
			want: []string{"submodule libs/lib https://github.com/acme/lib, over ssh\n> submodule sync -- libs/lib"},
		},
		{
			name: "one that is relative to a remote over SSH",
			repo: repo{
				config:  "[remote \"origin\"]\nurl = git@github.com:acme/a\n",
				modules: lib + "../lib\n",
			},
			want: []string{
				"remote origin https://github.com/acme/a, over ssh\n> remote set-url origin https://github.com/acme/a",
				"submodule libs/lib https://github.com/acme/lib, over ssh, follows origin",
			},
		},
		{
			name: "one that is relative to a remote that is not there",
			repo: repo{modules: lib + "../host:acme/lib\n"},
			want: []string{"submodule libs/lib "},
		},
		{
			name: "rules of the repository are not for its submodules",
			repo: repo{
				config:  "[url \"git@github.com:\"]\ninsteadOf = https://github.com/\n",
				modules: lib + "https://github.com/acme/lib\n",
			},
			want: []string{"submodule libs/lib https://github.com/acme/lib"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.repo.enter(t)
			test.reader.Config = &git.Cache{}
			entries, err := test.reader.List(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range entries {
				got = append(got, inShort(e))
				for _, command := range append(e.Commands, e.ByHand) {
					if strings.Contains(strings.Join(command, " "), classic) {
						t.Errorf("a token is in a command: %q", command)
					}
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestNoRepository(t *testing.T) {
	repo{}.enter(t)
	if err := os.RemoveAll(".git"); err != nil {
		t.Fatal(err)
	}
	entries, err := (&Reader{Config: &git.Cache{}}).List(t.Context(), "")
	var none *NoRepositoryError
	if !errors.As(err, &none) {
		t.Errorf("got %v and %v", entries, err)
	}
}

func TestChoose(t *testing.T) {
	entry := func(name, protocol, host string) *Entry {
		return &Entry{Name: name, Remote: credential.Remote{Protocol: protocol, Host: host}, Commands: [][]string{{"config"}}}
	}
	good := entry("good", "https", "github.com")
	known, strange := entry("known", "ssh", "github.com"), entry("strange", "ssh", "lab.example")
	secret := entry("secret", "https", "lab.example")
	secret.Secret = &Secret{}
	submodule := entry("submodule", "https", "github.com")
	submodule.Submodule, submodule.Secret = "lib", &Secret{}
	inside := entry("inside", "https", "github.com")
	inside.Folder, inside.Secret = "lib", &Secret{}
	fixed := entry("fixed", "ssh", "github.com")
	fixed.Commands = nil // it comes from the command line
	along, alone := entry("along", "ssh", "github.com"), entry("alone", "ssh", "lab.example")
	along.Submodule, along.Follows = "a", "known"
	alone.Submodule, alone.Follows = "b", "strange"
	all := []*Entry{good, along, alone, known, strange, secret, submodule, inside, fixed}
	for _, test := range []struct {
		named bool
		want  string
	}{
		{false, "known secret along"},
		{true, "known strange secret submodule inside along alone"},
	} {
		var got []string
		for _, e := range Choose(all, test.named, credential.IsGitHubHost) {
			got = append(got, e.Name)
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("named %v: got %q, want %q", test.named, got, test.want)
		}
	}
}

func TestCalled(t *testing.T) {
	remote := &Entry{Name: "origin"}
	submodule := &Entry{Name: "lib", Submodule: "../libs/lib"}
	inner := &Entry{Repository: Repository{Folder: "libs/lib"}, Name: "deep", Submodule: "inner"}
	for _, test := range []struct {
		e    *Entry
		name string
		want bool
	}{
		{remote, "origin", true}, {remote, ".", false}, {remote, "other", false},
		{submodule, "lib", true}, {submodule, "../libs/lib", true}, {submodule, "../libs/lib/", true}, {submodule, "libs/lib", false},
		{inner, "deep", true}, {inner, "libs/lib/inner", true}, {inner, "inner", false},
	} {
		if got := test.e.Called(test.name); got != test.want {
			t.Errorf("%s, %q: got %v, want %v", test.e.Name, test.name, got, test.want)
		}
	}
}
