package credential

import (
	"fmt"
	"strings"
	"time"
)

// Target returns the target of the request for use in messages: the repository
// or owner, or the host if the path is empty or the forge cannot have it.
func (r Request) Target() Target {
	host, _ := r.Place()
	repository, _ := r.Repository()
	return newTarget(host, repository)
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
		return "no token for " + d.Request.Target().String()
	case Unusable:
		return d.With(Expired, SetAside, Missing, Unreadable)[0].unusable(d.Decided)
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
		return token + " is missing from the store " + Quote(c.Store)
	}
	return fmt.Sprintf("cannot read %s: %v", token, c.Damaged)
}

func ago(t, now time.Time) string {
	days := int(now.Sub(t) / (24 * time.Hour))
	switch {
	case t.IsZero():
		return "some time ago"
	case days < 1:
		return "today"
	case days == 1:
		return "a day ago"
	}
	return fmt.Sprintf("%d days ago", days)
}
