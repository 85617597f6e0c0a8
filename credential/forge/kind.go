package forge

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A Kind is the type of a token. It also tells the forge.
type Kind string

const (
	FineGrained     Kind = "fine-grained"     // GitHub, for one resource owner
	Classic         Kind = "classic"          // GitHub
	OAuth           Kind = "oauth"            // GitHub, for an OAuth app, such as gh
	AppUser         Kind = "app-user"         // GitHub, for a GitHub App that acts for a user
	AppInstallation Kind = "app-installation" // GitHub, for an App; also the GITHUB_TOKEN of a workflow

	GitLabToken  Kind = "gitlab"        // personal, project and group access tokens
	GitLabDeploy Kind = "gitlab-deploy" // works only with its own user name
	GitLabJob    Kind = "gitlab-job"    // the CI_JOB_TOKEN of a pipeline

	AzureToken Kind = "azure" // personal access token, for one organization

	BitbucketAPI    Kind = "bitbucket-api"    // Cloud, for an account
	BitbucketAccess Kind = "bitbucket-access" // Cloud, for a repository, project or workspace
	BitbucketHTTP   Kind = "bitbucket-http"   // Data Center

	GiteaToken Kind = "gitea"

	Password Kind = "other" // a password, or a token in an unknown format
)

// A format is how the tokens of a kind begin, and a pattern for all that follows.
// The pattern is for recognizing tokens in a text: formats change, so KindOf looks
// only at the prefix.
type format struct {
	prefix string
	kind   Kind
	body   string
}

// GitHub: "About authentication to GitHub", section "GitHub's token formats".
// GitLab: "GitLab token overview", section "Token prefixes"; instances may choose
// other prefixes for some. Atlassian and Azure DevOps: observed in secret scanners.
func formats() []format {
	return []format{
		{"github_pat_", FineGrained, `[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b`},
		{"ghp_", Classic, `[A-Za-z0-9]{36,}\b`},
		{"gho_", OAuth, `[A-Za-z0-9]{36,}\b`},
		{"ghu_", AppUser, `[A-Za-z0-9]{36,}\b`},
		{"ghs_", AppInstallation, `[\w.-]{36,}`},
		{"glpat-", GitLabToken, `(?:[\w-]{27,300}\.[0-9a-z.]{9,10}|[\w-]{20})\b`},
		{"gldt-", GitLabDeploy, `(?:[\w-]{27,300}\.[0-9a-z.]{9,10}|[\w-]{20})\b`},
		{"glcbt-", GitLabJob, `[\w.-]{20,}`},
		{"ATATT", BitbucketAPI, `[\w=-]{40,}`},
		{"ATCTT", BitbucketAccess, `[\w=-]{40,}`},
		{"BBDC-", BitbucketHTTP, `[A-Za-z0-9+/]{40,}`},
	}
}

// refreshPrefix begins the refresh token of a GitHub App. Git cannot log in with
// one, so it has no kind.
const refreshPrefix = "ghr_"

// IsRefreshToken reports whether a secret is the refresh token of a GitHub App.
func IsRefreshToken(secret string) bool { return strings.HasPrefix(secret, refreshPrefix) }

// UsualKind returns the usual kind of a token on a host of a forge, which is for all
// of the host or for a part of it.
func (f Forge) UsualKind(host string, all bool) Kind {
	switch {
	case f == GitLab:
		return GitLabToken
	case f == Azure:
		return AzureToken
	case f == Gitea:
		return GiteaToken
	case f == Bitbucket && host == BitbucketHost:
		return BitbucketAPI
	case f == Bitbucket:
		return BitbucketHTTP
	case all:
		return Classic
	}
	return FineGrained
}

// KindOf returns the kind of a secret. It looks only at the prefix, because forges
// have changed the rest before. Formats without a prefix count only if the forge is
// known, because other servers may use them too.
func KindOf(secret string, f Forge) Kind {
	for _, format := range formats() {
		if strings.HasPrefix(secret, format.prefix) {
			return format.kind
		}
	}
	hex := len(secret) == 40 && strings.Trim(secret, "0123456789abcdef") == ""
	switch {
	case isAzureToken(secret):
		return AzureToken
	case f == Azure && len(secret) == 52 && strings.Trim(secret, "abcdefghijklmnopqrstuvwxyz234567") == "": // before 2024
		return AzureToken
	case f == GitHub && hex: // before April 2021
		return Classic
	case f == Gitea && hex:
		return GiteaToken
	}
	return Password
}

// isAzureToken reports whether a secret is in the newer format of Azure DevOps: 84
// letters and digits with AZDO near the end.
func isAzureToken(s string) bool {
	return len(s) == 84 && strings.Trim(Fold(s), alphanumeric) == "" && strings.Contains(s[75:81], "AZDO")
}

// Forge returns the forge that issues tokens of this kind, or Other if the kind
// does not tell it.
func (k Kind) Forge() Forge {
	switch k {
	case FineGrained, Classic, OAuth, AppUser, AppInstallation:
		return GitHub
	case GitLabToken, GitLabDeploy, GitLabJob:
		return GitLab
	case AzureToken:
		return Azure
	case BitbucketAPI, BitbucketAccess, BitbucketHTTP:
		return Bitbucket
	case GiteaToken:
		return Gitea
	}
	return Other
}

// IsGitHub reports whether GitHub issues tokens of this kind.
func (k Kind) IsGitHub() bool { return k.Forge() == GitHub }

// IsToken reports whether a forge issues tokens of this kind. For an unknown kind,
// as of a damaged record, it is true, so that it is not treated like a password.
func (k Kind) IsToken() bool { return k != Password }

// IsPersonal reports whether the kind is a token that a person creates for
// themselves and types where Git asks for a password.
func (k Kind) IsPersonal() bool {
	return slices.Contains([]Kind{FineGrained, Classic, GitLabToken, AzureToken, BitbucketAPI, BitbucketHTTP, GiteaToken}, k)
}

// Known reports whether the kind is one of the constants above.
func (k Kind) Known() bool { return k == Password || k.Forge() != Other }

func (k Kind) String() string { return string(k) }

// Mask replaces every complete token in a text by its prefix and ***. A name may
// begin like a token, so an incomplete one is not replaced.
func Mask(s string) string {
	return patterns().ReplaceAllStringFunc(s, func(token string) string {
		for _, f := range masked() {
			if strings.HasPrefix(token, f.prefix) {
				return f.prefix + "***"
			}
		}
		return "***"
	})
}

func masked() []format {
	return append(formats(), format{refreshPrefix, "", `[A-Za-z0-9]{36,}\b`})
}

// patterns matches tokens. It is compiled when it is first used, because the helper
// seldom writes a message.
var patterns = sync.OnceValue(func() *regexp.Regexp {
	all := []string{`[A-Za-z0-9]{75,76}AZDO[A-Za-z0-9]{4,5}\b`}
	for _, f := range masked() {
		all = append(all, f.prefix+f.body)
	}
	return regexp.MustCompile(`\b(?:` + strings.Join(all, "|") + `)`)
})
