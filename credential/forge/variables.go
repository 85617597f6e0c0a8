package forge

// Variables are the variables of the environment that the programs of a forge read.
type Variables struct {
	Token []string // for the token
	Host  []string // for the host
	URL   []string // for the https URL of the host

	// Others also hold tokens or hosts. They must not keep the values for another
	// server, to which the program would send the token.
	Others []string
}

// Variables returns the variables for a token of a host. They are empty if no
// program of the forge is known.
//
// GitHub: gh help environment. GitLab: glab, section "Environment variables" of its
// documentation. Azure DevOps: az devops, "Sign in with a personal access token".
// Gitea: tea reads the two of an instance in each command, and those of a server in
// tea login add.
func (f Forge) Variables(host string) Variables {
	own := Of(host) == f
	switch {
	case f == GitHub && own:
		v := Variables{Token: []string{"GH_TOKEN", "GITHUB_TOKEN"}, Others: []string{"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}}
		if host != GitHubHost && host != GistHost {
			v.Host = []string{"GH_HOST"}
		}
		return v
	case f == GitHub:
		return Variables{
			Token:  []string{"GH_ENTERPRISE_TOKEN"},
			Host:   []string{"GH_HOST"},
			Others: []string{"GH_TOKEN", "GITHUB_TOKEN", "GITHUB_ENTERPRISE_TOKEN"},
		}
	case f == GitLab:
		return Variables{
			Token:  []string{"GITLAB_TOKEN"},
			Host:   []string{"GITLAB_HOST"},
			Others: []string{"GITLAB_ACCESS_TOKEN", "OAUTH_TOKEN", "GITLAB_URI", "GL_HOST", "GITLAB_API_HOST", "GITLAB_REPO"},
		}
	case f == Azure:
		return Variables{Token: []string{"AZURE_DEVOPS_EXT_PAT"}}
	case f == Gitea:
		return Variables{
			Token:  []string{"GITEA_TOKEN", "GITEA_SERVER_TOKEN"},
			URL:    []string{"GITEA_INSTANCE_URL", "GITEA_SERVER_URL"},
			Others: []string{"GITEA_SERVER_USER", "GITEA_SERVER_PASSWORD", "GITEA_SERVER_OTP"},
		}
	}
	return Variables{}
}
