package importer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// parsed shows the accounts of a file as PLACE HOST/PATH TOKEN, and the first place
// in the keyring where there is no token.
func parsed(t *testing.T, parse func(string) ([]*Item, error), of forge.Forge, data string) string {
	t.Helper()
	items, err := parse(data)
	if err != nil {
		return "error"
	}
	var all []string
	for _, e := range items {
		text := e.Place + " " + e.Host
		if e.Path != "" {
			text += "/" + e.Path
		}
		switch {
		case !e.Kept():
			text += skipped(e.Reason)
		case e.Secret.Empty() && len(e.account.keyring) > 0:
			text += " in " + e.account.keyring[0].service + " " + e.account.keyring[0].user
		default:
			text += " " + e.Secret.Reveal()
		}
		if e.Forge != of {
			t.Errorf("%q: got the forge %q, want %q", data, e.Forge, of)
		}
		all = append(all, strings.TrimSpace(text))
	}
	return strings.Join(all, ", ")
}

func TestParseGH(t *testing.T) {
	for _, test := range []struct{ name, data, want string }{
		{"nothing", "", ""},
		{"one account", "github.com:\n    oauth_token: t\n    user: alice\n    git_protocol: https\n", "alice@github.com github.com t"},
		{"one account in the keyring", "github.com:\n    user: alice\n", "alice@github.com github.com in gh:github.com alice"},
		{"several", "github.com:\n    users:\n        bob:\n            oauth_token: b\n        alice:\n            oauth_token: a\n" +
			"    user: alice\n    oauth_token: a\nghes.example:\n    users:\n        carol:\n    user: carol\n",
			"carol@ghes.example ghes.example in gh:ghes.example carol, alice@github.com github.com a, bob@github.com github.com b"},
		{"several in the keyring", "github.com:\n    git_protocol: ssh\n    users:\n        bob:\n        zoe:\n    user: zoe\n",
			"zoe@github.com github.com in gh:github.com zoe, bob@github.com github.com in gh:github.com bob"},
		{"two tokens of one account", "github.com:\n    users:\n        alice:\n            oauth_token: old\n    user: alice\n    oauth_token: new\n",
			"alice@github.com github.com new, alice@github.com github.com old"},
		{"no login", "github.com:\n    oauth_token: t\n", "github.com github.com t"},
		{"a login and a token of digits", "github.com:\n    users:\n        123:\n            oauth_token: 456\n    user: 123\n", "123@github.com github.com 456"},
	} {
		if got := parsed(t, parseGH, forge.GitHub, test.data); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestParseGLab(t *testing.T) {
	host := func(name, settings string) string {
		return "    " + name + ":\n        " + strings.ReplaceAll(settings, "\n", "\n        ") + "\n"
	}
	for _, test := range []struct{ name, data, want string }{
		{"nothing", "", ""},
		{"no login yet", "git_protocol: ssh\nhosts:\n" + host("gitlab.com", "api_protocol: https\napi_host: gitlab.com\ntoken:\nuser:"), ""},
		{"a token", "host: gitlab.com\nhosts:\n" + host("gitlab.com", "token: t\nuser: alice\ngit_protocol: ssh\ncustom_headers: []"), "alice@gitlab.com gitlab.com t"},
		{"with a tag", "hosts:\n" + host("gitlab.com", "token: !!null t"), "gitlab.com gitlab.com t"},
		{"of digits", "hosts:\n" + host("gitlab.com", "token: 12\nuser: 34"), "34@gitlab.com gitlab.com 12"},
		{"in the keyring", "hosts:\n" + host("gitlab.com", "token: null\nuse_keyring: true"), "gitlab.com gitlab.com in glab:gitlab.com:token"},
		{"in the keyring of an older version", "hosts:\n" + host("gitlab.com", "user: alice"), "alice@gitlab.com gitlab.com in glab:gitlab.com:token"},
		{"OAuth", "hosts:\n" + host("gitlab.com", "token: t\nis_oauth2: \"true\"\nuser: alice"), "alice@gitlab.com gitlab.com" + skipped(Reason{Why: Renewed})},
		{"http", "hosts:\n" + host("git.example.com", "token: t\napi_protocol: http"), "git.example.com git.example.com" + skipped(Reason{Why: OtherScheme})},
		{"several", "hosts:\n" + host("gitlab.com", "token: t") + host("git.example.com:8443", "token: u\nsubfolder: a/gitlab\nuser: bob"),
			"bob@git.example.com:8443 git.example.com:8443/a/gitlab u, gitlab.com gitlab.com t"},
		{"a list as a token", "hosts:\n" + host("gitlab.com", "token: [t]"), "error"},
		{"a text as hosts", "hosts: t\n", "error"},
		{"a tab", "hosts:\n\tt", "error"},
	} {
		if got := parsed(t, parseGLab, forge.GitLab, test.data); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestParseTea(t *testing.T) {
	login := func(settings string) string { return "    - " + strings.ReplaceAll(settings, "\n", "\n      ") + "\n" }
	for _, test := range []struct{ name, data, want string }{
		{"nothing", "", ""},
		{"a token", "logins:\n" + login("name: work\nurl: https://git.example.com\ntoken: t\nuser: alice\ninsecure: false\ncreated: 1") + "preferences:\n    editor: false\n",
			"alice@git.example.com git.example.com t"},
		{"below a path", "logins:\n" + login("name: work\nurl: https://git.example.com:3000/git/\ntoken: t"), "git.example.com:3000 git.example.com:3000/git t"},
		{"several", "logins:\n" + login("name: a\nurl: https://codeberg.org\ntoken: t\nuser: alice") + login("name: b\nurl: https://codeberg.org\ntoken: u\nuser: bob"),
			"alice@codeberg.org codeberg.org t, bob@codeberg.org codeberg.org u"},
		{"OAuth", "logins:\n" + login("name: a\nurl: https://codeberg.org\nauth_method: oauth"), "codeberg.org codeberg.org" + skipped(Reason{Why: Renewed})},
		{"OAuth of an older version", "logins:\n" + login("name: a\nurl: https://codeberg.org\ntoken: t\nrefresh_token: r"), "codeberg.org codeberg.org" + skipped(Reason{Why: Renewed})},
		{"an SSH key", "logins:\n" + login("name: a\nurl: https://codeberg.org\nssh_key: k"), "codeberg.org codeberg.org"},
		{"http", "logins:\n" + login("name: a\nurl: http://localhost:3000\ntoken: t"), "localhost:3000 localhost:3000" + skipped(Reason{Why: OtherScheme})},
		{"no URL", "logins:\n" + login("name: a\ntoken: t"), "a" + " " + skipped(Reason{Why: BadHost})},
		{"a text as logins", "logins: t\n", "error"},
	} {
		if got := parsed(t, parseTea, forge.Gitea, test.data); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// Where a token is in the keyring, and how the program logs out of its account.
func TestAccount(t *testing.T) {
	for _, test := range []struct {
		parse      func(string) ([]*Item, error)
		data, want string
	}{
		{parseGH, "github.com:\n    user: a\n    users:\n        a:\n        b:\n",
			"[{gh:github.com a} {gh:github.com }] [auth logout --hostname github.com --user a]\n[{gh:github.com b}] [auth logout --hostname github.com --user b]\n"},
		{parseGH, "github.com:\n    oauth_token: t\n", "[{gh:github.com }] [auth logout --hostname github.com]\n"},
		{parseGLab, "hosts:\n    gitlab.com:\n        user: a\n", "[{glab:gitlab.com:token } {glab:gitlab.com }] [auth logout --hostname gitlab.com]\n"},
		{parseTea, "logins:\n    - name: My work\n      url: https://codeberg.org\n", "[] [logins delete My work]\n"},
	} {
		items, err := test.parse(test.data)
		got := ""
		for _, e := range items {
			got += fmt.Sprintln(e.account.keyring, e.account.logOut)
		}
		if err != nil || got != test.want {
			t.Errorf("%q: got %q, %v, want %q", test.data, got, err, test.want)
		}
	}
}

// Tokens of other forges, from files that name no forge, and from the programs of
// the forges.
func TestPlanForges(t *testing.T) {
	body := strings.Repeat("0a", 20)
	lab, deploy, job := "glp"+"at-"+body, "gld"+"t-"+body, "glc"+"bt-64_"+body
	azure, older := strings.Repeat("a", 75)+"AZDO"+"abcde", strings.Repeat("a2", 26)
	atlassian, access, center := "ATATT"+"3xFfGF0"+body, "ATCTT"+"3xFfG"+body, "BBDC"+"-"+body
	skip := func(why Why) string { return fmt.Sprint("skipped ", why) }
	of := func(f forge.Forge, text, secret string) *Item {
		e := item(text, secret)
		e.Forge = f
		return e
	}
	for _, test := range []struct {
		name string
		item *Item
		want string // target, login, kind and the forge that is recorded
	}{
		{"GitLab", item("gitlab.com||oauth2", lab), "gitlab.com|||gitlab|"},
		{"GitLab, a person", item("gitlab.com||alice", lab), "gitlab.com||alice|gitlab|"},
		{"GitLab, a project", item("gitlab.com|Acme/sub/app.git|oauth2", lab), "gitlab.com/acme/sub/app|||gitlab|"},
		{"GitLab, an instance", item("git.example.com:8443|acme|x", lab), "git.example.com:8443/acme||x|gitlab|"},
		{"GitLab, a deploy token", item("gitlab.com|acme/app|gitlab+deploy-token-1", deploy), "gitlab.com/acme/app||gitlab+deploy-token-1|gitlab-deploy|"},
		{"GitLab, a deploy token without its name", item("gitlab.com|acme/app|oauth2", deploy), skip(NoUserName)},
		{"GitLab, a job token", item("gitlab.com|acme/app|gitlab-ci-token", job), "gitlab.com/acme/app|||gitlab-job|"},
		{"GitLab, a password", item("gitlab.com||alice", "hunter2"), skip(OtherServer)},
		{"Azure DevOps, the organization as a user", item("dev.azure.com||Acme", azure), "dev.azure.com/acme|||azure|"},
		{"Azure DevOps, a path", item("dev.azure.com|acme/My Project/_git/App|alice", azure), "dev.azure.com/acme/my project/_git/app|||azure|"},
		{"Azure DevOps, nothing tells the organization", item("dev.azure.com||", azure), "dev.azure.com|||azure|"},
		{"Azure DevOps, an older host", item("acme.visualstudio.com||alice", azure), "dev.azure.com/acme|||azure|"},
		{"Azure DevOps, an older host and token", item("acme.visualstudio.com|DefaultCollection/web/_git/site|", older), "dev.azure.com/acme/web/_git/site|||azure|"},
		{"Azure DevOps Server", item("tfs.example.com|collection/web|alice", azure), "tfs.example.com/collection/web|||azure|"},
		{"Bitbucket", item("bitbucket.org||x-bitbucket-api-token-auth", atlassian), "bitbucket.org|||bitbucket-api|"},
		{"Bitbucket, a person", item("bitbucket.org|Acme/app.git|alice", atlassian), "bitbucket.org/acme/app||alice|bitbucket-api|"},
		{"Bitbucket, an access token", item("bitbucket.org|acme/app|x-token-auth", access), "bitbucket.org/acme/app|||bitbucket-access|"},
		{"Bitbucket Data Center", item("bb.example.com|scm/ACME/app.git|alice", center), "bb.example.com/scm/acme/app||alice|bitbucket-http|"},
		{"Codeberg", item("codeberg.org|acme|alice", body), "codeberg.org/acme||alice|gitea|"},
		{"Gitea, nothing tells the forge", item("git.example.com|acme|alice", body), skip(OtherServer)},
		{"a token at another forge's host", item("codeberg.org||alice", lab), skip(Unfit)},

		{"glab", of(forge.GitLab, "gitlab.com||alice", lab), "gitlab.com||alice|gitlab|"},
		{"glab, a token without a prefix", of(forge.GitLab, "git.example.com|gitlab|alice", "hunter2"), "git.example.com/gitlab||alice|other|gitlab"},
		{"glab, a token of GitHub", of(forge.GitLab, "git.example.com||alice", classic("x")), skip(Unfit)},
		{"tea", of(forge.Gitea, "git.example.com:3000|git|alice", body), "git.example.com:3000/git||alice|gitea|"},
		{"tea, a token in an unknown format", of(forge.Gitea, "git.example.com||alice", "hunter2"), "git.example.com||alice|other|gitea"},
		{"gh", of(forge.GitHub, "ghes.example.com||alice", body), "ghes.example.com||alice|classic|"},
	} {
		b := newFixture(t)
		p := &Plan{Needs: b.Needs}
		if err := p.Make(t.Context(), []*Item{test.item}); err != nil {
			t.Fatal(err)
		}
		got := skip(test.item.Reason.Why)
		if test.item.Kept() {
			records, err := p.Keep(t.Context(), "file")
			if err != nil || len(records) != 1 {
				t.Fatalf("%s: kept %v, %v", test.name, records, err)
			}
			r := records[0]
			got = fmt.Sprintf("%s||%s|%s|%s", r.Target, r.Username, r.Kind, r.Forge)
		}
		if got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}
