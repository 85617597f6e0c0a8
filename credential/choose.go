package credential

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// A Request is what Git wants to log in to, over https.
type Request struct {
	Host     string // as ParseHost returns it
	Path     string // as Git sent it; empty if credential.useHttpPath is off
	Username string // empty if any account will do; PushLogin for a push

	// Fetch is true if the request is known to be a fetch. It is known if Git
	// is configured to send PushLogin for every push.
	Fetch bool
}

// ErrNotOurs is the error for a request that never has a token: the protocol is
// not https, or the host is not ASCII.
var ErrNotOurs = errors.New("tokens are for https, and for hosts in ASCII, only")

// ParseRequest returns the request for some attributes of git-credential(1).
// The error is ErrNotOurs or a *HostError.
func ParseRequest(protocol, host, path, username string) (Request, error) {
	if protocol != "https" {
		return Request{}, ErrNotOurs
	}
	parsed, err := ParseHost(host)
	var bad *HostError
	if errors.As(err, &bad) && bad.Foreign {
		err = ErrNotOurs
	}
	if err != nil {
		return Request{}, err
	}
	return Request{Host: parsed, Path: path, Username: username}, nil
}

// PushLogin is the user name of a push, if Git is configured with
// url.https://git-push@HOST:443/.pushInsteadOf https://HOST/, git-config(1).
// Nothing else in a request distinguishes a push from a fetch.
const PushLogin = "git-push"

// Push reports whether the request is known to be a push.
func (r Request) Push() bool { return r.Username == PushLogin }

// Login returns the user name that the request asks for. It is empty if any
// user name will do.
func (r Request) Login() string {
	if r.Username == AnyLogin || r.Push() {
		return ""
	}
	return r.Username
}

// owner returns the owner of the requested repository. A whole-host token is
// set aside for each owner separately. All gists count as one owner.
func (r Request) owner() string {
	if r.Host == GistHost {
		return GistHost
	}
	return owner(fold(strings.Trim(r.Path, "/")))
}

// TokenForName reports whether the user name of the request is a token, as in
// some URLs.
func (r Request) TokenForName() bool {
	name := NewSecret(r.Username)
	return KindOf(name, GitHubHost).IsGitHub() || IsRefreshToken(name)
}

// Repository returns OWNER or OWNER/REPOSITORY for the path of the request, as
// GitHub reads it. It returns "" if there is no path, and ErrPath if GitHub
// cannot have such a path.
func (r Request) Repository() (string, error) { return repositoryPath(r.Path) }

// A Level says how closely a record fits a request. Higher is closer.
type Level int

const (
	NoLevel         Level = iota
	AliasLevel            // a token for all of github.com, and the request is for a gist
	HostLevel             // a token for the whole host
	OwnerLevel            // a token for the owner
	RepositoryLevel       // a token for the repository
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
	aside := d.Considered[d.Winner].Aside
	return aside != nil && aside.concerns(d.Request.owner())
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
	var looks []Considered
	for _, look := range d.Considered {
		if slices.Contains(verdicts, look.Verdict) {
			looks = append(looks, look)
		}
	}
	return looks
}

// Choose decides which candidate answers a request. now is the current time.
//
//  1. A record fits if its target covers the request and its login equals the
//     login of the request. Every login fits if the request has no user name or
//     has "x-access-token" or "git-push", or if the record has no login. A record
//     for reading does not fit a push.
//  2. The most specific target wins: repository, then owner, then host.
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
	repository, _ := request.Repository()
	pathless := strings.Trim(request.Path, "/") == ""
	for _, c := range candidates {
		look := Considered{Candidate: c}
		look.Level, look.Verdict = fit(c.Record, request, repository, pathless)
		d.Considered = append(d.Considered, look)
	}
	if pathless {
		d.chooseWithoutPath()
	} else {
		d.chooseByLevel()
	}
	return d
}

// fit returns how closely a record fits a request, or why it does not fit. The
// argument repository is the result of Request.Repository.
func fit(r Record, request Request, repository string, pathless bool) (Level, Verdict) {
	level := NoLevel
	switch {
	case r.Host != request.Host:
		if request.Host != GistHost || r.Host != GitHubHost || len(r.Paths) > 0 || !r.Kind.IsGitHub() {
			return NoLevel, OtherHost
		}
		level = AliasLevel
	case len(r.Paths) == 0:
		level = HostLevel
	default:
		for _, path := range r.Paths {
			if pathless || r.covers(path, request, repository) {
				level = max(level, levelOf(path, r.Kind))
			}
		}
	}
	if r.Kind.IsGitHub() && repository == "" && !pathless {
		level = NoLevel // GitHub cannot have the path: not even a whole-host token fits
	}
	switch {
	case level == NoLevel:
		return NoLevel, OtherPath
	case !r.fitsLogin(request.Login()):
		return NoLevel, OtherLogin
	case r.Access == ReadAccess && request.Push() && !pathless:
		return NoLevel, OnlyReads
	}
	return level, ""
}

// covers reports whether one path of the record's target covers a request with a
// path. For records of other forges it compares whole paths, as Git's own
// helpers do, because the meaning of a path is unknown there.
func (r Record) covers(path string, request Request, repository string) bool {
	if !r.Kind.IsGitHub() {
		return path == strings.Trim(request.Path, "/")
	}
	return repository != "" && (path == repository || path == owner(repository))
}

func levelOf(path string, kind Kind) Level {
	if kind.IsGitHub() && !strings.Contains(path, "/") {
		return OwnerLevel
	}
	return RepositoryLevel
}

// AnyLogin is a user name that stands for every account: with a token, GitHub
// ignores the user name. GitHub's documentation uses it.
const AnyLogin = "x-access-token"

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
	for _, look := range d.Considered {
		d.Level = max(d.Level, look.Level)
	}
	var left []int
	for i := range d.Considered {
		look := &d.Considered[i]
		switch {
		case look.Verdict != "":
		case look.Level < d.Level:
			look.Verdict = LessSpecific
		default:
			if look.Verdict = look.fault(d.Request.owner(), d.Decided); look.Verdict == "" {
				left = append(left, i)
			}
		}
	}
	left = d.preferAccess(d.orAgain(left, d.Level))
	if slices.ContainsFunc(left, func(i int) bool { return d.Considered[i].Kind == FineGrained }) {
		left = d.drop(left, LessFine, func(look Considered) bool { return look.Kind == Classic })
	}
	d.settle(left, Ambiguous)
}

// DependsOnAccess reports whether exactly one token would answer if the request
// were known to be a fetch.
func (d Decision) DependsOnAccess() bool {
	var candidates []Candidate
	for _, look := range d.Considered {
		candidates = append(candidates, look.Candidate)
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
	return d.drop(left, verdict, func(look Considered) bool { return look.Access != access })
}

func (d *Decision) chooseWithoutPath() {
	var left []int
	var own, whole int
	ownHost := false // the host itself has a token, usable or not
	for i := range d.Considered {
		look := &d.Considered[i]
		if look.Verdict != "" {
			continue
		}
		ownHost = ownHost || look.Level != AliasLevel
		if look.Verdict = look.fault(d.Request.owner(), d.Decided); look.Verdict == "" {
			left = append(left, i)
		}
	}
	left = d.orAgain(left, NoLevel)
	for _, i := range left {
		switch d.Considered[i].Level {
		case HostLevel:
			whole++
			own++
		case OwnerLevel, RepositoryLevel:
			own++
		}
	}
	if ownHost {
		left = d.drop(left, LessSpecific, func(look Considered) bool { return look.Level == AliasLevel })
	}
	if own > 1 && whole == 1 {
		left = d.drop(left, NeedsPath, func(look Considered) bool { return look.Level != HostLevel })
	}
	severally := Ambiguous
	for _, i := range left {
		if !d.Considered[i].Target.Equal(d.Considered[left[0]].Target) {
			severally = Unspecified
		}
	}
	d.settle(left, severally)
}

// orAgain returns left unless it is empty. Then it returns the candidates of at
// least the given level that are set aside and may be tried once more.
func (d *Decision) orAgain(left []int, level Level) []int {
	if len(left) > 0 {
		return left
	}
	for i := range d.Considered {
		if look := &d.Considered[i]; look.Verdict == SetAside && look.Level >= level && look.due(d.Decided) {
			look.Verdict = ""
			left = append(left, i)
		}
	}
	return left
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
