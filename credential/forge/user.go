package forge

import "slices"

// AnyUser is a user name for tokens that work with every user name. GitHub's
// documentation uses it, and the other forges accept it too.
const AnyUser = "x-access-token"

// UserName returns the user name that a forge expects with tokens of this kind if
// none is recorded.
//
// Bitbucket Cloud: "Using API tokens" and "Using access tokens"; the account's own
// name works too with an API token. GitLab: "GitLab CI/CD job token".
func (k Kind) UserName() string {
	switch k {
	case BitbucketAPI:
		return "x-bitbucket-api-token-auth"
	case BitbucketAccess, BitbucketHTTP:
		return "x-token-auth"
	case GitLabJob:
		return "gitlab-ci-token"
	}
	return AnyUser
}

// NeedsUserName reports whether tokens of this kind work only with a user name that
// a person must record.
func (k Kind) NeedsUserName() bool { return k == GitLabDeploy || k == Password }

// IsPlaceholder reports whether people and forges write a user name in URLs in place
// of an account's, because the token tells the account.
func IsPlaceholder(user string) bool {
	return slices.Contains([]string{
		"", AnyUser, "git", "oauth2", "x-oauth-basic", "x-token-auth", "x-bitbucket-api-token-auth", "gitlab-ci-token",
	}, user)
}

// CarriesUser reports whether clone URLs of the forge have a user name that need not
// be the account's: Azure DevOps writes the organization, Bitbucket the user who
// copied the URL.
func (f Forge) CarriesUser() bool { return f == Azure || f == Bitbucket }
