package github

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Form is what GitHub's page for a new token is filled in with.
//
// The parameters of the fine-grained page are those of GitHub's documentation,
// "Managing your personal access tokens", section "Pre-filling fine-grained
// personal access token details using URL parameters" (github.com since August
// 2025; not documented for GitHub Enterprise Server). Those of the classic
// page are not documented; GitHub's changelog and other programs have them.
type Form struct {
	Target credential.Target
	Kind   credential.Kind // FineGrained, or Classic

	// Name is what the token is to be called at GitHub.
	Name string

	// Days is how long it is to work, 1 to 366; 0 leaves that to the page.
	Days int

	ReadOnly  bool // fetch, but not push
	Workflows bool // also push files of .github/workflows
}

// Limits of the page, in characters and days.
const (
	MaxTokenName   = 40
	maxDescription = 1024
	MaxDays        = 366
)

// URL returns the address of the page. Repositories cannot be chosen by it: a
// person has to tick them.
func (f Form) URL() string {
	page := url.URL{Scheme: "https", Host: webHost(f.Target.Host)}
	values := url.Values{}
	if f.Kind == credential.Classic {
		page.Path = "/settings/tokens/new"
		scopes := []string{"repo"}
		if f.Workflows {
			scopes = append(scopes, "workflow")
		}
		if f.Target.Host == credential.GistHost {
			scopes = []string{"gist"}
		}
		values.Set("description", f.Name)
		values.Set("scopes", strings.Join(scopes, ","))
	} else {
		page.Path = "/settings/personal-access-tokens/new"
		values.Set("name", cut(f.Name, MaxTokenName))
		values.Set("description", cut("For Git over https, "+f.Target.String(), maxDescription))
		if owner := f.Target.Owner(); owner != "" {
			values.Set("target_name", owner)
		}
		if f.Days > 0 {
			values.Set("expires_in", strconv.Itoa(f.Days))
		}
		level := "write"
		if f.ReadOnly {
			level = "read"
		}
		values.Set("contents", level)
		if f.Workflows {
			values.Set("workflows", "write")
		}
	}
	page.RawQuery = values.Encode()
	return page.String()
}

// cut shortens a text to a number of characters.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// webHost is where the pages of a Git host are.
func webHost(host string) string {
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
		return page(host, "/settings/personal-access-tokens")
	case credential.Classic:
		return page(host, "/settings/tokens")
	case credential.OAuth, credential.AppUser:
		return page(host, "/settings/applications")
	}
	return ""
}

// RequestsPage returns the page where the owners of an organization approve
// fine-grained tokens.
func RequestsPage(host, organization string) string {
	return page(host, "/organizations/"+url.PathEscape(organization)+"/settings/personal-access-token-requests")
}

// SSOPage returns the page where a person logs in to an organization with
// single sign-on.
func SSOPage(host, organization string) string {
	return page(host, "/orgs/"+url.PathEscape(organization)+"/sso")
}

// RepositoryPage returns the page of a repository.
func RepositoryPage(host, repository string) string { return page(host, "/"+repository) }

func page(host, path string) string { return "https://" + webHost(host) + path }

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
