// Package environ makes the environment of the programs that git pat runs, and runs
// them: the command of git pat exec, and a browser.
//
// A program gets a token only in the variables that are meant for it, and no
// variable that would make it send the token to another host.
package environ

import (
	"net/url"
	"runtime"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// GHTokens are the variables from which gh and other programs read a token.
func GHTokens() []string {
	return []string{"GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}
}

// Knows reports whether For knows the variables for a token.
func Knows(r credential.Record) bool { return r.IsToken() && len(r.On().Variables(r.Host).Token) > 0 }

// For returns the environment for a program that gets a token, and the variables to
// set to the token: those named, or those that the programs of the forge read. No variable that is left
// names another host, to which the program could send the token.
func For(variables []string, r credential.Record, named []string) (kept, set []string) {
	host := r.Host
	if host == credential.GistHost {
		host = credential.GitHubHost
	}
	kept = Without(slices.Clone(variables), named...)
	if variable, ok := strings.CutPrefix(r.Store, "env:"); ok {
		kept = Without(kept, variable)
	}
	isGitHub := r.On() == forge.GitHub
	if isGitHub {
		kept = slices.DeleteFunc(kept, func(entry string) bool { return namesOtherHost(entry, host) })
	}
	v := r.On().Variables(host)
	if !isGitHub && r.IsToken() {
		kept = Without(kept, slices.DeleteFunc(slices.Concat(v.Host, v.URL, v.Others), func(name string) bool { return slices.Contains(named, name) })...)
	}
	if len(named) > 0 {
		return kept, named
	}
	if !isGitHub {
		kept = Without(kept, v.Token...)
		for _, name := range v.Host {
			kept = append(kept, name+"="+host)
		}
		for _, name := range v.URL {
			kept = append(kept, name+"=https://"+host)
		}
		return kept, v.Token
	}
	// gh sends GH_TOKEN to github.com and the hosts of ghe.com, and
	// GH_ENTERPRISE_TOKEN to all other hosts. Outside of a repository it uses the
	// host GH_HOST. gh help environment.
	kept = Without(kept, GHTokens()...)
	if host != credential.GitHubHost {
		kept = append(Without(kept, "GH_HOST"), "GH_HOST="+host)
	}
	if !credential.IsGitHubHost(host) {
		return kept, []string{"GH_ENTERPRISE_TOKEN"}
	}
	return kept, []string{"GH_TOKEN", "GITHUB_TOKEN"}
}

// namesOtherHost reports whether a variable names another host than the one given
// to GitHub's programs. GitHub Actions sets GITHUB_SERVER_URL, GITHUB_API_URL and
// GITHUB_GRAPHQL_URL, gh reads GH_HOST and GH_REPO, and other programs read more, so
// every variable that begins like these counts.
func namesOtherHost(entry, host string) bool {
	name, value, _ := strings.Cut(entry, "=")
	if runtime.GOOS == "windows" {
		name = strings.ToUpper(name)
	}
	ours := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	if value == "" || !slices.ContainsFunc([]string{"GH_", "GHE_", "GITHUB_"}, ours) {
		return false
	}
	remote, notURL := credential.ParseRemote(value)
	switch {
	case name == "GH_REPO" && notURL == nil && remote.Protocol != "http":
		value = remote.Host
	case name == "GH_REPO" && strings.Count(value, "/") == 2: // HOST/OWNER/REPO
		value, _, _ = strings.Cut(value, "/")
	case strings.HasSuffix(name, "_HOST"):
	case strings.Contains(value, "://"):
		u, err := url.Parse(value)
		if err != nil || u.Scheme != "https" {
			return true
		}
		value = u.Host
	default:
		return false
	}
	api, err := url.Parse(github.APIBase(host))
	if err != nil {
		return true
	}
	other, err := credential.ParseHost(value)
	return err != nil || other != host && other != api.Host
}

// Without returns an environment without some variables.
func Without(variables []string, names ...string) []string {
	return slices.DeleteFunc(variables, func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(names, func(other string) bool {
			return name == other || runtime.GOOS == "windows" && strings.EqualFold(name, other)
		})
	})
}
