package credential

import (
	"slices"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

var now = time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)

func TestChoose(t *testing.T) {
	const gh, gl, az, bb = "github.com", "gitlab.com", "dev.azure.com", "bitbucket.org"
	for _, test := range []struct {
		name       string
		host, path string
		user       string
		candidates []Candidate
		want       string // the verdicts of the candidates
		outcome    Outcome
	}{
		// Hosts.
		{"nothing there", gh, "acme/widgets", "", nil, "", NoToken},
		{"another host", gh, "acme/widgets", "", []Candidate{fine("ghe.example.com", "acme")}, "other host", NoToken},
		{"a sub-domain", "api.github.com", "acme/x", "", []Candidate{classic(gh)}, "other host", NoToken},
		{"www", "www.github.com", "acme/x", "", []Candidate{classic(gh)}, "other host", NoToken},
		{"the domain of a sub-domain", "ghe.com", "acme/x", "", []Candidate{classic("acme.ghe.com")}, "other host", NoToken},
		{"a longer name", "github.com.evil.example", "acme/x", "", []Candidate{classic(gh)}, "other host", NoToken},
		{"a name before", "evilgithub.com", "acme/x", "", []Candidate{classic(gh)}, "other host", NoToken},
		{"any character for the dot", "githubxcom", "acme/x", "", []Candidate{classic(gh)}, "other host", NoToken},
		{"a dot at the end", "github.com.", "acme/x", "", []Candidate{classic(gh)}, "other host", NoToken},
		{"another port", "github.com:8443", "acme/x", "", []Candidate{classic(gh)}, "other host", NoToken},
		{"another letter", "g\u0131thub.com", "acme/x", "", []Candidate{classic(gh)}, "other host", NoToken},
		{"the Kelvin sign", "\u212a.example", "acme/x", "", []Candidate{classic("k.example")}, "other host", NoToken},
		{"an empty host", "", "acme/x", "", []Candidate{classic(gh)}, "other host", NoToken},
		{"the same port", "ghe.example.com:8443", "acme/x", "", []Candidate{fine("ghe.example.com:8443", "acme")}, "answers", Answer},

		// The most specific target.
		{"repository over owner over host", gh, "acme/widgets", "",
			[]Candidate{classic(gh), fine(gh, "acme"), fine(gh, "acme/widgets")},
			"less specific, less specific, answers", Answer},
		{"owner over host", gh, "acme/other", "",
			[]Candidate{classic(gh), fine(gh, "acme"), fine(gh, "acme/widgets")},
			"less specific, answers, other path", Answer},
		{"host", gh, "octo/other", "",
			[]Candidate{classic(gh), fine(gh, "acme"), fine(gh, "acme/widgets")},
			"answers, other path, other path", Answer},
		{"a classic one for the repository over a fine-grained one for the owner", gh, "acme/widgets", "",
			[]Candidate{fine(gh, "acme"), classic(gh, "acme/widgets")}, "less specific, answers", Answer},
		{"only the owner was asked for", gh, "acme", "",
			[]Candidate{fine(gh, "acme/widgets"), fine(gh, "acme"), classic(gh)},
			"other path, answers, less specific", Answer},
		{"several repositories", gh, "acme/tools", "",
			[]Candidate{fine(gh, "acme/tools", "acme/widgets"), fine(gh, "acme")}, "answers, less specific", Answer},
		{"none of several repositories", gh, "acme/other", "",
			[]Candidate{fine(gh, "acme/tools", "acme/widgets")}, "other path", NoToken},

		// Tokens that cannot be used.
		{"expired: no broader one", gh, "acme/widgets", "",
			[]Candidate{expired(fine(gh, "acme/widgets")), fine(gh, "acme"), classic(gh)},
			"expired, less specific, less specific", Unusable},
		{"set aside: no broader one", gh, "acme/widgets", "",
			[]Candidate{aside(fine(gh, "acme")), classic(gh)}, "set aside, less specific", Unusable},
		{"without its secret: no broader one", gh, "acme/widgets", "",
			[]Candidate{lost(fine(gh, "acme")), classic(gh)}, "secret missing, less specific", Unusable},
		{"damaged: no broader one", gh, "acme/widgets", "",
			[]Candidate{damaged(fine(gh, "acme")), classic(gh)}, "unreadable, less specific", Unusable},
		{"damaged elsewhere", gh, "acme/widgets", "",
			[]Candidate{damaged(fine(gh, "octo")), fine(gh, "acme")}, "other path, answers", Answer},
		{"unusable and broader", gh, "acme/widgets", "",
			[]Candidate{expired(classic(gh)), fine(gh, "acme")}, "less specific, answers", Answer},
		{"the usable one of two", gh, "acme/widgets", "",
			[]Candidate{expired(fine(gh, "acme")), fine(gh, "acme")}, "expired, answers", Answer},
		{"the usable one of many", gh, "acme/widgets", "",
			[]Candidate{aside(fine(gh, "acme")), lost(fine(gh, "acme")), damaged(fine(gh, "acme")), lasting(fine(gh, "acme"))},
			"set aside, secret missing, unreadable, answers", Answer},
		{"usable and classic over fine-grained and expired", gh, "acme/widgets", "",
			[]Candidate{expired(fine(gh, "acme")), classic(gh, "acme")}, "expired, answers", Answer},
		{"all unusable", gh, "acme/widgets", "",
			[]Candidate{expired(fine(gh, "acme")), aside(fine(gh, "acme"))}, "expired, set aside", Unusable},
		{"refused and expired is refused", gh, "acme/widgets", "",
			[]Candidate{aside(expired(fine(gh, "acme")))}, "set aside", Unusable},
		{"unusable, but of another login", gh, "acme/widgets", "octocat",
			[]Candidate{of("hubot", expired(fine(gh, "acme"))), of("octocat", classic(gh))}, "other login, answers", Answer},

		// Tokens with the same target.
		{"fine-grained over classic", gh, "acme/widgets", "",
			[]Candidate{classic(gh, "acme"), fine(gh, "acme")}, "classic beside fine-grained, answers", Answer},
		{"fine-grained over classic, for the host", gh, "acme/widgets", "",
			[]Candidate{fine(gh), classic(gh), classic(gh)},
			"answers, classic beside fine-grained, classic beside fine-grained", Answer},
		{"two equal", gh, "acme/widgets", "",
			[]Candidate{fine(gh, "acme"), classic(gh), fine(gh, "acme")},
			"one of several, less specific, one of several", Ambiguous},
		{"two classic", gh, "acme/widgets", "",
			[]Candidate{classic(gh), classic(gh)}, "one of several, one of several", Ambiguous},
		{"two fine-grained and a classic one", gh, "acme/widgets", "",
			[]Candidate{fine(gh, "acme"), classic(gh, "acme"), fine(gh, "acme")},
			"one of several, classic beside fine-grained, one of several", Ambiguous},
		{"only classic gives way", gh, "acme/widgets", "",
			[]Candidate{fine(gh, "acme"), token(OAuth, gh, "acme")}, "one of several, one of several", Ambiguous},
		{"overlapping repositories", gh, "acme/widgets", "",
			[]Candidate{fine(gh, "acme/widgets"), fine(gh, "acme/tools", "acme/widgets")},
			"one of several, one of several", Ambiguous},

		// Logins.
		{"login", gh, "acme/widgets", "octocat",
			[]Candidate{of("octocat", fine(gh, "acme")), of("hubot", fine(gh, "acme"))}, "answers, other login", Answer},
		{"login, folded", gh, "acme/widgets", "OctoCat",
			[]Candidate{of("octocaT", fine(gh, "acme"))}, "answers", Answer},
		{"login, folded by ASCII only", gh, "acme/widgets", "\u212aelvin",
			[]Candidate{of("kelvin", fine(gh, "acme")), of("Kelvin", classic(gh))}, "other login, other login", NoToken},
		{"the beginning of a login", gh, "acme/widgets", "octo",
			[]Candidate{of("octocat", fine(gh, "acme"))}, "other login", NoToken},
		{"a login before a target", gh, "acme/widgets", "octocat",
			[]Candidate{of("hubot", fine(gh, "acme/widgets")), of("octocat", classic(gh))}, "other login, answers", Answer},
		{"no login recorded", gh, "acme/widgets", "octocat",
			[]Candidate{fine(gh, "acme")}, "answers", Answer},
		{"a login that is equal is no closer than none", gh, "acme/widgets", "octocat",
			[]Candidate{fine(gh, "acme"), of("octocat", fine(gh, "acme"))}, "one of several, one of several", Ambiguous},
		{"no login asked for", gh, "acme/widgets", "",
			[]Candidate{of("octocat", fine(gh, "acme")), of("hubot", fine(gh, "acme"))},
			"one of several, one of several", Ambiguous},
		{"x-access-token", gh, "acme/widgets", "x-access-token",
			[]Candidate{of("octocat", fine(gh, "acme"))}, "answers", Answer},
		{"git stands for a token", gh, "acme/widgets", "git",
			[]Candidate{of("octocat", fine(gh, "acme"))}, "answers", Answer},
		{"so does oauth2", gh, "acme/widgets", "oauth2",
			[]Candidate{of("octocat", fine(gh, "acme"))}, "answers", Answer},
		{"so does x-oauth-basic", gh, "acme/widgets", "x-oauth-basic",
			[]Candidate{of("octocat", fine(gh, "acme")), of("hubot", fine(gh, "acme"))}, "one of several, one of several", Ambiguous},
		{"so does x-token-auth", "git.example.com", "a/b", "x-token-auth",
			[]Candidate{of("octocat", password("git.example.com"))}, "answers", Answer},
		{"a password of an account with such a name", "git.example.com", "a/b", "git",
			[]Candidate{of("octocat", password("git.example.com")), of("git", password("git.example.com"))}, "other login, answers", Answer},
		{"x-access-token, exactly", gh, "acme/widgets", "X-Access-Token",
			[]Candidate{of("octocat", fine(gh, "acme"))}, "other login", NoToken},
		{"x-access-token recorded is a login", gh, "acme/widgets", "octocat",
			[]Candidate{of("x-access-token", fine(gh, "acme"))}, "other login", NoToken},
		{"attributes without a login", "git.example.com", "", "octocat",
			[]Candidate{attributes(password("git.example.com"))}, "other login", NoToken},
		{"attributes without a login, for a request without", "git.example.com", "", "",
			[]Candidate{attributes(password("git.example.com"))}, "answers", Answer},
		{"attributes with a login", "git.example.com", "", "octocat",
			[]Candidate{attributes(of("octocat", password("git.example.com"))), attributes(of("hubot", password("git.example.com")))},
			"answers, other login", Answer},

		// Paths on GitHub.
		{".git", gh, "acme/widgets.git", "", []Candidate{fine(gh, "acme/widgets")}, "answers", Answer},
		{".wiki.git", gh, "acme/widgets.wiki.git", "", []Candidate{fine(gh, "acme/widgets")}, "answers", Answer},
		{".wiki", gh, "acme/widgets.wiki", "", []Candidate{fine(gh, "acme/widgets")}, "answers", Answer},
		{".git.git is another repository", gh, "acme/widgets.git.git", "",
			[]Candidate{fine(gh, "acme/widgets"), fine(gh, "acme")}, "other path, answers", Answer},
		{".git.wiki is another repository", gh, "acme/widgets.git.wiki", "",
			[]Candidate{fine(gh, "acme/widgets")}, "other path", NoToken},
		{"info/lfs", gh, "acme/widgets.git/info/lfs", "",
			[]Candidate{fine(gh, "acme/widgets"), fine(gh, "acme")}, "answers, less specific", Answer},
		{"info/lfs further down", gh, "acme/widgets/info/lfs/objects/batch", "",
			[]Candidate{fine(gh, "acme/widgets")}, "answers", Answer},
		{"a repository as the third segment", gh, "octo/acme/widgets", "",
			[]Candidate{fine(gh, "acme/widgets"), fine(gh, "acme")}, "other path, other path", NoToken},
		{"case", gh, "ACME/Widgets.GIT", "", []Candidate{fine(gh, "acme/widgets")}, "answers", Answer},
		{"outer slashes", gh, "//acme/widgets/", "", []Candidate{fine(gh, "acme/widgets")}, "answers", Answer},
		{"a longer owner", gh, "acme-evil/widgets", "",
			[]Candidate{fine(gh, "acme"), fine(gh, "acme/widgets")}, "other path, other path", NoToken},
		{"a shorter owner", gh, "acm/widgets", "", []Candidate{fine(gh, "acme")}, "other path", NoToken},
		{"the owner with an ending", gh, "acme.git/widgets", "", []Candidate{fine(gh, "acme")}, "other path", NoToken},
		{"a longer repository", gh, "acme/widgets-evil", "", []Candidate{fine(gh, "acme/widgets")}, "other path", NoToken},
		{"a shorter repository", gh, "acme/widget", "", []Candidate{fine(gh, "acme/widgets")}, "other path", NoToken},
		{"a query", gh, "acme/widgets?x", "", []Candidate{fine(gh, "acme/widgets"), classic(gh)}, "answers, less specific", Answer},
		{"an owner named like a host", gh, "github.com/acme", "", []Candidate{fine(gh, "acme")}, "other path", NoToken},

		// GitHub cannot have these paths, so not even a whole-host token
		// answers.
		{"..", gh, "acme/..", "", []Candidate{fine(gh, "acme"), classic(gh)}, "other path, other path", NoToken},
		{".. in front", gh, "../acme/widgets", "", []Candidate{fine(gh, "acme"), classic(gh)}, "other path, other path", NoToken},
		{".. to another owner", gh, "acme/../evil/x", "", []Candidate{fine(gh, "acme"), fine(gh, "evil"), classic(gh)},
			"other path, other path, other path", NoToken},
		{".. behind the repository", gh, "acme/widgets/../../evil/x", "",
			[]Candidate{fine(gh, "acme/widgets"), fine(gh, "acme"), classic(gh)}, "other path, other path, other path", NoToken},
		{"a dot", gh, "./acme/widgets", "", []Candidate{fine(gh, "acme"), classic(gh)}, "other path, other path", NoToken},
		{"percent", gh, "acme/%2e%2e/evil", "", []Candidate{fine(gh, "acme"), classic(gh)}, "other path, other path", NoToken},
		{"an escaped slash", gh, "acme%2fwidgets", "", []Candidate{fine(gh, "acme"), classic(gh)}, "other path, other path", NoToken},
		{"an empty segment", gh, "acme//widgets", "", []Candidate{fine(gh, "acme"), classic(gh)}, "other path, other path", NoToken},
		{"only a query", gh, "?acme/widgets", "", []Candidate{fine(gh, "acme"), classic(gh)}, "other path, other path", NoToken},
		{"backslash", gh, `acme\..\evil`, "", []Candidate{fine(gh, "acme"), classic(gh)}, "other path, other path", NoToken},
		{"a control byte", gh, "acme/wid\x00gets", "", []Candidate{fine(gh, "acme"), classic(gh)}, "other path, other path", NoToken},
		{"a foreign letter", gh, "acme/w\u0131dgets", "", []Candidate{fine(gh, "acme"), classic(gh)}, "other path, other path", NoToken},
		{"only an ending", gh, "acme/.git", "", []Candidate{fine(gh, "acme"), classic(gh)}, "other path, other path", NoToken},
		{"on a GitHub of one's own", "ghe.example.com", "acme/..", "", []Candidate{classic("ghe.example.com")}, "other path", NoToken},
		{"of a gist", GistHost, "../x", "", []Candidate{classic(gh), classic(GistHost)}, "other path, other path", NoToken},
		{"a password has the same rule", "git.example.com", "a b/..", "",
			[]Candidate{password("git.example.com"), classic("git.example.com")}, "other path, other path", NoToken},
		{"a space is possible for a password only", "git.example.com", "a b/c", "",
			[]Candidate{password("git.example.com"), classic("git.example.com")}, "answers, other path", Answer},

		// Kind other.
		{"other: the path", "git.example.com", "Group/Sub/x.git", "",
			[]Candidate{password("git.example.com", "Group/Sub/x.git"), password("git.example.com")}, "answers, less specific", Answer},
		{"other: outer slashes", "git.example.com", "/a/b/", "", []Candidate{password("git.example.com", "a/b")}, "answers", Answer},
		{"other: case", "git.example.com", "group/x.git", "", []Candidate{password("git.example.com", "Group/x.git")}, "answers", Answer},
		{"other: without .git", "git.example.com", "group/x", "", []Candidate{password("git.example.com", "group/x.git")}, "answers", Answer},
		{"other: all below", "git.example.com", "group/x.git/info/lfs", "",
			[]Candidate{password("git.example.com", "group/x.git"), password("git.example.com", "group")}, "answers, less specific", Answer},
		{"other: no whole segment", "git.example.com", "group-evil/x", "",
			[]Candidate{password("git.example.com", "group"), password("git.example.com", "group/x")}, "other path, other path", NoToken},
		{"other: not decoded", "git.example.com", "group/%78", "",
			[]Candidate{password("git.example.com", "group/x")}, "other path", NoToken},
		{"other: dots", "git.example.com", "a/../b", "",
			[]Candidate{password("git.example.com", "b"), password("git.example.com", "a")}, "other path, other path", NoToken},
		{"other: beside a token for the same", gh, "acme", "",
			[]Candidate{password(gh, "acme"), fine(gh, "acme")}, "one of several, one of several", Ambiguous},
		{"other: two", "git.example.com", "a/b", "",
			[]Candidate{password("git.example.com"), password("git.example.com")}, "one of several, one of several", Ambiguous},

		// GitLab: any number of groups.
		{"the longest group", gl, "acme/sub/team/app.git", "",
			[]Candidate{lab(gl), lab(gl, "acme"), lab(gl, "acme/sub"), lab(gl, "acme/sub/team"), lab(gl, "acme/sub/other")},
			"less specific, less specific, less specific, answers, other path", Answer},
		{"the project over its groups", gl, "acme/sub/app", "",
			[]Candidate{lab(gl, "acme/sub"), lab(gl, "acme/sub/app"), lab(gl, "acme")}, "less specific, answers, less specific", Answer},
		{"a subgroup set aside: no broader one", gl, "acme/sub/app", "",
			[]Candidate{aside(lab(gl, "acme/sub")), lab(gl, "acme"), lab(gl)}, "set aside, less specific, less specific", Unusable},
		{"a group that looks the same", gl, "acme-evil/app.git", "", []Candidate{lab(gl, "acme"), lab(gl, "acme/app")}, "other path, other path", NoToken},
		{"a group with a longer name", gl, "acme/sub2/app.git", "", []Candidate{lab(gl, "acme/sub")}, "other path", NoToken},
		{"a wiki", gl, "acme/sub/app.wiki.git", "", []Candidate{lab(gl, "acme/sub/app"), lab(gl, "acme/sub")}, "answers, less specific", Answer},
		{"LFS", gl, "acme/sub/app.git/info/lfs", "", []Candidate{lab(gl, "acme/sub/app")}, "answers", Answer},
		{"behind the separator", gl, "acme/-/evil/app.git", "", []Candidate{lab(gl, "acme/app"), lab(gl, "evil")}, "other path, other path", NoToken},
		{".git in the middle", gl, "acme/app.git/evil.git", "", []Candidate{lab(gl, "acme/app"), lab(gl, "acme/app/evil")}, "answers, other path", Answer},
		{"an instance", "git.example.com", "acme/sub/app", "", []Candidate{lab("git.example.com", "acme"), lab("git.example.com", "acme/sub")}, "less specific, answers", Answer},
		{"below a path", "example.com", "gitlab/acme/app.git", "", []Candidate{lab("example.com", "gitlab/acme"), lab("example.com", "acme"), lab("example.com", "gitlab")}, "answers, other path, less specific", Answer},
		{"a classic one of GitHub is nothing there", gl, "acme/app", "", []Candidate{lab(gl, "acme"), password(gl, "acme")}, "one of several, one of several", Ambiguous},

		// Azure DevOps: one organization has two hosts.
		{"a project over its organization", az, "Acme/Proj/_git/App", "",
			[]Candidate{azure("acme"), azure("acme/proj"), azure("acme/proj/other")}, "less specific, answers, other path", Answer},
		{"another organization", az, "globex/proj/_git/app", "", []Candidate{azure("acme"), azure("globex")}, "other path, answers", Answer},
		{"the repository with the name of its project", az, "acme/_git/app", "", []Candidate{azure("acme"), azure("acme/app")}, "less specific, answers", Answer},
		{"optimized, LFS", az, "acme/proj/_git/_optimized/app/info/lfs", "", []Candidate{azure("acme/proj/app")}, "answers", Answer},
		{"the older host", "acme.visualstudio.com", "DefaultCollection/proj/_git/app", "",
			[]Candidate{azure("acme/proj/app"), azure("globex")}, "answers, other path", Answer},
		{"the organization as the user", az, "acme/proj/_git/app", "acme", []Candidate{of("alice", azure("acme"))}, "answers", Answer},
		{"no path: the user tells the organization", az, "", "acme", []Candidate{azure("acme"), azure("globex")}, "answers, other path", Answer},
		{"no path: the older host tells it", "globex.visualstudio.com", "", "", []Candidate{azure("acme"), azure("globex")}, "other path, answers", Answer},
		{"no path and no user", az, "", "", []Candidate{azure("acme"), azure("globex")}, "one of several, one of several", Unspecified},
		{"a login that a record has", az, "acme/proj/_git/app", "alice", []Candidate{of("alice", azure("acme")), of("bob", azure("acme"))}, "answers, other login", Answer},
		{"the host of another organization", "evil.visualstudio.com", "acme/proj/_git/app", "", []Candidate{azure("acme")}, "other path", NoToken},

		// Bitbucket: its URLs have the name of whoever copied them.
		{"another user in the URL", bb, "acme/app.git", "bob", []Candidate{of("alice", cloud("acme"))}, "answers", Answer},
		{"the same user in the URL", bb, "acme/app.git", "Alice", []Candidate{of("alice", cloud("acme")), of("bob", cloud("acme"))}, "answers, other login", Answer},
		{"a workspace and a repository", bb, "acme/app/src/main", "", []Candidate{cloud("acme"), cloud("acme/app")}, "less specific, answers", Answer},
		{"Data Center", "bb.example.com", "scm/PROJ/app.git", "",
			[]Candidate{token(forge.BitbucketHTTP, "bb.example.com", "PROJ"), token(forge.BitbucketHTTP, "bb.example.com", "~alice"), token(forge.BitbucketHTTP, "bb.example.com")},
			"answers, other path, less specific", Answer},
		{"Data Center without scm", "bb.example.com", "proj/app.git", "", []Candidate{token(forge.BitbucketHTTP, "bb.example.com", "PROJ")}, "other path", NoToken},

		// Gitea.
		{"an owner", "codeberg.org", "acme/app/src/branch/main", "", []Candidate{token(forge.GiteaToken, "codeberg.org", "acme")}, "answers", Answer},
		{"a named forge", "git.example.com", "acme/app.git", "", []Candidate{on(forge.Gitea, password("git.example.com", "acme"))}, "answers", Answer},
		{"a byte that the named forge does not have", "git.example.com", "acme/a b", "", []Candidate{on(forge.Gitea, password("git.example.com", "acme"))}, "other path", NoToken},

		// Tokens set aside for some owners and some time.
		{"aside for this owner", gh, "acme/x", "", []Candidate{refused(classic(gh), time.Minute, 1, "acme")}, "set aside", Unusable},
		{"aside for this owner in other letters", gh, "ACME/x", "", []Candidate{refused(classic(gh), time.Minute, 1, "acme")}, "set aside", Unusable},
		{"aside for another owner", gh, "octo/x", "", []Candidate{refused(classic(gh), time.Minute, 1, "acme")}, "answers", Answer},
		{"aside for all", gh, "octo/x", "", []Candidate{refused(classic(gh), time.Minute, 1)}, "set aside", Unusable},
		{"aside for gists", GistHost, "octo/0123abcd", "", []Candidate{refused(classic(gh), time.Minute, 1, GistHost)}, "set aside", Unusable},
		{"aside for gists only", gh, "octo/x", "", []Candidate{refused(classic(gh), time.Minute, 1, GistHost)}, "answers", Answer},
		{"aside for an owner only, no gist", GistHost, "0123abcd", "", []Candidate{refused(classic(gh), time.Minute, 1, "octo")}, "answers", Answer},
		{"aside without a path", gh, "", "", []Candidate{refused(classic(gh), time.Minute, 1, "")}, "set aside", Unusable},
		{"offered again after an hour", gh, "acme/x", "", []Candidate{refused(fine(gh, "acme"), time.Hour, 1)}, "answers", Answer},
		{"not before", gh, "acme/x", "", []Candidate{refused(fine(gh, "acme"), time.Hour-1, 1)}, "set aside", Unusable},
		{"a second time after four", gh, "acme/x", "", []Candidate{refused(fine(gh, "acme"), 4*time.Hour, 2)}, "answers", Answer},
		{"not before four", gh, "acme/x", "", []Candidate{refused(fine(gh, "acme"), 4*time.Hour-1, 2)}, "set aside", Unusable},
		{"then daily", gh, "acme/x", "", []Candidate{refused(fine(gh, "acme"), 24*time.Hour, 9)}, "answers", Answer},
		{"not before a day", gh, "acme/x", "", []Candidate{refused(fine(gh, "acme"), 24*time.Hour-1, 3)}, "set aside", Unusable},
		{"the clock went back", gh, "acme/x", "", []Candidate{refused(fine(gh, "acme"), -25*time.Hour, 1)}, "answers", Answer},
		{"offered a moment ago", gh, "acme/x", "", []Candidate{offered(refused(fine(gh, "acme"), 2*time.Hour, 1), time.Minute)}, "set aside", Unusable},
		{"offered long ago", gh, "acme/x", "", []Candidate{offered(refused(fine(gh, "acme"), 9*time.Hour, 1), time.Hour)}, "answers", Answer},
		{"again, but expired", gh, "acme/x", "", []Candidate{expired(refused(fine(gh, "acme"), time.Hour, 1))}, "set aside", Unusable},
		{"again, but lost", gh, "acme/x", "", []Candidate{lost(refused(fine(gh, "acme"), time.Hour, 1))}, "set aside", Unusable},
		{"again only where nothing else answers", gh, "acme/x", "", []Candidate{refused(fine(gh, "acme"), time.Hour, 1), classic(gh, "acme")}, "set aside, answers", Answer},
		{"again before anything broader", gh, "acme/x", "", []Candidate{refused(fine(gh, "acme"), time.Hour, 1), classic(gh)}, "answers, less specific", Answer},
		{"two again", gh, "acme/x", "", []Candidate{refused(fine(gh, "acme"), time.Hour, 1), refused(fine(gh, "acme"), time.Hour, 1)}, "one of several, one of several", Ambiguous},
		{"no path: again", gh, "", "", []Candidate{refused(fine(gh, "acme"), time.Hour, 1)}, "answers", Answer},
		{"no path: another one", gh, "", "", []Candidate{refused(fine(gh, "acme"), time.Hour, 1), fine(gh, "octo")}, "set aside, answers", Answer},

		// Gists.
		{"a gist", GistHost, "0123abcd.git", "", []Candidate{classic(gh)}, "answers", Answer},
		{"a gist with its user", GistHost, "octocat/0123abcd.git", "", []Candidate{classic(gh)}, "answers", Answer},
		{"a token of an owner answers no gist", GistHost, "octocat/0123abcd.git", "",
			[]Candidate{fine(gh, "octocat"), fine(gh, "octocat/0123abcd"), classic(gh, "octocat")},
			"other host, other host, other host", NoToken},
		{"one for gists goes first", GistHost, "0123abcd.git", "",
			[]Candidate{classic(gh), classic(GistHost)}, "less specific, answers", Answer},
		{"one for gists goes first, whatever its kind", GistHost, "0123abcd.git", "",
			[]Candidate{fine(gh), password(GistHost)}, "less specific, answers", Answer},
		{"one for a user's gists goes first", GistHost, "octocat/0123abcd.git", "",
			[]Candidate{classic(gh), classic(GistHost), classic(GistHost, "octocat")},
			"less specific, less specific, answers", Answer},
		{"one for gists that has ended", GistHost, "0123abcd.git", "",
			[]Candidate{classic(gh), expired(classic(GistHost))}, "less specific, expired", Unusable},
		{"no password of github.com", GistHost, "0123abcd.git", "", []Candidate{password(gh)}, "other host", NoToken},
		{"two of github.com", GistHost, "0123abcd.git", "",
			[]Candidate{classic(gh), classic(gh)}, "one of several, one of several", Ambiguous},
		{"login of a gist", GistHost, "0123abcd.git", "hubot",
			[]Candidate{of("octocat", classic(gh)), of("hubot", classic(gh))}, "other login, answers", Answer},
		{"not the other way round", gh, "octocat/x", "", []Candidate{classic(GistHost)}, "other host", NoToken},
		{"a longer name of the gists", "gist.github.com.evil.example", "x", "", []Candidate{classic(gh)}, "other host", NoToken},
		{"the gists' host with a port", "gist.github.com:8443", "x", "", []Candidate{classic(gh)}, "other host", NoToken},
		{"the gists' host with a dot", "gist.github.com.", "x", "", []Candidate{classic(gh)}, "other host", NoToken},
		{"no alias for others", "gist.ghe.example.com", "x", "", []Candidate{classic("ghe.example.com")}, "other host", NoToken},
		{"another port of github.com", GistHost, "x", "", []Candidate{classic("github.com:8443")}, "other host", NoToken},

		// No path.
		{"no path: the only one", gh, "", "", []Candidate{fine(gh, "acme")}, "answers", Answer},
		{"no path: the only one of a repository", gh, "/", "", []Candidate{fine(gh, "acme/widgets", "acme/x")}, "answers", Answer},
		{"no path: the only usable one", gh, "", "",
			[]Candidate{expired(fine(gh, "acme")), aside(classic(gh)), fine(gh, "octo")}, "expired, set aside, answers", Answer},
		{"no path: the whole host", gh, "", "",
			[]Candidate{fine(gh, "acme"), classic(gh), fine(gh, "octo/x")},
			"for some repositories, answers, for some repositories", Answer},
		{"no path: two owners", gh, "", "",
			[]Candidate{fine(gh, "acme"), fine(gh, "octo")}, "one of several, one of several", Unspecified},
		{"no path: two owners, the host's has ended", gh, "", "",
			[]Candidate{fine(gh, "acme"), fine(gh, "octo"), expired(classic(gh))},
			"one of several, one of several, expired", Unspecified},
		{"no path: two of one target", gh, "", "",
			[]Candidate{fine(gh, "acme"), fine(gh, "acme")}, "one of several, one of several", Ambiguous},
		{"no path: two of the host", gh, "", "",
			[]Candidate{classic(gh), classic(gh)}, "one of several, one of several", Ambiguous},
		{"no path: two of the host and one of an owner", gh, "", "",
			[]Candidate{classic(gh), classic(gh), fine(gh, "acme")},
			"one of several, one of several, one of several", Unspecified},
		{"no path: a login", gh, "", "octocat",
			[]Candidate{of("hubot", fine(gh, "acme")), of("octocat", fine(gh, "octo"))}, "other login, answers", Answer},
		{"no path: none usable", gh, "", "",
			[]Candidate{expired(fine(gh, "acme")), lost(classic(gh)), damaged(fine(gh, "octo"))},
			"expired, secret missing, unreadable", Unusable},
		{"no path: another host", gh, "", "", []Candidate{classic("ghe.example.com")}, "other host", NoToken},
		{"no path: a gist", GistHost, "", "", []Candidate{fine(gh, "acme"), classic(gh)}, "other host, answers", Answer},
		{"no path: one for gists goes first", GistHost, "", "",
			[]Candidate{classic(gh), classic(GistHost, "octocat")}, "less specific, answers", Answer},
		{"no path: several for gists", GistHost, "", "",
			[]Candidate{classic(gh), classic(GistHost, "octocat"), classic(GistHost, "hubot")},
			"less specific, one of several, one of several", Unspecified},
		{"no path: a password for a path", "git.example.com", "", "",
			[]Candidate{password("git.example.com", "a/b")}, "answers", Answer},
	} {
		t.Run(test.name, func(t *testing.T) {
			request := Request{Host: test.host, Path: test.path, Username: test.user}
			d := Choose(request, test.candidates, now)
			if got := verdicts(d); got != test.want || d.Outcome != test.outcome {
				t.Errorf("got %q with outcome %d, want %q with %d", got, d.Outcome, test.want, test.outcome)
			}
			checkDecision(t, d, test.candidates)
			if d.Request != request || !d.Decided.Equal(now) {
				t.Errorf("got the request %+v at %v", d.Request, d.Decided)
			}

			// The order of the candidates must not matter.
			turned := slices.Clone(test.candidates)
			slices.Reverse(turned)
			back := Choose(request, turned, now)
			slices.Reverse(back.Considered)
			if got := verdicts(back); got != test.want || back.Outcome != test.outcome {
				t.Errorf("in the other order: got %q with outcome %d, want %q with %d", got, back.Outcome, test.want, test.outcome)
			}
		})
	}
}

// checkDecision checks what must be true of every decision.
func checkDecision(t *testing.T, d Decision, candidates []Candidate) {
	t.Helper()
	if len(d.Considered) != len(candidates) {
		t.Fatalf("looked at %d of %d", len(d.Considered), len(candidates))
	}
	for i, look := range d.Considered {
		if look.Verdict == "" {
			t.Errorf("candidate %d has no verdict", i)
		}
		if look.Key != candidates[i].Key || !look.Target.Equal(candidates[i].Target) {
			t.Errorf("candidate %d stands elsewhere", i)
		}
		if none := look.Level == NoLevel; none != slices.Contains([]Verdict{OtherHost, OtherPath, OtherLogin, OnlyReads}, look.Verdict) {
			t.Errorf("candidate %d is %q at level %d", i, look.Verdict, look.Level)
		}
	}
	chosen, rivals := len(d.With(Chosen)), len(d.With(Rival))
	switch d.Outcome {
	case Answer:
		if chosen != 1 || rivals != 0 || d.Winner < 0 || d.Considered[d.Winner].Verdict != Chosen {
			t.Fatalf("an answer with %d chosen, %d rivals and the winner %d", chosen, rivals, d.Winner)
		}
		winner := d.Considered[d.Winner]
		if got := winner.fault(d.Request, d.Decided); got != "" && !winner.due(d.Decided) {
			t.Errorf("the answer is %q", got)
		}
		if d.Level != d.Considered[d.Winner].Level {
			t.Errorf("got level %d, want %d", d.Level, d.Considered[d.Winner].Level)
		}
	case Ambiguous, Unspecified:
		if chosen != 0 || rivals < 2 || d.Winner != -1 {
			t.Errorf("outcome %d with %d chosen, %d rivals and the winner %d", d.Outcome, chosen, rivals, d.Winner)
		}
	case NoToken, Unusable:
		unusable := len(d.With(Unreadable, SetAside, Expired, Missing))
		if chosen != 0 || rivals != 0 || d.Winner != -1 || (unusable > 0) != (d.Outcome == Unusable) {
			t.Errorf("outcome %d with %d chosen, %d rivals, %d unusable and the winner %d", d.Outcome, chosen, rivals, unusable, d.Winner)
		}
	default:
		t.Errorf("outcome %d", d.Outcome)
	}
}
