package forge

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

// Clone URLs, and what people copy from a browser, as Git and its tools send them.
// The repository is "!" if the forge cannot have the path. The owner is empty where
// it is the first segment of the repository. why is a comment for the reader.
type urlCase struct{ url, repository, owner, why string }

func urlCases() map[string][]urlCase {
	return map[string][]urlCase{
		"github, by its host": {
			{"https://github.com/acme/app.git", "acme/app", "", "as cloned"},
			{"https://github.com/acme/app", "acme/app", "", "without .git"},
			{"https://github.com/Acme/App.GIT", "acme/app", "", "in other case"},
			{"https://github.com/acme/app/", "acme/app", "", "a slash at the end"},
			{"https://github.com//acme/app", "acme/app", "", "two slashes in front"},
			{"https://github.com/acme/app.wiki.git", "acme/app", "", "the wiki"},
			{"https://github.com/acme/app.wiki", "acme/app", "", "the wiki without .git"},
			{"https://github.com/acme/app.git/info/lfs", "acme/app", "", "LFS"},
			{"https://github.com/acme/app.git/info/lfs/objects/batch", "acme/app", "", "LFS, a batch"},
			{"https://github.com/acme/app/info/refs", "acme/app", "", "the first request"},
			{"https://github.com/acme/app?go-get=1", "acme/app", "", "go get"},
			{"https://github.com/acme/app/tree/main/docs", "acme/app", "", "browser, a folder"},
			{"https://github.com/acme/app/pull/12/files", "acme/app", "", "browser, a pull request"},
			{"https://github.com/acme", "acme", "", "an owner"},
			{"https://github.com/acme?tab=repositories", "acme", "", "an owner with a query"},
			{"https://github.com/", "", "", "nothing"},
			{"https://git@github.com/acme/app", "acme/app", "", "a user name"},
			{"https://github.com/acme-corp_x/.github", "acme-corp_x/.github", "", "a dot in front"},
			{"https://github.com/acme/app.git.git", "acme/app.git", "", "an ending is removed once"},
			{"https://github.com/acme/a.b-c_d", "acme/a.b-c_d", "", "all bytes of names"},
			{"https://github.com/acme/../evil/app", "!", "", "dots"},
			{"https://github.com/acme/./app", "!", "", "a dot"},
			{"https://github.com/acme//app", "!", "", "an empty segment"},
			{"https://github.com/acme/app/../../evil", "!", "", "dots behind the repository"},
			{"https://github.com/acme%252fapp", "!", "", "an escaped slash, twice"},
			{"https://github.com/acme/%252e%252e/evil", "!", "", "escaped dots, twice"},
			{"https://github.com/acme/.git", "!", "", "only an ending"},
			{"https://github.com/acme/.wiki.git", "!", "", "only endings"},
			{"https://github.com/acme/...git", "!", "", "dots before an ending"},
			{"https://github.com/acme/a%20b", "!", "", "a space"},
			{"https://github.com/acme/w\u0131dgets", "!", "", "a letter that looks the same"},
			{"https://github.com/acme/a%5cb", "!", "", "a backslash"},
			{"https://github.com/~acme/app", "!", "", "a tilde"},
			{"https://github.com/?acme/app", "!", "", "only a query"},
			{"https://acme.ghe.com/acme/app.git", "acme/app", "", "data residency"},
			{"https://acme.ghe.com/acme/app/blob/main/x", "acme/app", "", "data residency, browser"},
			{"https://gist.github.com/0123abcd.git", "0123abcd.git", "", "a gist: nothing is removed from a first segment"},
			{"https://gist.github.com/octocat/0123abcd.git", "octocat/0123abcd", "", "a gist with its user"},
		},
		"github, named": {
			{"https://ghes.example.com/acme/app.git", "acme/app", "", "Enterprise Server"},
			{"https://ghes.example.com:8443/acme/app/issues", "acme/app", "", "with a port"},
			{"https://ghes.example.com/acme/a~b", "!", "", "a byte that no name has"},
		},
		"gitlab, by its host": {
			{"https://gitlab.com/acme/app.git", "acme/app", "", "as cloned"},
			{"https://gitlab.com/acme/app", "acme/app", "", "without .git"},
			{"https://gitlab.com/acme/sub/app.git", "acme/sub/app", "", "a subgroup"},
			{"https://gitlab.com/acme/sub/app", "acme/sub/app", "", "a subgroup, without .git"},
			{"https://gitlab.com/ACME/Sub/App.git", "acme/sub/app", "", "in other case"},
			{"https://gitlab.com/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/app.git", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/app", "", "twenty groups"},
			{"https://gitlab.com/acme/sub/app.wiki.git", "acme/sub/app", "", "the wiki"},
			{"https://gitlab.com/acme/sub/app.wiki", "acme/sub/app", "", "the wiki without .git"},
			{"https://gitlab.com/acme/sub/app.git/info/lfs", "acme/sub/app", "", "LFS"},
			{"https://gitlab.com/acme/app.git/info/lfs/locks/verify", "acme/app", "", "LFS, locks"},
			{"https://gitlab.com/acme/app.git/gitlab-lfs/objects/0123abcd/5", "acme/app", "", "LFS, an object"},
			{"https://gitlab.com/acme/sub/app/info/refs", "acme/sub/app", "", "the first request without .git"},
			{"https://gitlab.com/acme/sub/app/info/lfs/objects/batch", "acme/sub/app", "", "LFS without .git"},
			{"https://gitlab.com/acme/sub/app/git-upload-pack", "acme/sub/app", "", "a fetch"},
			{"https://gitlab.com/acme/sub/app/git-receive-pack", "acme/sub/app", "", "a push"},
			{"https://gitlab.com/acme/sub/app/-/tree/main/docs", "acme/sub/app", "", "browser, a folder"},
			{"https://gitlab.com/acme/sub/app/-/merge_requests/1", "acme/sub/app", "", "browser, a merge request"},
			{"https://gitlab.com/acme/sub/app/-/issues?scope=all", "acme/sub/app", "", "browser, with a query"},
			{"https://gitlab.com/groups/acme/-/settings", "groups/acme", "", "a page of a group is not a path of it"},
			{"https://gitlab.com/acme/sub/app/tree/main", "acme/sub/app", "", "browser, as years ago"},
			{"https://gitlab.com/acme/sub/app/blob/main/x", "acme/sub/app", "", "browser, as years ago, a file"},
			{"https://gitlab.com/acme/app/wikis/home", "acme/app", "", "browser, as years ago, the wiki"},
			{"https://gitlab.com/acme/tree", "acme/tree", "", "a word of a service where a project is"},
			{"https://gitlab.com/acme/info", "acme/info", "", "a project called info"},
			{"https://gitlab.com/acme/info/app.git", "acme/info/app", "", "a group called info"},
			{"https://gitlab.com/acme", "acme", "", "a group"},
			{"https://gitlab.com/acme/sub/", "acme/sub", "", "a subgroup"},
			{"https://gitlab.com/acme/app/snippets/12.git", "acme/app/snippets/12", "", "a snippet of a project"},
			{"https://gitlab.com/snippets/12.git", "snippets/12", "", "a snippet of a person"},
			{"https://oauth2@gitlab.com/acme/app.git", "acme/app", "", "a user name"},
			{"https://gitlab.com/acme/app.git?ref=main", "acme/app", "", "a query"},
			{"https://gitlab.com/acme/sub/app.git/sub/evil.git", "acme/sub/app", "", ".git in the middle ends the repository"},
			{"https://gitlab.com/acme/app/-/evil.git", "acme/app", "", "behind the separator"},
			{"https://gitlab.com/acme/../evil/app.git", "!", "", "dots"},
			{"https://gitlab.com/acme//app.git", "!", "", "an empty segment"},
			{"https://gitlab.com/acme/.git", "!", "", "only an ending"},
			{"https://gitlab.com/acme/sub/.wiki.git", "!", "", "only endings"},
			{"https://gitlab.com/acme/sub%252fapp.git", "!", "", "an escaped slash, twice"},
			{"https://gitlab.com/acme/a%20b.git", "!", "", "a space"},
			{"https://gitlab.com/\u0430cme/app.git", "!", "", "a Cyrillic letter"},
		},
		"gitlab, named": {
			{"https://git.example.com/acme/app.git", "acme/app", "", "an instance"},
			{"https://git.example.com/acme/sub/app/-/tree/main", "acme/sub/app", "", "an instance, browser"},
			{"https://example.com/gitlab/acme/sub/app.git", "gitlab/acme/sub/app", "", "below a path"},
			{"https://example.com/gitlab/acme/sub/app.git/info/lfs", "gitlab/acme/sub/app", "", "below a path, LFS"},
			{"https://example.com/gitlab/acme/app/-/issues", "gitlab/acme/app", "", "below a path, browser"},
			{"https://git.example.com:8443/acme/app", "acme/app", "", "with a port"},
			{"https://git.example.com/acme/a+b", "!", "", "a byte that no name has"},
		},
		"azure, by its host": {
			{"https://dev.azure.com/acme/Proj/_git/App", "acme/proj/_git/app", "", "as cloned"},
			{"https://acme@dev.azure.com/acme/Proj/_git/App", "acme/proj/_git/app", "", "as the site shows it"},
			{"https://dev.azure.com/acme/_git/App", "acme/app/_git/app", "", "the repository with the name of its project"},
			{"https://acme@dev.azure.com/acme/_git/App", "acme/app/_git/app", "", "the same with the organization"},
			{"https://dev.azure.com/acme/My%20Proj/_git/My%20App", "acme/my proj/_git/my app", "", "spaces"},
			{"https://dev.azure.com/acme/proj/_git/_optimized/App", "acme/proj/_git/app", "", "optimized"},
			{"https://dev.azure.com/acme/proj/_git/_full/App", "acme/proj/_git/app", "", "full"},
			{"https://dev.azure.com/acme/_git/_optimized/App", "acme/app/_git/app", "", "optimized, name of the project"},
			{"https://dev.azure.com/acme/proj/_git/App/info/lfs", "acme/proj/_git/app", "", "LFS"},
			{"https://dev.azure.com/acme/proj/_git/App.git/info/lfs/objects/batch", "acme/proj/_git/app", "", "LFS with .git"},
			{"https://dev.azure.com/acme/proj/_git/App/info/refs", "acme/proj/_git/app", "", "the first request"},
			{"https://dev.azure.com/acme/proj/_git/App?version=GBmain", "acme/proj/_git/app", "", "browser, a branch"},
			{"https://dev.azure.com/acme/proj/_git/App/pullrequest/7", "acme/proj/_git/app", "", "browser, a pull request"},
			{"https://dev.azure.com/acme/proj/_git/proj.wiki", "acme/proj/_git/proj", "", "the wiki"},
			{"https://dev.azure.com/acme", "acme", "", "an organization"},
			{"https://acme@dev.azure.com/", "acme", "", "no path, and the organization as the user"},
			{"https://acme@dev.azure.com", "acme", "", "no path at all"},
			{"https://git@dev.azure.com/", "", "", "no path, and a user that everybody has"},
			{"https://a%20b@dev.azure.com/", "", "", "no path, and a user that is no organization"},
			{"https://dev.azure.com/", "", "", "nothing"},
			{"https://dev.azure.com/acme/proj", "acme/proj", "", "a project"},
			{"https://dev.azure.com/acme/proj/app", "acme/proj/_git/app", "", "a repository as people type it"},
			{"https://dev.azure.com/acme/proj/_git", "acme/proj", "", "browser, the default repository"},
			{"https://dev.azure.com/acme/proj/_boards/board", "acme/proj", "", "browser, boards"},
			{"https://dev.azure.com/acme/_usersSettings/tokens", "acme", "", "browser, settings"},
			{"https://dev.azure.com/acme/DefaultCollection/proj/_git/App", "acme/proj/_git/app", "", "the collection"},
			{"https://acme.visualstudio.com/proj/_git/App", "acme/proj/_git/app", "", "older host"},
			{"https://acme.visualstudio.com/_git/App", "acme/app/_git/app", "", "older host, name of the project"},
			{"https://acme.visualstudio.com/DefaultCollection/proj/_git/App", "acme/proj/_git/app", "", "older host, the collection"},
			{"https://acme.visualstudio.com/DefaultCollection/_git/App", "acme/app/_git/app", "", "older host, both"},
			{"https://acme.visualstudio.com/defaultcollection/proj/_git/_optimized/App/info/lfs", "acme/proj/_git/app", "", "older host, all at once"},
			{"https://ACME.visualstudio.com/Proj/_git/App", "acme/proj/_git/app", "", "older host, in other case"},
			{"https://acme.visualstudio.com/", "acme", "", "older host, no path"},
			{"https://acme.visualstudio.com/DefaultCollection", "acme", "", "older host, only the collection"},
			{"https://acme.visualstudio.com/proj", "acme/proj", "", "older host, a project"},
			{"https://evil@acme.visualstudio.com/", "acme", "", "older host: the user does not count"},
			{"https://evil@dev.azure.com/acme/proj/_git/App", "acme/proj/_git/app", "", "the path counts, not the user"},
			{"https://dev.azure.com/acme/Projekt%20%C3%9C/_git/App", "acme/projekt \u00dc/_git/app", "", "only ASCII letters are folded"},
			{"https://dev.azure.com/acme/a/b/_git/App", "!", "", "too many segments"},
			{"https://dev.azure.com/acme/a/b/c", "!", "", "too many segments, without _git"},
			{"https://dev.azure.com/_git/App", "!", "", "no organization"},
			{"https://dev.azure.com/acme/proj/_git/_App", "!", "", "an underscore in front"},
			{"https://dev.azure.com/acme/proj/_git/..", "!", "", "dots"},
			{"https://dev.azure.com/acme/../evil/_git/App", "!", "", "dots before the project"},
			{"https://dev.azure.com/acme//proj/_git/App", "!", "", "an empty segment"},
			{"https://dev.azure.com/acme%252fproj/_git/App", "!", "", "an escaped slash, twice"},
			{"https://dev.azure.com/acme/proj%20/_git/App", "!", "", "a space at the end"},
			{"https://dev.azure.com/acme/proj./_git/App", "!", "", "a dot at the end"},
			{"https://dev.azure.com/acme/proj/_git/.git", "!", "", "only an ending"},
			{"https://dev.azure.com/acme/pr%5coj/_git/App", "!", "", "a backslash"},
			{"https://dev.azure.com/acme/proj/_git/%FF", "!", "", "invalid UTF-8"},
		},
		"azure, named": {
			{"https://tfs.example.com/tfs/DefaultCollection/proj/_git/App", "tfs/defaultcollection/proj/_git/app", "", "Azure DevOps Server"},
			{"https://tfs.example.com/DefaultCollection/_git/App", "defaultcollection/_git/app", "", "Server, name of the project"},
			{"https://tfs.example.com/tfs/C/proj/_git/_optimized/App/info/lfs", "tfs/c/proj/_git/app", "", "Server, optimized, LFS"},
			{"https://tfs.example.com/tfs/C/proj", "tfs/c/proj", "", "Server, a project"},
			{"https://tfs.example.com/tfs/C/proj/_wiki/x", "tfs/c/proj", "", "Server, browser"},
		},
		"bitbucket, by its host": {
			{"https://bitbucket.org/acme/app.git", "acme/app", "", "as cloned"},
			{"https://alice@bitbucket.org/acme/app.git", "acme/app", "", "as the site shows it"},
			{"https://bitbucket.org/acme/app", "acme/app", "", "without .git"},
			{"https://bitbucket.org/Acme/App.git", "acme/app", "", "in other case"},
			{"https://bitbucket.org/acme/app.git/wiki", "acme/app", "", "the wiki"},
			{"https://bitbucket.org/acme/app.git/info/lfs", "acme/app", "", "LFS"},
			{"https://bitbucket.org/acme/app/src/main/", "acme/app", "", "browser"},
			{"https://bitbucket.org/acme/app/pull-requests/1?tab=x", "acme/app", "", "browser, a pull request"},
			{"https://bitbucket.org/acme", "acme", "", "a workspace"},
			{"https://bitbucket.org/acme/workspace/projects/PRO", "acme/workspace", "", "browser, a project is no prefix of a repository"},
			{"https://bitbucket.org/scm/app.git", "scm/app", "", "a workspace called scm"},
			{"https://bitbucket.org/acme/../evil", "!", "", "dots"},
			{"https://bitbucket.org/acme//app", "!", "", "an empty segment"},
			{"https://bitbucket.org/acme/a%20b", "!", "", "a space"},
			{"https://bitbucket.org/acme/a%252fb", "!", "", "an escaped slash, twice"},
		},
		"bitbucket, named": {
			{"https://bb.example.com/scm/PROJ/app.git", "scm/proj/app", "scm/proj", "Data Center, as cloned"},
			{"https://alice@bb.example.com/scm/PROJ/app.git", "scm/proj/app", "scm/proj", "with the user"},
			{"https://bb.example.com/scm/proj/app", "scm/proj/app", "scm/proj", "without .git"},
			{"https://bb.example.com/scm/~alice/app.git", "scm/~alice/app", "scm/~alice", "a personal project"},
			{"https://bb.example.com/scm/PROJ/app.git/info/lfs", "scm/proj/app", "scm/proj", "LFS"},
			{"https://example.com/bitbucket/scm/PROJ/app.git", "bitbucket/scm/proj/app", "bitbucket/scm/proj", "below a path"},
			{"https://bb.example.com:8443/scm/PROJ/app.git", "scm/proj/app", "scm/proj", "with a port"},
			{"https://bb.example.com/scm/scm/scm.git", "scm/scm/scm", "scm/scm", "a project called scm"},
			{"https://bb.example.com/scm/PROJ", "scm/proj", "scm/proj", "a project"},
			{"https://bb.example.com/scm", "scm", "scm", "all repositories"},
			{"https://bb.example.com/projects/PROJ/repos/app/browse", "scm/proj/app", "scm/proj", "browser"},
			{"https://bb.example.com/users/alice/repos/app/browse?at=x", "scm/~alice/app", "scm/~alice", "browser, a personal project"},
			{"https://example.com/bitbucket/projects/PROJ/repos/app", "bitbucket/scm/proj/app", "bitbucket/scm/proj", "browser, below a path"},
			{"https://bb.example.com/projects/PROJ", "scm/proj", "scm/proj", "browser, a project"},
			{"https://bb.example.com/projects/PROJ/", "scm/proj", "scm/proj", "browser, a project and a slash"},
			{"https://bb.example.com/projects/PROJ/permissions", "scm/proj", "scm/proj", "browser, a page of a project"},
			{"https://bb.example.com/projects/PROJ/repos", "scm/proj", "scm/proj", "browser, the repositories of a project"},
			{"https://bb.example.com/projects/PROJ/settings/hooks?x=1", "scm/proj", "scm/proj", "browser, a page further down"},
			{"https://bb.example.com/projects/~jane", "scm/~jane", "scm/~jane", "browser, a personal project as a project"},
			{"https://bb.example.com/users/jane", "scm/~jane", "scm/~jane", "browser, a user"},
			{"https://bb.example.com/users/jane/repos?visibility=public", "scm/~jane", "scm/~jane", "browser, the repositories of a user"},
			{"https://example.com/bitbucket/projects/PROJ", "bitbucket/scm/proj", "bitbucket/scm/proj", "browser, a project below a path"},
			{"https://example.com/bitbucket/users/jane/repos", "bitbucket/scm/~jane", "bitbucket/scm/~jane", "browser, a user below a path"},
			{"https://bb.example.com/scm/projects/app.git", "scm/projects/app", "scm/projects", "a project called projects"},
			{"https://bb.example.com/projects/projects/repos/scm", "scm/projects/scm", "scm/projects", "browser, odd names"},
			{"https://example.com/projects/scm/PROJ/app.git", "projects/scm/proj/app", "projects/scm/proj", "below a path called projects"},
			{"https://bb.example.com/projects", "projects", "projects", "browser, all projects"},
			{"https://bb.example.com/users/~", "!", "", "only tildes"},
			{"https://bb.example.com/projects//permissions", "!", "", "an empty segment of a page"},
			{"https://bb.example.com/scm/~/app.git", "!", "", "a tilde alone"},
			{"https://bb.example.com/scm/PROJ/../EVIL/app.git", "!", "", "dots"},
			{"https://bb.example.com/scm/~../app.git", "!", "", "dots behind a tilde"},
			{"https://bb.example.com/scm//app.git", "!", "", "an empty segment"},
			{"https://bb.example.com/scm/PROJ/.git", "!", "", "only an ending"},
		},
		"gitea, by its host": {
			{"https://codeberg.org/acme/app.git", "acme/app", "", "as cloned"},
			{"https://codeberg.org/acme/app", "acme/app", "", "without .git"},
			{"https://codeberg.org/Acme/App", "acme/app", "", "in other case"},
			{"https://codeberg.org/acme/app.wiki.git", "acme/app", "", "the wiki"},
			{"https://codeberg.org/acme/app.git/info/lfs", "acme/app", "", "LFS"},
			{"https://codeberg.org/acme/app/src/branch/main/x", "acme/app", "", "browser"},
			{"https://codeberg.org/acme/app/issues", "acme/app", "", "browser, issues"},
			{"https://codeberg.org/acme", "acme", "", "an owner"},
			{"https://codeberg.org/acme/../evil", "!", "", "dots"},
			{"https://codeberg.org/acme/a%20b", "!", "", "a space"},
		},
		"gitea, named": {
			{"https://git.example.com/acme/app.git", "acme/app", "", "an instance"},
			{"https://git.example.com/acme/app", "acme/app", "", "without .git"},
			{"https://git.example.com/acme/app.wiki.git", "acme/app", "", "the wiki"},
			{"https://git.example.com/acme/app.git/info/lfs/locks", "acme/app", "", "LFS"},
			{"https://git.example.com/acme/app/src/branch/main", "acme/app", "", "browser, a branch"},
			{"https://git.example.com/acme/app/src/commit/0123", "acme/app", "", "browser, a commit"},
			{"https://git.example.com/acme/src", "acme/src", "", "a repository called src"},
			{"https://example.com/git/acme/app.git", "git/acme/app", "", "below a path"},
			{"https://example.com/git/acme/app.wiki.git/info/lfs", "git/acme/app", "", "below a path, the wiki"},
			{"https://example.com/git/acme/app/src/tag/v1", "git/acme/app", "", "below a path, browser"},
			{"https://example.com/a/b/acme/app", "a/b/acme/app", "", "deep below a path"},
			{"https://git.example.com/acme", "acme", "", "an owner"},
			{"https://git.example.com/acme/.git", "!", "", "only an ending"},
			{"https://git.example.com/acme/%252e%252e", "!", "", "escaped dots, twice"},
		},
		"unknown": {
			{"https://git.example.com/acme/app.git", "acme/app", "", "as cloned"},
			{"https://git.example.com/app.git", "app", "", "no owner"},
			{"https://git.example.com/srv/git/team/app.git", "srv/git/team/app", "", "many segments"},
			{"https://git.example.com/Team/App", "team/app", "", "in other case"},
			{"https://git.example.com/team/app.wiki.git", "team/app", "", "the wiki"},
			{"https://git.example.com/team/app.git/info/lfs", "team/app", "", "LFS"},
			{"https://git.example.com/team/app/info/refs", "team/app", "", "the first request"},
			{"https://git.example.com/~alice/app", "~alice/app", "", "a tilde"},
			{"https://git.example.com/team/a%20b.git", "team/a b", "", "a space"},
			{"https://git.example.com/team/100%25.git", "team/100%", "", "a percent sign"},
			{"https://git.example.com/team/app/.git", "team/app", "", "a repository with files"},
			{"https://git.example.com/team/app.git?x", "team/app", "", "a query"},
			{"https://git.example.com/team/\u00fc.git", "team/\u00fc", "", "a letter that is not ASCII"},
			{"https://git.example.com/team/-/app", "team/-/app", "", "a dash is a name"},
			{"https://git.example.com/team/tree/main", "team/tree/main", "", "no service is known"},
			{"https://github.com.evil.example/acme/app", "acme/app", "", "a host that looks like GitHub's"},
			{"https://dev.azure.com.evil.example/acme/p/_git/app", "acme/p/_git/app", "", "a host that looks like Azure's"},
			{"https://a.b.visualstudio.com/p/_git/app", "p/_git/app", "", "two labels are no organization"},
			{"https://visualstudio.com/p/_git/app", "p/_git/app", "", "no organization"},
			{"https://evilvisualstudio.com/p/_git/app", "p/_git/app", "", "another domain"},
			{"https://gitlab.com:8443/acme/app/-/x", "acme/app/-/x", "", "another port is another server"},
			{"https://git.example.com/team/../app", "!", "", "dots"},
			{"https://git.example.com/team//app", "!", "", "an empty segment"},
			{"https://git.example.com/team%252fapp", "!", "", "an escaped slash, twice"},
			{"https://git.example.com/team%255C..%255Capp", "!", "", "escaped backslashes, twice"},
			{"https://git.example.com/team/%252E%252e/app", "!", "", "escaped dots, twice"},
			{"https://git.example.com/team%5capp", "!", "", "a backslash"},
			{"https://git.example.com/team/a%00b", "!", "", "a control byte"},
			{"https://git.example.com/.git", "!", "", "only an ending"},
			{"https://git.example.com/team/..;/app", "!", "", "dots and a semicolon"},
			{"https://git.example.com/team/..;x=1/app", "!", "", "dots and a parameter"},
			{"https://git.example.com/team/.;/app", "!", "", "a dot and a semicolon"},
			{"https://git.example.com/team/a;b.git", "team/a;b", "", "a semicolon"},
			{"https://git.example.com/team/...;b", "team/...;b", "", "three dots and a semicolon"},
		},
	}
}

func TestRepository(t *testing.T) {
	rows := 0
	for group, cases := range urlCases() {
		for _, test := range cases {
			rows++
			u, err := url.Parse(test.url)
			if err != nil {
				t.Fatal(err)
			}
			host := Fold(u.Host)
			name, how, _ := strings.Cut(group, ", ")
			f, known := Named(name)
			if known != (group != "unknown") {
				t.Fatalf("%s: the group is not a forge", group)
			}
			if how == "by its host" {
				if got := Of(host); got != f {
					t.Errorf("%s: got the forge %q, want %q", test.url, got, f)
				}
			} else if got := Of(host); got != Other {
				t.Errorf("%s: got the forge %q, want none", test.url, got)
			}
			path := strings.TrimPrefix(u.Path, "/")
			if u.RawQuery != "" {
				path += "?" + u.RawQuery
			}
			host, path = Locate(host, path, u.User.Username())
			got, err := f.Repository(host, path)
			if test.repository == "!" {
				if !errors.Is(err, ErrPath) || got != "" {
					t.Errorf("%s (%s): got %q and %v, want ErrPath", test.url, test.why, got, err)
				}
				continue
			}
			if err != nil || got != test.repository {
				t.Errorf("%s (%s): got %q and %v, want %q", test.url, test.why, got, err, test.repository)
				continue
			}
			owner := test.owner
			if owner == "" {
				owner, _, _ = strings.Cut(got, "/")
			}
			if got := f.Owner(host, got); got != owner {
				t.Errorf("%s: got the owner %q, want %q", test.url, got, owner)
			}
		}
	}
	if rows < 200 {
		t.Errorf("only %d URLs", rows)
	}
	t.Logf("%d URLs", rows)
}

func TestCanBeRepository(t *testing.T) {
	for _, test := range []struct {
		f                 Forge
		host, path        string
		possible, certain bool
	}{
		{GitHub, "github.com", "acme", false, true},
		{GitHub, "github.com", "acme/app", true, true},
		{GitHub, "ghes.example", "acme/app", true, true},
		{GitLab, "gitlab.com", "acme", false, false},
		{GitLab, "gitlab.com", "acme/backend", true, false},
		{GitLab, "gitlab.com", "acme/backend/api", true, false},
		{Bitbucket, "bitbucket.org", "acme", false, true},
		{Bitbucket, "bitbucket.org", "acme/app", true, true},
		{Bitbucket, "git.example.com", "scm/acme", false, true},
		{Bitbucket, "git.example.com", "scm/acme/app", true, true},
		{Bitbucket, "git.example.com", "context/scm/acme/app", true, true},
		{Bitbucket, "git.example.com", "context", false, true},
		{Azure, "dev.azure.com", "acme/backend", false, true},
		{Azure, "dev.azure.com", "acme/_git/app", true, true},
		{Azure, "tfs.example.com", "acme/backend/_git/app", true, true},
		{Gitea, "codeberg.org", "acme", false, true},
		{Gitea, "codeberg.org", "acme/app", true, true},
		{Gitea, "git.example.com", "acme", false, false},
		{Gitea, "git.example.com", "gitea/acme", true, false},
		{Other, "git.example.com", "app", true, false},
		{Other, "git.example.com", "", false, false},
	} {
		if possible, certain := test.f.CanBeRepository(test.host, test.path); possible != test.possible || certain != test.certain {
			t.Errorf("%s/%s: got %v, %v", test.host, test.path, possible, certain)
		}
	}
}
