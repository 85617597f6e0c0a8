package credential

import (
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// Target returns the target of the request for use in messages: the repository
// or owner, or the host if the path is empty or the forge cannot have it.
func (r Request) Target() Target {
	host, _ := r.Place()
	repository, _ := r.Repository()
	return newTarget(host, repository)
}

// Owner returns the owner of the requested repository, as Target does. On an unknown
// host, scm/PROJECT/REPO is a repository of Bitbucket Data Center.
func (r Request) Owner() string {
	target := r.Target()
	path, on := strings.Join(target.Paths, ""), forge.Of(target.Host)
	if on == forge.Other && strings.HasPrefix(path, "scm/") && strings.Count(path, "/") == 2 {
		on = forge.Bitbucket
	}
	return on.Owner(target.Host, path)
}

// Reason returns one line that says why no token answers the request, or "" if
// one answers. Text from other programs is quoted.
func (d Decision) Reason() string {
	switch d.Outcome {
	case NoToken:
		if readers := d.With(OnlyReads); len(readers) > 0 {
			return fmt.Sprintf("no token can push to %s: the token %s is for reading", d.Request.Target(), Quote(readers[0].Name))
		}
		logins := d.With(OtherLogin)
		if d.Request.Login() != "" && len(logins) > 0 {
			name := Quote(d.Request.Username)
			if d.Request.TokenForName() {
				name = masked
			}
			return fmt.Sprintf("no token for %s belongs to %s; one belongs to %s", d.Request.Target(), name, Quote(logins[0].Username))
		}
		none := "no token for " + d.Request.Target().String()
		switch near := d.With(OtherPath); len(near) {
		case 0:
			return none
		case 1:
			return none + "; the token " + Quote(near[0].Name) + " is for " + near[0].Target.String()
		}
		return none + "; the tokens of " + Quote(d.Request.Owner()) + " are for other repositories"
	case Unusable:
		return d.Unusable().unusable(d.Decided)
	case Ambiguous:
		var names []string
		for _, rival := range d.With(Rival) {
			names = append(names, Quote(rival.Name))
		}
		last := len(names) - 1
		return fmt.Sprintf("%d tokens match %s equally well: %s and %s", len(names), d.Request.Target(), strings.Join(names[:last], ", "), names[last])
	case Unspecified:
		return "there are several tokens for " + d.Request.Host + ", and the request does not name a repository"
	}
	return ""
}

// Unusable returns the token to name if the outcome is Unusable: one with the login
// of the request if there is one.
func (d Decision) Unusable() Considered {
	all := d.With(Expired, SetAside, Missing, Unreadable)
	for _, c := range all {
		if login := d.Request.Login(); login != "" && EqualFold(c.Username, login) {
			return c
		}
	}
	return all[0]
}

// unusable says why a token that fits cannot be used.
func (c Considered) unusable(now time.Time) string {
	token := "the token " + c.Title()
	switch c.Verdict {
	case Expired:
		return token + " expired " + ago(c.Expires, now)
	case SetAside:
		reason := Quote(c.Aside.Reason)
		return fmt.Sprintf("%s is set aside: %s %s", token, reason[1:len(reason)-1], ago(c.Aside.Time, now))
	case Missing:
		if variable, ok := strings.CutPrefix(c.Store, "env:"); ok {
			return "the variable " + variable + " with " + token + " is not set"
		}
		if c.MayBeLocked() {
			return "the store " + Quote(c.Store) + " did not return " + token
		}
		return token + " is missing from the store " + Quote(c.Store)
	}
	return fmt.Sprintf("cannot read %s: %v", token, c.Damaged)
}

func ago(t, now time.Time) string {
	if t.IsZero() {
		return "some time ago"
	}
	return InDays(t, now)
}
