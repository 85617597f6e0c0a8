package credential

import (
	"slices"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

func TestRefused(t *testing.T) {
	const gh = "github.com"
	request := func(host, path string) Request { return Request{Host: host, Path: path} }
	before := now.Add(-2 * time.Hour)
	for _, test := range []struct {
		name      string
		candidate Candidate
		request   Request
		owners    []string
		refusals  int
	}{
		{"a token of an owner", fine(gh, "acme"), request(gh, "acme/x"), nil, 1},
		{"a token for the host", classic(gh), request(gh, "Acme/x.git"), []string{"acme"}, 1},
		{"without a path", classic(gh), request(gh, ""), []string{""}, 1},
		{"at the gists", classic(gh), request(GistHost, "octo/0123abcd"), []string{GistHost}, 1},
		{"GitLab: the top group", lab("gitlab.com"), request("gitlab.com", "Acme/sub/x.git"), []string{"acme"}, 1},
		{"Azure DevOps: the organization", azure(), request("acme.visualstudio.com", "p/_git/r"), []string{"acme"}, 1},
		{"Bitbucket Data Center: the project", token(forge.BitbucketHTTP, "bb.example.com"), request("bb.example.com", "scm/PROJ/x.git"), []string{"scm/proj"}, 1},
		{"a named forge", on(forge.Gitea, password("git.example.com")), request("git.example.com", "acme/x"), []string{"acme"}, 1},
		{"a password", password("git.example.com"), request("git.example.com", "acme/x"), nil, 1},
		{"the same owner again", refused(classic(gh), time.Minute, 1, "acme"), request(gh, "acme/y"), []string{"acme"}, 1},
		{"another owner", refused(classic(gh), time.Minute, 1, "acme"), request(gh, "octo/x"), nil, 1},
		{"at the gists, after an owner", refused(classic(gh), time.Minute, 1, "acme"), request(GistHost, "x"), nil, 1},
		{"after all", refused(classic(gh), time.Minute, 1), request(gh, "acme/x"), nil, 1},
		{"after it was offered again", offered(refused(fine(gh, "acme"), 2*time.Hour, 1), time.Second), request(gh, "acme/x"), nil, 2},
		{"after it was offered again to an owner", offered(refused(classic(gh), 9*time.Hour, 2, "acme"), time.Second), request(gh, "acme/x"), []string{"acme"}, 3},
		{"a second refusal of one offer", offered(refused(fine(gh, "acme"), time.Second, 2), time.Minute), request(gh, "acme/x"), nil, 2},
	} {
		test.candidate.Added = before
		got := test.candidate.Refused(test.request, now)
		if !slices.Equal(got.Owners, test.owners) || got.Refusals != test.refusals || !got.Time.Equal(now) || !got.Added.Equal(before) ||
			got.Reason != "rejected by "+test.request.Host {
			t.Errorf("%s: got %+v, want the owners %q and %d refusals", test.name, got, test.owners, test.refusals)
		}
	}
}

func TestAsideFor(t *testing.T) {
	request := Request{Host: "github.com", Path: "ACME/widgets"}
	for _, test := range []struct {
		name      string
		candidate Candidate
		want      bool
	}{
		{"not", classic("github.com"), false},
		{"for this owner", refused(classic("github.com"), time.Minute, 1, "acme"), true},
		{"for another owner", refused(classic("github.com"), time.Minute, 1, "octo"), false},
		{"for all", refused(classic("github.com"), time.Minute, 1), true},
	} {
		if got := test.candidate.AsideFor(request); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
