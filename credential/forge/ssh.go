package forge

import (
	"net/url"
	"strings"
)

// An SSH is an SSH URL of a repository.
type SSH struct {
	User string
	Host string // in lower case, without a port
	Port string // "" if the URL has none
	Path string // without slashes at the start and end
}

// HTTPS returns the host and path of the https URL for the same repository. f is the
// forge of the host, or Other if it is unknown. Usually the host and path are the
// same, but not the port: a server uses another one for https.
func (f Forge) HTTPS(s SSH) (host, path string) {
	switch s.Host {
	case "ssh.github.com":
		return GitHubHost, s.Path // "Using SSH over the HTTPS port"
	case "altssh.gitlab.com":
		return GitLabHost, s.Path
	case "altssh.bitbucket.org":
		return BitbucketHost, s.Path
	}
	if repository := azureSSH(s); repository != "" {
		return AzureHost, repository
	}
	// Bitbucket Data Center is the only one whose paths differ. 7999 is the port that
	// it uses if nobody chooses another.
	dataCenter := f == Bitbucket && Of(s.Host) != f || f == Other && s.Port == "7999"
	if dataCenter && strings.Count(s.Path, "/") == 1 {
		return s.Host, "scm/" + s.Path
	}
	return s.Host, s.Path
}

// azureSSH returns the path on dev.azure.com for an SSH URL of Azure DevOps, or "":
//
//	git@ssh.dev.azure.com:v3/ORG/PROJECT/REPO
//	ORG@vs-ssh.visualstudio.com:v3/ORG/PROJECT/REPO
//	ssh://ORG@vs-ssh.visualstudio.com[/DefaultCollection]/PROJECT/_ssh/REPO
//	ssh://ORG@ORG.visualstudio.com:22[/DefaultCollection]/PROJECT/_ssh/REPO
//
// The site escapes names also where Git does not decode the path.
func azureSSH(s SSH) string {
	old := s.Host == "vs-ssh"+azureSuffix
	segments := strings.Split(s.Path, "/")
	for i := range segments {
		if name, err := url.PathUnescape(segments[i]); err == nil && Azure.isName(Fold(name)) {
			segments[i] = name
		}
	}
	if len(segments) == 4 && Fold(segments[0]) == "v3" && (old || s.Host == "ssh."+AzureHost) {
		return strings.Join([]string{segments[1], segments[2], "_git", segments[3]}, "/")
	}
	last := len(segments) - 2
	if last < 0 || Fold(segments[last]) != "_ssh" {
		return ""
	}
	name := organization(s.Host)
	if old {
		name = s.User
	}
	if !isOrganization(Fold(name)) {
		return ""
	}
	segments[last] = "_git"
	if Fold(segments[0]) == "defaultcollection" {
		segments = segments[1:]
	}
	return name + "/" + strings.Join(segments, "/")
}
