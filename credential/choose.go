package credential

import (
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// A Level says how closely a record fits a request. Higher is closer: HostLevel
// plus the number of segments in the path of the target.
type Level int

const (
	NoLevel    Level = iota
	AliasLevel       // a token for all of github.com, and the request is for a gist
	HostLevel        // a token for the whole host
)

// A Verdict says why a record answers or does not answer.
type Verdict string

const (
	Chosen       Verdict = "answers"
	OtherHost    Verdict = "other host"
	OtherPath    Verdict = "other path"
	OtherLogin   Verdict = "other login"
	OnlyReads    Verdict = "only for reading" // the request is a push
	LessSpecific Verdict = "less specific"
	LessFine     Verdict = "classic beside fine-grained"
	MayWrite     Verdict = "beside one for reading" // the request is a fetch
	MayNotWrite  Verdict = "beside one for writing" // the request is a push
	Rival        Verdict = "one of several"
	NeedsPath    Verdict = "for some repositories" // the request names no repository

	// The record fits but cannot be used.
	Unreadable Verdict = "unreadable"
	SetAside   Verdict = "set aside"
	Expired    Verdict = "expired"
	Missing    Verdict = "secret missing"
)

// An Outcome is the result of Choose.
type Outcome int

const (
	NoToken     Outcome = iota // no record fits
	Answer                     // one record answers
	Unusable                   // the records that fit best cannot be used
	Ambiguous                  // several records fit equally well
	Unspecified                // several records fit because the request names no repository
)

// A Decision is the result of Choose with the reasons for it.
type Decision struct {
	Request    Request
	Outcome    Outcome
	Level      Level        // of the records that fit best
	Winner     int          // index in Considered of the record that answers, or -1
	Considered []Considered // all candidates, in the order given to Choose
	Decided    time.Time    // the time given to Choose
}

// A Considered is a candidate with its verdict.
type Considered struct {
	Candidate
	Level   Level // how closely the record fits; NoLevel if it does not
	Verdict Verdict
}

// OffersAgain reports whether the token that answers is set aside for this
// request and is tried once more.
func (d Decision) OffersAgain() bool {
	if d.Outcome != Answer {
		return false
	}
	return d.Considered[d.Winner].AsideFor(d.Request)
}

// Withdraw returns the decision for the case that a token which OffersAgain
// reports cannot be tried again: the token stays set aside.
func (d Decision) Withdraw() Decision {
	d.Considered = slices.Clone(d.Considered)
	d.Considered[d.Winner].Verdict = SetAside
	d.Outcome, d.Winner = Unusable, -1
	return d
}

// With returns the candidates that have one of the verdicts, in order.
func (d Decision) With(verdicts ...Verdict) []Considered {
	var found []Considered
	for _, c := range d.Considered {
		if slices.Contains(verdicts, c.Verdict) {
			found = append(found, c)
		}
	}
	return found
}

// Choose decides which candidate answers a request. now is the current time.
//
//  1. A record fits if its target covers the request and its login equals the
//     login of the request. Every login fits if the request has no login, or if the
//     record has none. A user name that stands for every account, or that the forge
//     writes into its URLs, is a login only if a record has it. A record for reading
//     does not fit a push.
//  2. The longest target wins: repository, then group, then owner, then host.
//  3. Among these, usable tokens win over tokens that are expired, set aside or
//     missing. If the request is known to be a push, tokens for writing win; if
//     it is known to be a fetch, tokens for reading win. Then fine-grained
//     tokens win over classic ones.
//  4. If no token is usable, a token that was set aside long enough ago is tried
//     once more. Otherwise nothing answers. A broader token is not used, because
//     it might belong to another account, and nobody would notice.
//  5. If two tokens remain, neither answers.
//
// If the request has no path, the only usable token of the host answers. If
// there are several, the only usable token for the whole host answers.
// Otherwise nothing answers.
func Choose(request Request, candidates []Candidate, now time.Time) Decision {
	d := Decision{Request: request, Winner: -1, Decided: now}
	host, path := request.Place()
	pathless := strings.Trim(path, "/") == ""
	login := request.Login()
	for _, c := range candidates {
		level, verdict := c.covers(host, path)
		d.Considered = append(d.Considered, Considered{c, level, verdict})
		if level != NoLevel && c.Username != "" && EqualFold(c.Username, request.Username) {
			login = request.Username
		}
	}
	for i := range d.Considered {
		switch c := &d.Considered[i]; {
		case c.Level == NoLevel:
		case !c.fitsLogin(login):
			c.Level, c.Verdict = NoLevel, OtherLogin
		case c.Access == ReadAccess && request.Push():
			c.Level, c.Verdict = NoLevel, OnlyReads
		}
	}
	if pathless {
		d.chooseWithoutPath()
	} else {
		d.chooseByLevel()
	}
	return d
}

// covers returns how closely the target of a record fits a host and path, or why it
// does not fit. Without a path, every target of the host fits.
func (r Record) covers(host, path string) (Level, Verdict) {
	other, hasAlias := forge.AliasOf(host)
	alias := hasAlias && r.Host == other && len(r.Paths) == 0 && r.IsToken()
	if r.Host != host && !alias {
		return NoLevel, OtherHost
	}
	repository, err := r.On().Repository(host, path)
	switch {
	case err != nil:
		return NoLevel, OtherPath // not even a token for the whole host fits
	case alias:
		return AliasLevel, ""
	case len(r.Paths) == 0:
		return HostLevel, ""
	}
	level := NoLevel
	for _, target := range r.Paths {
		if repository == "" || forge.Covers(target, repository) {
			level = max(level, HostLevel+1+Level(strings.Count(target, "/")))
		}
	}
	if level == NoLevel {
		return NoLevel, OtherPath
	}
	return level, ""
}

func (r Record) fitsLogin(asked string) bool {
	switch {
	case asked == "":
		return true
	case r.Username == "":
		// A credential that Git stored without a user name fits only such
		// requests.
		return r.Form == ""
	}
	return EqualFold(r.Username, asked)
}

func (d *Decision) chooseByLevel() {
	for _, c := range d.Considered {
		d.Level = max(d.Level, c.Level)
	}
	left := d.preferAccess(d.usable(d.Level))
	if slices.ContainsFunc(left, func(i int) bool { return d.Considered[i].Kind == FineGrained }) {
		left = d.drop(left, LessFine, func(c Considered) bool { return c.Kind == Classic })
	}
	d.settle(left, Ambiguous)
}

// usable returns the indexes of the candidates that fit, have at least the given
// level and can be used. If there are none, it returns those that are set aside
// and may be tried once more. The other candidates get a verdict.
func (d *Decision) usable(level Level) []int {
	var left []int
	for i := range d.Considered {
		switch c := &d.Considered[i]; {
		case c.Verdict != "":
		case c.Level < level:
			c.Verdict = LessSpecific
		default:
			if c.Verdict = c.fault(d.Request, d.Decided); c.Verdict == "" {
				left = append(left, i)
			}
		}
	}
	if len(left) > 0 {
		return left
	}
	for i := range d.Considered {
		if c := &d.Considered[i]; c.Verdict == SetAside && c.due(d.Decided) {
			c.Verdict = ""
			left = append(left, i)
		}
	}
	return left
}

// DependsOnAccess reports whether exactly one token would answer if the request
// were known to be a fetch.
func (d Decision) DependsOnAccess() bool {
	var candidates []Candidate
	for _, c := range d.Considered {
		candidates = append(candidates, c.Candidate)
	}
	fetch := d.Request
	fetch.Fetch = true
	return d.Outcome == Ambiguous && Choose(fetch, candidates, d.Decided).Outcome == Answer
}

// preferAccess keeps only the candidates for writing if the request is known to
// be a push, and only those for reading if it is known to be a fetch. If there
// are none, it keeps all.
func (d *Decision) preferAccess(left []int) []int {
	var access Access
	var verdict Verdict
	switch {
	case d.Request.Push():
		access, verdict = WriteAccess, MayNotWrite
	case d.Request.Fetch:
		access, verdict = ReadAccess, MayWrite
	default:
		return left
	}
	if !slices.ContainsFunc(left, func(i int) bool { return d.Considered[i].Access == access }) {
		return left
	}
	return d.drop(left, verdict, func(c Considered) bool { return c.Access != access })
}

func (d *Decision) chooseWithoutPath() {
	left := d.usable(NoLevel)
	if slices.ContainsFunc(d.Considered, func(c Considered) bool { return c.Level > AliasLevel }) {
		// The host itself has a token, usable or not.
		left = d.drop(left, LessSpecific, func(c Considered) bool { return c.Level == AliasLevel })
	}
	whole := 0
	for _, i := range left {
		if d.Considered[i].Level == HostLevel {
			whole++
		}
	}
	if whole == 1 {
		left = d.drop(left, NeedsPath, func(c Considered) bool { return c.Level != HostLevel })
	}
	severally := Ambiguous
	for _, i := range left {
		if !d.Considered[i].Target.Equal(d.Considered[left[0]].Target) {
			severally = Unspecified
		}
	}
	d.settle(left, severally)
}

// drop removes the candidates that match from a list of indexes and gives them
// the verdict.
func (d *Decision) drop(list []int, verdict Verdict, match func(Considered) bool) []int {
	return slices.DeleteFunc(list, func(i int) bool {
		if match(d.Considered[i]) {
			d.Considered[i].Verdict = verdict
			return true
		}
		return false
	})
}

// settle decides between the remaining candidates. severally is the outcome if
// there are several.
func (d *Decision) settle(left []int, severally Outcome) {
	switch {
	case len(left) == 1:
		d.Winner, d.Outcome = left[0], Answer
		d.Considered[d.Winner].Verdict = Chosen
		d.Level = d.Considered[d.Winner].Level
	case len(left) > 1:
		d.Outcome = severally
		for _, i := range left {
			d.Considered[i].Verdict = Rival
		}
	case len(d.With(Unreadable, SetAside, Expired, Missing)) > 0:
		d.Outcome = Unusable
	}
}
