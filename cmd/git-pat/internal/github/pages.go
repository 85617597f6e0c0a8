package github

import (
	"net/url"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// WebHost is where the pages of a Git host are.
func WebHost(host string) string {
	if host == credential.GistHost {
		return credential.GitHubHost
	}
	return host
}

// TokensPage returns the page where a person sees and deletes the tokens of a
// kind, or nothing if there is none.
func TokensPage(host string, kind credential.Kind) string {
	switch kind {
	case credential.FineGrained:
		return Page(host, "/settings/personal-access-tokens")
	case credential.Classic:
		return Page(host, "/settings/tokens")
	case credential.OAuth, credential.AppUser:
		return Page(host, "/settings/applications")
	}
	return ""
}

// RequestsPage returns the page where the owners of an organization approve
// fine-grained tokens.
func RequestsPage(host, organization string) string {
	return Page(host, "/organizations/"+url.PathEscape(organization)+"/settings/personal-access-token-requests")
}

// SSOPage returns the page where a person logs in to an organization with
// single sign-on.
func SSOPage(host, organization string) string {
	return Page(host, "/orgs/"+url.PathEscape(organization)+"/sso")
}

// RepositoryPage returns the page of a repository.
func RepositoryPage(host, repository string) string { return Page(host, "/"+repository) }

// Page returns a page of a Git host; the path begins with a slash.
func Page(host, path string) string { return "https://" + WebHost(host) + path }

// APIBase returns where the REST API of a Git host is, with a slash at its
// end: "Getting started with the REST API" for github.com and data residency,
// "REST API endpoints" of GitHub Enterprise Server for the others.
func APIBase(host string) string {
	switch {
	case host == credential.GitHubHost || host == credential.GistHost:
		return "https://api.github.com/"
	case strings.HasSuffix(host, ".ghe.com"):
		return "https://api." + host + "/"
	}
	return "https://" + host + "/api/v3/"
}
