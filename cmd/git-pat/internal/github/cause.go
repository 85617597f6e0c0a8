package github

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Reason is why a server would not do what was asked of it.
type Reason string

const (
	BadToken          Reason = "bad token"           // wrong, expired, deleted or revoked
	NotSelected       Reason = "not selected"        // a fine-grained token without this repository
	NoPush            Reason = "no push"             // may fetch, but not push
	NoWorkflows       Reason = "no workflows"        // may not push files of workflows
	SingleSignOn      Reason = "single sign-on"      // to be authorised for an organization
	ClassicForbidden  Reason = "classic forbidden"   // by an organization or enterprise
	LifetimeTooLong   Reason = "lifetime too long"   // by policy
	AddressNotAllowed Reason = "address not allowed" // by an IP allow list
	AppRestricted     Reason = "app restricted"      // an organization wants OAuth apps approved
	NotVisible        Reason = "not visible"         // not there, or not for this token
	RateLimited       Reason = "rate limited"
	NoPermission      Reason = "no permission"
	SecretInPush      Reason = "secret in push" // push protection
	NoCredential      Reason = "no credential"  // none was sent
	Unknown           Reason = "unknown"
)

// A Cause is a reason in words, with what to do.
type Cause struct {
	Reason Reason
	What   string   // a sentence without capital or full stop
	Do     []string // what helps, the likeliest first, each a sentence or a URL
}

// What a refusal was about, as far as known.
type About struct {
	Host       string
	Repository string // owner/name, or nothing
	Kind       credential.Kind
	Name       string // of the token, as git pat calls it
	Scope      string // of the token, as the commands take it
	SSO        string // the page the server named
	Push       bool
}

func (a About) owner() string {
	owner, _, _ := strings.Cut(a.Repository, "/")
	if owner == "" {
		return "the owner"
	}
	return owner
}

func (a About) repository() string {
	if a.Repository == "" {
		return "the repository"
	}
	return a.Repository
}

// rotate is the command that puts another token in the place of this one.
func (a About) rotate() string {
	scope := a.Scope
	if scope == "" {
		scope = "SCOPE"
	}
	return "git pat rotate " + scope
}

// sign is a stable piece of a text of GitHub's. The texts are not documented:
// these were seen by many and are matched in lower case. The first that fits
// counts, so that the special ones come before the general.
type sign struct {
	text   string
	status int // 0: any
	reason Reason
}

var signs = []sign{
	{"forbids access via a fine-grained personal access token", 0, LifetimeTooLong},
	{"token's lifetime is greater than", 0, LifetimeTooLong},
	{"forbids access via a personal access token (classic)", 0, ClassicForbidden},
	{"saml enforcement", 0, SingleSignOn},
	{"enabled or enforced saml sso", 0, SingleSignOn},
	{"ip allow list enabled", 0, AddressNotAllowed},
	{"oauth app access restrictions", 0, AppRestricted},
	{"refusing to allow a personal access token to create or update workflow", 0, NoWorkflows},
	{"refusing to allow an oauth app to create or update workflow", 0, NoWorkflows},
	{"refusing to allow a github app to create or update workflow", 0, NoWorkflows},
	{"push cannot contain secrets", 0, SecretInPush},
	{"github push protection", 0, SecretInPush},
	{"write access to repository not granted", 0, NotSelected},
	{"permission to write to gist denied", 0, NoPush},
	{"permission to ", 0, NoPush}, // Permission to OWNER/REPO.git denied to USER.
	{"you must have push access to verify locks", 0, NoPush},
	{"resource not accessible by", 0, NoPermission},
	{"invalid username or token", 0, BadToken},
	{"invalid username or password", 0, BadToken},
	{"support for password authentication was removed", 0, BadToken},
	{"bad credentials", 0, BadToken},
	{"authentication failed for", 0, BadToken},
	{"api rate limit exceeded", 0, RateLimited},
	{"secondary rate limit", 0, RateLimited},
	{"rate limited by", 0, RateLimited},
	{"returned error: 429", 0, RateLimited},
	{"repository not found", 0, NotVisible},
	{"not found", http.StatusNotFound, NotVisible},
	{"could not read username for", 0, NoCredential},
}

// denied is the one text of which a piece in the middle changes.
var denied = regexp.MustCompile(`(?i)permission to \S+ denied to`)

// Read finds the reason in what a server or Git said; status is that of HTTP,
// or 0 where it is not known.
func Read(status int, text string) Reason {
	lower := strings.ToLower(text)
	for _, s := range signs {
		if !strings.Contains(lower, s.text) || s.status != 0 && s.status != status {
			continue
		}
		if s.text == "permission to " && !denied.MatchString(text) {
			continue
		}
		return s.reason
	}
	switch status {
	case http.StatusUnauthorized:
		return BadToken
	case http.StatusNotFound:
		return NotVisible
	case http.StatusTooManyRequests:
		return RateLimited
	}
	return Unknown
}

// named finds an organization that a text names between quotes.
var named = regexp.MustCompile("(?:The '|the `|^`)([A-Za-z0-9-]+)['`]|the ([A-Za-z0-9-]+) organization has enabled OAuth")

// page finds a page of GitHub's in a text.
var pageOfToken = regexp.MustCompile(`https://[A-Za-z0-9.-]+/(?:settings/personal-access-tokens|settings/tokens|orgs)/[A-Za-z0-9/-]+`)

// Explain puts a refusal into words. What the server said is not in them.
func Explain(status int, text string, a About) Cause {
	c := Cause{Reason: Read(status, text)}
	organization := a.owner()
	if m := named.FindStringSubmatch(text); m != nil {
		organization = m[1] + m[2]
	}
	tokens := TokensPage(a.Host, a.Kind)
	do := func(steps ...string) {
		for _, step := range steps {
			if step != "" {
				c.Do = append(c.Do, step)
			}
		}
	}
	switch c.Reason {
	case BadToken:
		c.What = "the token is wrong, expired, deleted or revoked"
		do("put a new one in its place: " + a.rotate())
	case NotSelected:
		c.What = fmt.Sprintf("the token does not have %s: it is not selected, or waits for approval by an owner of %s, or lacks the permission contents", a.repository(), a.owner())
		do("select it, at "+page(a.Host, "/settings/personal-access-tokens"),
			"an owner of the organization approves at "+RequestsPage(a.Host, a.owner()))
	case NoPush:
		c.What = fmt.Sprintf("the token may fetch from %s, but not push to it", a.repository())
		if a.Kind == credential.FineGrained {
			do("give it the permission contents: write, at " + tokens)
		} else {
			do("it needs the scope repo, and its user the right to push", orPage("see it at ", tokens))
		}
	case NoWorkflows:
		c.What = "the token may not push files of .github/workflows"
		if a.Kind == credential.FineGrained {
			do("give it the permission workflows: write, at " + tokens)
		} else {
			do("give it the scope workflow", orPage("at ", tokens))
		}
	case SingleSignOn:
		c.What = fmt.Sprintf("%s wants single sign-on, and the token is not authorised for it", organization)
		if a.SSO != "" {
			do("open " + a.SSO)
		} else if a.Kind == credential.Classic {
			do("choose Configure SSO beside the token, at "+tokens, "or log in at "+SSOPage(a.Host, organization))
		} else {
			do("log in at "+SSOPage(a.Host, organization)+" and put a new token in its place", a.rotate())
		}
	case ClassicForbidden:
		c.What = fmt.Sprintf("%s takes no classic tokens", organization)
		do("add a fine-grained one: git pat add " + organization)
	case LifetimeTooLong:
		c.What = fmt.Sprintf("%s takes no tokens that live as long as this one", organization)
		if p := pageOfToken.FindString(text); strings.HasPrefix(p, page(a.Host, "/settings/")) {
			do("give it a shorter life, at " + p)
		} else {
			do(orPage("give it a shorter life, at ", tokens))
		}
		do("or put a new one in its place: " + a.rotate() + " --expires-in 90d")
	case AddressNotAllowed:
		c.What = fmt.Sprintf("%s lets in only addresses of its list, and yours is not on it", organization)
		do("use the organization's network or VPN, or ask an owner to add your address")
	case AppRestricted:
		c.What = fmt.Sprintf("%s has not approved the app that this token is of", organization)
		do("ask an owner to approve it, or use a personal token: git pat add " + organization)
	case NotVisible:
		c.What = fmt.Sprintf("%s is not there, or the token does not see it", a.repository())
		do("look whether the name is right: https://" + webHost(a.Host) + "/" + a.Repository)
		if a.Name == "" {
			do("see which token answers: git pat explain https://" + a.Host + "/" + a.Repository)
		}
		if a.Kind == credential.FineGrained {
			do("select it for the token, at " + tokens)
		}
	case RateLimited:
		c.What = "the server takes no more calls for a while; the token may be good"
		do("wait and try again")
	case NoPermission:
		c.What = "the token lacks a permission for this"
		if tokens != "" {
			do("give it the permission, at " + tokens)
		} else {
			do("have it given the permission, by whoever manages the token or its app")
		}
	case SecretInPush:
		c.What = "the push holds a secret, which GitHub does not take; the token is good"
		do("take the secret out of the commits, and have it revoked where it is from")
	case NoCredential:
		c.What = "Git had no credential to send"
		do("add a token: git pat add "+a.owner(), "or have Git ask for those there are: git pat setup")
	case Unknown:
		c.What = "this answer is not known"
	}
	return c
}

// orPage is a step that needs a page, if there is one.
func orPage(text, page string) string {
	if page == "" {
		return ""
	}
	return text + page
}

// What Git prints of a request, in its messages of git-remote-https.
var (
	urlInGit      = regexp.MustCompile(`https://[!#-&(-~]+`) // no quotes, no control bytes
	statusInGit   = regexp.MustCompile(`returned error: (\d{3})`)
	notFoundInGit = regexp.MustCompile(`repository '[^']*' not found`)
)

// ReadGit finds in what Git printed which repository it was about and the
// status of HTTP, 0 if that is not there.
func ReadGit(text string) (About, int) {
	var a About
	status := 0
	var own strings.Builder // without what the server said, which names pages
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "remote:") {
			own.WriteString(line)
		}
	}
	for _, found := range urlInGit.FindAllString(own.String(), -1) {
		remote, err := credential.ParseRemote(strings.TrimRight(found, ".,:;/"))
		if err != nil {
			continue
		}
		repository, err := credential.Request{Host: remote.Host, Path: remote.Path}.Repository()
		if err != nil || strings.Count(repository, "/") != 1 || strings.HasPrefix(repository, "orgs/") || strings.HasPrefix(repository, "settings/") {
			continue
		}
		a.Host, a.Repository = remote.Host, repository
		break
	}
	if a.Host == "" {
		a.Host = credential.GitHubHost
	}
	if m := statusInGit.FindStringSubmatch(text); m != nil {
		status, _ = strconv.Atoi(m[1])
	} else if notFoundInGit.MatchString(text) {
		status = http.StatusNotFound
	}
	a.SSO = ssoInText(a.Host, text)
	return a, status
}

// ssoInText finds the page in a text on which a token is to be authorised, or
// nothing. A page of any other host is none.
func ssoInText(host, text string) string {
	for _, found := range urlInGit.FindAllString(text, -1) {
		if strings.HasPrefix(found, page(host, "/orgs/")) && strings.Contains(found, "/sso?") {
			return strings.TrimRight(found, ".")
		}
	}
	return ""
}
