package forge

import (
	"net/url"
	"strconv"
	"strings"
)

// A Form has what the page for a new token is filled in with, as far as the forge
// allows it.
type Form struct {
	Host       string
	Repository string // a result of Forge.Repository; "" for the whole host
	Kind       Kind   // Classic, or any other
	Name       string
	Text       string // a description
	Days       int    // how long the token works; 0 leaves that to the page
	ReadOnly   bool   // fetch, but not push
	Workflows  bool   // also push GitHub's workflow files
}

// Limits of GitHub's page, in characters and days.
const (
	MaxTokenName   = 40
	maxDescription = 1024
	MaxDays        = 366
)

// Page returns the address of the page where people create a token, or "" if it is
// unknown. Filled is true if the page knows the name and the rights of the token
// from its address.
//
// GitHub: "Managing your personal access tokens", section "Pre-filling fine-grained
// personal access token details using URL parameters"; the parameters for classic
// tokens are not documented. GitLab: "Personal access tokens", section "Prefill
// personal access token name and scopes". Forgejo and Gitea have no parameters, nor
// do Azure DevOps and Atlassian.
func (f Forge) Page(form Form) (page string, filled bool) {
	host := form.Host
	if alias, ok := AliasOf(host); ok {
		host = alias
	}
	address := url.URL{Scheme: "https", Host: host}
	values := url.Values{}
	switch {
	case f == GitHub && form.Kind == Classic:
		address.Path = "/settings/tokens/new"
		values.Set("description", form.Name)
		values.Set("scopes", form.classicScopes())
	case f == GitHub:
		address.Path = "/settings/personal-access-tokens/new"
		form.fineGrained(values)
	case f == GitLab:
		address.Path = "/-/user_settings/personal_access_tokens"
		values.Set("name", form.Name)
		values.Set("scopes", "read_repository,write_repository")
		if form.ReadOnly {
			values.Set("scopes", "read_repository")
		}
		if form.Text != "" {
			values.Set("description", form.Text)
		}
	case f == Azure && host == AzureHost && form.Repository != "":
		address.Path = "/" + f.Owner(host, form.Repository) + "/_usersSettings/tokens"
	case f == Bitbucket && host == BitbucketHost:
		address.Host, address.Path = "id.atlassian.com", "/manage-profile/security/api-tokens"
	case f == Bitbucket:
		address.Path = "/plugins/servlet/access-tokens/manage"
	case f == Gitea:
		address.Path = "/user/settings/applications"
	default:
		return "", false
	}
	address.RawQuery = values.Encode()
	return address.String(), len(values) > 0
}

func (form Form) classicScopes() string {
	scopes := []string{"repo"}
	if form.Workflows {
		scopes = append(scopes, "workflow")
	}
	if form.Host == GistHost {
		scopes = []string{"gist"}
	}
	return strings.Join(scopes, ",")
}

// fineGrained sets the parameters of GitHub's page for fine-grained tokens.
// Repositories have no parameter: a person must select them.
func (form Form) fineGrained(values url.Values) {
	values.Set("name", cut(form.Name, MaxTokenName))
	values.Set("description", cut(form.Text, maxDescription))
	if owner := GitHub.Owner(form.Host, form.Repository); owner != "" {
		values.Set("target_name", owner)
	}
	if form.Days > 0 {
		values.Set("expires_in", strconv.Itoa(form.Days))
	}
	values.Set("contents", "write")
	if form.ReadOnly {
		values.Set("contents", "read")
	}
	if form.Workflows {
		values.Set("workflows", "write")
	}
}

// cut shortens a text to a number of characters.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// Scopes returns the scopes or permissions that a token needs. For GitHub, Page fills
// them in, and they are nil.
func (f Forge) Scopes(readOnly bool) []string {
	read, write := "", ""
	switch f {
	case GitLab:
		read, write = "read_repository", "write_repository"
	case Azure:
		read, write = "Code (Read)", "Code (Read & write)"
	case Bitbucket:
		read, write = "read:repository:bitbucket", "write:repository:bitbucket"
	case Gitea:
		read, write = "read:repository", "write:repository"
	default:
		return nil
	}
	if readOnly {
		return []string{read}
	}
	if f == Bitbucket {
		return []string{read, write} // write does not include read
	}
	return []string{write}
}
