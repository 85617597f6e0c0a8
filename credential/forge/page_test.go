package forge

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	for _, test := range []struct {
		why    string
		f      Forge
		form   Form
		want   string
		filled bool
	}{
		{"GitHub", GitHub, Form{Host: "github.com", Repository: "acme/app", Name: "git on laptop", Text: "For Git", Days: 90},
			"https://github.com/settings/personal-access-tokens/new?contents=write&description=For+Git&expires_in=90&name=git+on+laptop&target_name=acme", true},
		{"GitHub, to fetch", GitHub, Form{Host: "acme.ghe.com", Name: "n", ReadOnly: true},
			"https://acme.ghe.com/settings/personal-access-tokens/new?contents=read&description=&name=n", true},
		{"GitHub, a name with everything", GitHub, Form{Host: "ghes.example:8443", Repository: "acme", Name: "a&b=c #d\x1b+%"},
			"https://ghes.example:8443/settings/personal-access-tokens/new?contents=write&description=&name=a%26b%3Dc+%23d%1B%2B%25&target_name=acme", true},
		{"GitHub, workflows", GitHub, Form{Host: "github.com", Name: "n", Workflows: true},
			"https://github.com/settings/personal-access-tokens/new?contents=write&description=&name=n&workflows=write", true},
		{"GitHub, classic", GitHub, Form{Host: "github.com", Kind: Classic, Name: "n", Workflows: true},
			"https://github.com/settings/tokens/new?description=n&scopes=repo%2Cworkflow", true},
		{"gists", GitHub, Form{Host: "gist.github.com", Kind: Classic, Name: "n"},
			"https://github.com/settings/tokens/new?description=n&scopes=gist", true},
		{"GitLab", GitLab, Form{Host: "gitlab.com", Name: "git"},
			"https://gitlab.com/-/user_settings/personal_access_tokens?name=git&scopes=read_repository%2Cwrite_repository", true},
		{"GitLab, to fetch", GitLab, Form{Host: "git.example.com:8443", Name: "a&b", Text: "x", ReadOnly: true},
			"https://git.example.com:8443/-/user_settings/personal_access_tokens?description=x&name=a%26b&scopes=read_repository", true},
		{"Azure DevOps", Azure, Form{Host: "dev.azure.com", Repository: "acme/my proj/_git/app", Name: "n"},
			"https://dev.azure.com/acme/_usersSettings/tokens", false},
		{"Azure DevOps, no organization", Azure, Form{Host: "dev.azure.com"}, "", false},
		{"Azure DevOps Server", Azure, Form{Host: "tfs.example.com", Repository: "c/p"}, "", false},
		{"Bitbucket Cloud", Bitbucket, Form{Host: "bitbucket.org"}, "https://id.atlassian.com/manage-profile/security/api-tokens", false},
		{"Bitbucket Data Center", Bitbucket, Form{Host: "bb.example.com"}, "https://bb.example.com/plugins/servlet/access-tokens/manage", false},
		{"Gitea", Gitea, Form{Host: "git.example.com"}, "https://git.example.com/user/settings/applications", false},
		{"unknown", Other, Form{Host: "git.example.com"}, "", false},
	} {
		got, filled := test.f.Page(test.form)
		if got != test.want || filled != test.filled {
			t.Errorf("%s:\ngot  %q and %v\nwant %q and %v", test.why, got, filled, test.want, test.filled)
		}
	}
	long := strings.Repeat("\u00fc", 50)
	page, _ := GitHub.Page(Form{Host: "github.com", Name: long})
	u, err := url.Parse(page)
	if err != nil || u.Query().Get("name") != long[:2*MaxTokenName] {
		t.Errorf("a long name: got %q and %v", page, err)
	}
}

func FuzzPage(f *testing.F) {
	f.Add("acme/app", "git on laptop", "For Git")
	f.Add("acme/../x", "a&b=c#d", "\x00\xff")
	f.Add("acme/app", "\x1b]8;;\u202e", strings.Repeat("\u00fc", 1025))
	f.Fuzz(func(t *testing.T, path, name, text string) {
		for _, forge := range all() {
			repository, err := forge.Target(forge.ownHost(), path)
			if err != nil {
				continue
			}
			page, filled := forge.Page(Form{Host: forge.ownHost(), Repository: repository, Name: name, Text: text})
			if page == "" {
				continue
			}
			u, err := url.Parse(page)
			if err != nil || u.Scheme != "https" || u.User != nil || u.Fragment != "" || u.Host != forge.ownHost() && forge != Bitbucket {
				t.Fatalf("%s: %q, %v", forge, page, err)
			}
			if filled != (u.RawQuery != "") || forge == GitLab && u.Query().Get("name") != name {
				t.Fatalf("%s: %q is filled in %v", forge, page, filled)
			}
		}
	})
}

// ownHost returns a host that the forge runs.
func (f Forge) ownHost() string {
	return map[Forge]string{GitHub: GitHubHost, GitLab: GitLabHost, Azure: AzureHost, Bitbucket: BitbucketHost, Gitea: CodebergHost}[f]
}

func TestScopes(t *testing.T) {
	for _, f := range all() {
		read, write := f.Scopes(true), f.Scopes(false)
		if want := f != Other && f != GitHub; (len(read) > 0) != want || (len(write) > 0) != want {
			t.Errorf("%s: got %q and %q", f, read, write)
		}
		if len(read) > 0 && slices.Equal(read, write) {
			t.Errorf("%s: reading and writing need the same scopes", f)
		}
	}
}

func TestVariables(t *testing.T) {
	for _, test := range []struct {
		f     Forge
		host  string
		token []string
		names string // of the host or its URL
	}{
		{GitHub, "github.com", []string{"GH_TOKEN", "GITHUB_TOKEN"}, ""},
		{GitHub, "gist.github.com", []string{"GH_TOKEN", "GITHUB_TOKEN"}, ""},
		{GitHub, "acme.ghe.com", []string{"GH_TOKEN", "GITHUB_TOKEN"}, "GH_HOST"},
		{GitHub, "ghes.example.com", []string{"GH_ENTERPRISE_TOKEN"}, "GH_HOST"},
		{GitLab, "gitlab.com", []string{"GITLAB_TOKEN"}, "GITLAB_HOST"},
		{GitLab, "git.example.com", []string{"GITLAB_TOKEN"}, "GITLAB_HOST"},
		{Azure, "dev.azure.com", []string{"AZURE_DEVOPS_EXT_PAT"}, ""},
		{Gitea, "codeberg.org", []string{"GITEA_TOKEN", "GITEA_SERVER_TOKEN"}, "GITEA_INSTANCE_URL,GITEA_SERVER_URL"},
		{Bitbucket, "bitbucket.org", nil, ""}, // no program of their own
		{Other, "git.example.com", nil, ""},
	} {
		v := test.f.Variables(test.host)
		if names := strings.Join(append(v.Host, v.URL...), ","); !slices.Equal(v.Token, test.token) || names != test.names {
			t.Errorf("%s: got %+v", test.host, v)
		}
		for _, name := range v.Others {
			if slices.Contains(slices.Concat(v.Token, v.Host, v.URL), name) {
				t.Errorf("%s: %s is set and removed", test.host, name)
			}
		}
	}
}
