package importer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

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
