package credential

import (
	"fmt"
	"strings"
	"time"
)

// Target returns what the request is for, to be shown to people: the repository
// or owner, or the host if the path is empty or GitHub cannot have it.
func (r Request) Target() Target {
	repository, _ := r.Repository()
	return newTarget(r.Host, repository)
}

// Reason returns one line that says why no token answers the request, or "" if
// one answers. Text from other programs is quoted. Dates are in the time zone
// of Decided.
func (d Decision) Reason() string {
	switch d.Outcome {
	case NoToken:
		if readers := d.With(OnlyReads); len(readers) > 0 {
			return fmt.Sprintf("no token for pushing to %s, but one for reading, %s", d.Request.Target(), Quote(readers[0].Name))
		}
		logins := d.With(OtherLogin)
		if d.Request.Login() != "" && len(logins) > 0 {
			name := Quote(d.Request.Username)
			if d.Request.TokenForName() {
				name = masked
			}
			return fmt.Sprintf("no token of %s for %s, but one of %s", name, d.Request.Target(), Quote(logins[0].Username))
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
		return fmt.Sprintf("%d tokens fit %s equally: %s and %s", len(names), d.Request.Target(), strings.Join(names[:last], ", "), names[last])
	case Unspecified:
		return "several tokens are for " + d.Request.Host + ", and the request names no repository"
	}
	return ""
}

// unusable says why a token that fits cannot be used.
func (l Considered) unusable(now time.Time) string {
	token := "the token " + l.Title()
	switch l.Verdict {
	case Expired:
		return token + " expired " + ago(l.Expires, now)
	case SetAside:
		reason := Quote(l.Aside.Reason)
		return fmt.Sprintf("%s was %s %s and is set aside", token, reason[1:len(reason)-1], ago(l.Aside.Time, now))
	case Missing:
		return token + " is no longer in its store, " + Quote(l.Store)
	}
	return fmt.Sprintf("%s cannot be read: %v", token, l.Damaged)
}

// ago returns how long ago t was, with the date.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return "some time ago"
	}
	date := t.In(now.Location()).Format(time.DateOnly)
	switch days := int(now.Sub(t) / (24 * time.Hour)); {
	case days < 1:
		return "today"
	case days == 1:
		return "a day ago, on " + date
	default:
		return fmt.Sprintf("%d days ago, on %s", days, date)
	}
}
