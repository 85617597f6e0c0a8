// Package forge describes what is specific to each forge: its hosts, the
// prefixes of its tokens, the user names that it expects, and how it names
// repositories in URLs. It has only data and pure functions.
//
// # Guarantees
//
// [Forge.Repository] returns whole segments of a path, in ASCII lower case. A
// segment that is empty, "." or "..", or that has a byte which no name on the
// forge has, is an error. Nothing is percent-decoded. A token for one path answers
// for another only if [Covers] reports true.
package forge

import "strings"

// A Forge is a type of server that hosts Git repositories.
type Forge string

const (
	Other     Forge = "" // unknown
	GitHub    Forge = "github"
	GitLab    Forge = "gitlab"
	Azure     Forge = "azure"     // Azure DevOps Services and Server
	Bitbucket Forge = "bitbucket" // Bitbucket Cloud on bitbucket.org, Data Center on all other hosts
	Gitea     Forge = "gitea"     // also Forgejo
)

// Hosts of the forges.
const (
	GitHubHost    = "github.com"
	GistHost      = "gist.github.com" // gists are repositories of the accounts on GitHubHost
	GitLabHost    = "gitlab.com"
	AzureHost     = "dev.azure.com"
	BitbucketHost = "bitbucket.org"
	CodebergHost  = "codeberg.org"

	azureSuffix = ".visualstudio.com" // the older hosts of Azure DevOps, one for each organization
)

// Named returns the forge that a person calls by a name.
func Named(name string) (f Forge, ok bool) {
	switch f = Forge(Fold(name)); f {
	case GitHub, GitLab, Azure, Bitbucket, Gitea:
		return f, true
	case "forgejo":
		return Gitea, true
	}
	return Other, false
}

// Title returns the name of the forge in a sentence, or "" for Other.
func (f Forge) Title() string {
	switch f {
	case GitHub:
		return "GitHub"
	case GitLab:
		return "GitLab"
	case Azure:
		return "Azure DevOps"
	case Bitbucket:
		return "Bitbucket"
	case Gitea:
		return "Gitea"
	}
	return ""
}

// Of returns the forge that runs a host itself. Most forges also run on other
// hosts; for those it returns Other. The host is in lower case, without the port of
// https.
func Of(host string) Forge {
	switch host {
	case GitHubHost, GistHost:
		return GitHub
	case GitLabHost:
		return GitLab
	case AzureHost:
		return Azure
	case BitbucketHost:
		return Bitbucket
	case CodebergHost:
		return Gitea
	}
	if strings.HasSuffix(host, ".ghe.com") { // GitHub Enterprise Cloud with data residency
		return GitHub
	}
	if organization(host) != "" {
		return Azure
	}
	return Other
}

// organization returns the organization of an older host of Azure DevOps, or "".
func organization(host string) string {
	name, ok := strings.CutSuffix(host, azureSuffix)
	if !ok || !isOrganization(name) || name == "vs-ssh" {
		return ""
	}
	return name
}

// isOrganization reports whether an organization of Azure DevOps can have a name,
// in lower case. The limit of 50 characters also excludes tokens.
func isOrganization(name string) bool {
	return name != "" && len(name) <= 50 && strings.Trim(name, alphanumeric+"-") == ""
}

// Locate returns the host and path under which a forge is known if it has several
// names for one place. ORG.visualstudio.com is dev.azure.com/ORG, where all paths of
// a repository become one. If the path is empty, the user name in a URL of
// dev.azure.com tells the organization. Everything else is returned unchanged.
func Locate(host, path, user string) (string, string) {
	empty := strings.Trim(path, "/") == ""
	switch name := organization(host); {
	case name != "" && empty:
		return AzureHost, name
	case name != "":
		path = name + "/" + strings.TrimLeft(path, "/")
	case host != AzureHost:
		return host, path
	case empty && isOrganization(Fold(user)) && !IsPlaceholder(user):
		path = user
	}
	if repository, err := Azure.Repository(AzureHost, path); err == nil {
		path = repository
	}
	return AzureHost, path
}

// OlderAzureHosts are the older hosts of Azure DevOps as a pattern for Git's
// configuration. Git 2.26 and newer know such patterns.
const OlderAzureHosts = "*" + azureSuffix

// IsOlderAzure reports whether a host is an older one of Azure DevOps.
func IsOlderAzure(host string) bool { return organization(host) != "" }

// Hosts returns the hosts of the URLs that Locate finds at a host and path: usually
// the host alone, and for an organization on dev.azure.com its older host too.
func Hosts(host, path string) []string {
	name, _, _ := strings.Cut(path, "/")
	if older := name + azureSuffix; host == AzureHost && IsOlderAzure(older) {
		return []string{host, older}
	}
	return []string{host}
}

// AliasOf returns another host whose tokens for the whole host also work on this
// one. ok is false if there is none.
func AliasOf(host string) (alias string, ok bool) {
	if host == GistHost {
		return GitHubHost, true
	}
	return "", false
}

const alphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789"

// Fold converts ASCII letters to lower case and changes nothing else. Package
// strings would also convert the Kelvin sign to k and the long s to s.
func Fold(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
