package view

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// recordOf is a record as the tests of words need it.
func recordOf(t *testing.T, target, name string, kind credential.Kind) credential.Record {
	t.Helper()
	s, err := credential.ParseTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	return credential.Record{Target: s, Name: name, Kind: kind}
}

var addressInWords = regexp.MustCompile(`https://[!#-&(-~]+`)

// For each kind and whatever is known, a known reason has words and a remedy,
// each on one line, and each page is on the host that was asked.
func TestCauseWords(t *testing.T) {
	reasons := []refusal.Reason{
		refusal.BadToken, refusal.NotSelected, refusal.NoPush, refusal.NoWorkflows, refusal.SingleSignOn, refusal.ClassicForbidden,
		refusal.LifetimeTooLong, refusal.AddressNotAllowed, refusal.AppRestricted, refusal.NotVisible, refusal.RateLimited,
		refusal.NoPermission, refusal.SecretInPush, refusal.NoCredential, refusal.Unknown,
	}
	kinds := []credential.Kind{credential.FineGrained, credential.Classic, credential.OAuth, credential.AppUser, credential.AppInstallation, ""}
	said := map[string]refusal.Reason{}
	for _, reason := range reasons {
		for _, kind := range kinds {
			for _, test := range []struct {
				about        refusal.About
				organization string
				record       credential.Record
			}{
				{refusal.About{Host: "github.com", Repository: "acme/widgets"}, "acme", recordOf(t, "acme", "laptop", kind)},
				{refusal.About{Host: "ghes.example:8443", Repository: "acme/widgets"}, "acme-inc", recordOf(t, "ghes.example:8443/acme", "ci", kind)},
				{refusal.About{Host: "github.com", Repository: "acme"}, "acme", credential.Record{}},
				{refusal.About{Host: "github.com"}, "", credential.Record{}},
			} {
				test.about.Kind = kind
				what, do := Cause(refusal.Cause{About: test.about, Reason: reason, Organization: test.organization}, test.record)
				where := fmt.Sprintf("%s, %s, %s/%s", reason, kind, test.about.Host, test.about.Repository)
				if what == "" || strings.HasSuffix(what, ".") || strings.ContainsAny(what, "\n\r") {
					t.Errorf("%s: got %q", where, what)
				}
				if other, ok := said[what]; ok && other != reason {
					t.Errorf("%s: the words are those of %q", where, other)
				}
				said[what] = reason
				if reason != refusal.Unknown && len(do) == 0 {
					t.Errorf("%s: nothing helps", where)
				}
				for _, step := range do {
					if step == "" || strings.ContainsAny(step, "\n\r") || strings.HasSuffix(step, ", at ") || strings.Contains(step, "%!") {
						t.Errorf("%s: a step is %q", where, step)
					}
					for _, found := range addressInWords.FindAllString(step, -1) {
						if !strings.HasPrefix(found, "https://"+test.about.Host+"/") {
							t.Errorf("%s: a page of another host: %q", where, found)
						}
					}
				}
			}
		}
	}
}

// A command on another host than github.com names it.
func TestCommandsNameTheHost(t *testing.T) {
	for _, test := range []struct {
		reason refusal.Reason
		about  refusal.About
		want   []string
	}{
		{refusal.NoCredential, refusal.About{Host: "github.com", Repository: "acme/widgets"},
			[]string{"add a token: git pat add acme", "or configure Git to use your tokens: git pat setup"}},
		{refusal.NoCredential, refusal.About{Host: "gitea.example:3000", Repository: "acme/widgets"},
			[]string{"add a token: git pat add gitea.example:3000/acme", "or configure Git to use your tokens: git pat setup gitea.example:3000"}},
		{refusal.NoCredential, refusal.About{Host: "gitea.example"},
			[]string{"add a token: git pat add gitea.example/OWNER", "or configure Git to use your tokens: git pat setup gitea.example"}},
		{refusal.ClassicForbidden, refusal.About{Host: "ghes.example", Repository: "acme/widgets"},
			[]string{"add a fine-grained token: git pat add ghes.example/acme"}},
		{refusal.AppRestricted, refusal.About{Host: "ghes.example", Repository: "acme/widgets"},
			[]string{"ask an owner to approve it, or use a personal token: git pat add ghes.example/acme"}},
	} {
		if _, do := Cause(refusal.Cause{About: test.about, Reason: test.reason}, credential.Record{}); !slices.Equal(do, test.want) {
			t.Errorf("%s, %s: got %q, want %q", test.reason, test.about.Host, do, test.want)
		}
	}
}

// The likeliest remedy is the first.
func TestRemedies(t *testing.T) {
	const fine, classic = credential.FineGrained, credential.Classic
	const lifetimePage = "https://github.com/settings/personal-access-tokens/12345"
	const sso = "https://github.com/orgs/acme/sso?authorization_request=ABC"
	for _, test := range []struct {
		reason refusal.Reason
		kind   credential.Kind
		page   string // that the server named
		what   string // a part of it
		do     string // the first
	}{
		{refusal.BadToken, fine, "", "expired", "replace it: git pat rotate acme --name laptop"},
		{refusal.NotSelected, fine, "", "the token does not have acme/widgets: it is not selected, or waits for approval by an owner of acme", "select it, at https://github.com/settings/personal-access-tokens"},
		{refusal.NoPush, fine, "", "may fetch from acme/widgets, but not push", "add the permission contents: write at https://github.com/settings/personal-access-tokens"},
		{refusal.NoPush, classic, "", "may fetch from acme/widgets, but not push", "it needs the scope repo, and its user the right to push"},
		{refusal.NoWorkflows, fine, "", ".github/workflows", "add the permission workflows: write at https://github.com/settings/personal-access-tokens"},
		{refusal.NoWorkflows, classic, "", ".github/workflows", "add the scope workflow"},
		{refusal.SingleSignOn, classic, sso, "acme-inc requires single sign-on", "open " + sso},
		{refusal.SingleSignOn, classic, "", "acme-inc requires single sign-on", "choose Configure SSO beside the token, at https://github.com/settings/tokens"},
		{refusal.ClassicForbidden, classic, "", "acme-inc does not accept classic tokens", "add a fine-grained token: git pat add acme-inc"},
		{refusal.LifetimeTooLong, fine, lifetimePage, "acme-inc does not accept tokens with such a long lifetime", "shorten its lifetime at " + lifetimePage},
		{refusal.LifetimeTooLong, fine, "", "acme-inc does not accept tokens with such a long lifetime", "shorten its lifetime at https://github.com/settings/personal-access-tokens"},
		{refusal.AddressNotAllowed, fine, "", "IP addresses on its list", "use the organization's network or VPN, or ask an owner to add your address"},
		{refusal.AppRestricted, fine, "", "acme-inc has not approved the app", "ask an owner to approve it, or use a personal token: git pat add acme-inc"},
		{refusal.NotVisible, fine, "", "acme/widgets does not exist, or the token has no access to it", "check the name: https://github.com/acme/widgets"},
		{refusal.RateLimited, fine, "", "the token may be good", "wait and try again"},
		{refusal.SecretInPush, fine, "", "the token is valid", "remove the secret from the commits, and revoke it where it was created"},
	} {
		t.Run(fmt.Sprintf("%s, %s", test.reason, test.kind), func(t *testing.T) {
			c := refusal.Cause{
				About:        refusal.About{Host: "github.com", Repository: "acme/widgets", Kind: test.kind},
				Reason:       test.reason,
				Organization: "acme-inc",
			}
			if test.reason == refusal.SingleSignOn {
				c.SSO = test.page
			} else {
				c.TokenPage = test.page
			}
			what, do := Cause(c, recordOf(t, "acme", "laptop", test.kind))
			if !strings.Contains(what, test.what) || len(do) == 0 || do[0] != test.do {
				t.Errorf("got %q and %q, want %q and %q", what, do, test.what, test.do)
			}
		})
	}
}

func TestReportWords(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 30, 0, 0, time.Local)
	cause := func(reason refusal.Reason, err error, retry time.Time) *refusal.Cause {
		return &refusal.Cause{About: refusal.About{Host: "github.com"}, Reason: reason, Err: err, RetryAfter: retry}
	}
	refused := &refusal.Error{Status: 500, Text: "oops"}
	const sso = "https://github.com/orgs/acme/sso?authorization_request=ABC"
	for _, test := range []struct {
		name   string
		report inspect.Report
		kind   credential.Kind
		what   string
		do     []string
	}{
		{"nothing is wrong", inspect.Report{}, credential.FineGrained, "", nil},
		{"no answer", inspect.Report{Cause: cause(refusal.NoAnswer, refusal.ErrUnreachable, time.Time{})}, credential.FineGrained,
			"the server cannot be reached", nil},
		{"an unknown answer", inspect.Report{Cause: cause(refusal.Unknown, refused, time.Time{})}, credential.FineGrained,
			`the server answered 500: "oops"`, nil},
		{"too many calls", inspect.Report{Cause: cause(refusal.RateLimited, refused, at)}, credential.FineGrained,
			"the server accepts no more calls until 09:30:00", nil},
		{"no list", inspect.Report{ListErr: errors.New("oops")}, credential.FineGrained,
			"GitHub did not list its repositories: oops", nil},
		{"none is seen", inspect.Report{NoneSeen: "acme"}, credential.FineGrained,
			"no private repository of acme is seen: the token belongs to another owner, or none is selected, or the token waits for approval by an owner of acme, or there is none",
			[]string{
				"to select repositories: https://github.com/settings/personal-access-tokens",
				"an owner approves it here: https://github.com/organizations/acme/settings/personal-access-token-requests",
			}},
		{"none is seen by a classic token", inspect.Report{NoneSeen: "acme"}, credential.Classic,
			"no private repository of acme is seen: there is none, or the token is not authorized for single sign-on yet",
			[]string{"to authorize it: https://github.com/orgs/acme/sso"}},
		{"single sign-on", inspect.Report{SSO: sso, NoneSeen: "acme"}, credential.Classic,
			"it is not authorized for single sign-on",
			[]string{"open " + sso, "to authorize it: https://github.com/orgs/acme/sso"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			what, do := problemOf(test.report, recordOf(t, "acme", "laptop", test.kind))
			if what != test.what || !slices.Equal(do, test.do) {
				t.Errorf("got %q and %q, want %q and %q", what, do, test.what, test.do)
			}
		})
	}
}
