package credential

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// A Request is what Git wants to log in for, over https.
type Request struct {
	Host     string // as ParseHost returns it
	Path     string // as Git sent it; empty where credential.useHttpPath is off
	Username string // empty where any will do, PushLogin for a push

	// Fetch is set where the request is known to be no push, since Git is set
	// up to say PushLogin for each of those.
	Fetch bool
}

// ErrNotOurs is the error for a request that no token is ever kept for: over
// another protocol than https, or for a host in letters beyond ASCII.
var ErrNotOurs = errors.New("tokens are for https, and for hosts in ASCII, only")

// ParseRequest reads the attributes of git-credential(1) that say what Git
// wants to log in for. The error is ErrNotOurs or a *HostError.
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

// PushLogin is the user name by which Git says that it wants to push, where it
// is set up to: with url.https://git-push@HOST/.pushInsteadOf https://HOST/
// (git-config(1)). Nothing else in a request tells a push from a fetch.
const PushLogin = "git-push"

// Push reports whether the request is known to be a push.
func (r Request) Push() bool { return r.Username == PushLogin }

// Login returns the user name that the request asks for, or nothing if any
// will do.
func (r Request) Login() string {
	if r.Username == AnyLogin || r.Push() {
		return ""
	}
	return r.Username
}

// owner returns the owner that the request is for, by which refusals are told
// apart. All gists count as one owner.
func (r Request) owner() string {
	if r.Host == GistHost {
		return GistHost
	}
	return owner(fold(strings.Trim(r.Path, "/")))
}

// TokenForName reports whether the request has a token in the place of the user
// name, as some URLs do.
func (r Request) TokenForName() bool {
	name := NewSecret(r.Username)
	return KindOf(name, GitHubHost).IsGitHub() || IsRefreshToken(name)
}

// Repository returns the owner, or the owner and repository, that the request
// is for on GitHub. It is empty without a path, and ErrPath where GitHub has
// no such path.
func (r Request) Repository() (string, error) { return repositoryPath(r.Path) }

// A Level says how closely a record fits a request.
type Level int

const (
	NoLevel         Level = iota
	AliasLevel            // a token for all of github.com, asked for a gist
	HostLevel             // a token for the whole host
	OwnerLevel            // a token for the owner
	RepositoryLevel       // a token for the very repository
)

// A Verdict says why a record does or does not answer.
type Verdict string

const (
	Chosen       Verdict = "answers"
	OtherHost    Verdict = "other host"
	OtherPath    Verdict = "other path"
	OtherLogin   Verdict = "other login"
	OnlyReads    Verdict = "only for reading" // and this is a push
	LessSpecific Verdict = "less specific"
	LessFine     Verdict = "classic beside fine-grained"
	MayWrite     Verdict = "beside one for reading" // and this is a fetch
	MayNotWrite  Verdict = "beside one for writing" // or not known to, and this is a push
	Rival        Verdict = "one of several"
	NeedsPath    Verdict = "for some repositories" // and the request names none

	// Those that fit, but cannot answer.
	Unreadable Verdict = "unreadable"
	SetAside   Verdict = "set aside"
	Expired    Verdict = "expired"
	Missing    Verdict = "secret missing"
)

// An Outcome is what came of a choice.
type Outcome int

const (
	NoToken     Outcome = iota // no record fits
	Answer                     // one record answers
	Unusable                   // those that fit best cannot answer
	Ambiguous                  // several fit equally
	Unspecified                // several fit, since the request names no repository
)

// A Decision is a choice with its reasons.
type Decision struct {
	Request Request
	Outcome Outcome
	Level   Level     // of the records that were in question at the end
	Winner  int       // the index in Looked of the one that answers, or -1
	Looked  []Look    // every candidate, in the order given
	Decided time.Time // the time for which it was decided
}

// A Look is one candidate with its verdict.
type Look struct {
	Candidate
	Level   Level // how closely the scope fits, if it does
	Verdict Verdict
}

// OffersAgain reports whether the token that answers is set aside for this
// request, and is offered once more.
func (d Decision) OffersAgain() bool {
	if d.Outcome != Answer {
		return false
	}
	aside := d.Looked[d.Winner].Aside
	return aside != nil && aside.concerns(d.Request.owner())
}

// Withdraw returns the decision without an offer that cannot be made.
func (d Decision) Withdraw() Decision {
	d.Looked = slices.Clone(d.Looked)
	d.Looked[d.Winner].Verdict = SetAside
	d.Outcome, d.Winner = Unusable, -1
	return d
}

// With returns the candidates with one of some verdicts, in order.
func (d Decision) With(verdicts ...Verdict) []Look {
	var looks []Look
	for _, look := range d.Looked {
		if slices.Contains(verdicts, look.Verdict) {
			looks = append(looks, look)
		}
	}
	return looks
}

// Choose decides which of the candidates answers a request at a time.
//
//  1. A record fits if its scope covers the request and its login is the
//     request's. No user name, "x-access-token", "git-push", and a record
//     without a login fit all. One for reading does not fit a push.
//  2. The most specific scope wins: repository, owner, host.
//  3. Among those a token that can be used wins over one that is expired, set
//     aside or lost. Then one for writing wins if it is known that this is a
//     push, and one for reading if it is known that it is none; and then a
//     fine-grained one over a classic one. Where none can be used, one that was
//     set aside long enough ago is offered once more. Else there is no answer:
//     a broader token would silently make the person somebody else.
//  4. Where two are left there is no answer.
//
// A request without a path is answered by the only token of the host that can
// be used, else by the only such token for the whole host, else not.
func Choose(request Request, candidates []Candidate, now time.Time) Decision {
	d := Decision{Request: request, Winner: -1, Decided: now}
	repository, _ := request.Repository()
	pathless := strings.Trim(request.Path, "/") == ""
	for _, c := range candidates {
		look := Look{Candidate: c}
		look.Level, look.Verdict = fit(c.Record, request, repository, pathless)
		d.Looked = append(d.Looked, look)
	}
	if pathless {
		d.chooseWithoutPath()
	} else {
		d.chooseByLevel()
	}
	return d
}

// fit says how closely a record fits a request, or why it does not. The
// repository is the request's path as GitHub reads it, empty where it cannot.
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
		level = NoLevel // no path of GitHub: not even for the whole host
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

// covers says whether one path of the record's scope covers a request that has
// one too. What a path means outside GitHub is not known, so that it is
// compared as Git's own helpers do.
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

// AnyLogin is the user name that GitHub's manuals give where a token says by
// itself who it belongs to.
const AnyLogin = "x-access-token"

func (r Record) fitsLogin(asked string) bool {
	switch {
	case asked == "":
		return true
	case r.Username == "":
		// What Git had us keep without a user name is for requests without one.
		return r.Form == ""
	}
	return EqualFold(r.Username, asked)
}

func (d *Decision) chooseByLevel() {
	for _, look := range d.Looked {
		d.Level = max(d.Level, look.Level)
	}
	var left []int
	for i := range d.Looked {
		look := &d.Looked[i]
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
	if slices.ContainsFunc(left, func(i int) bool { return d.Looked[i].Kind == FineGrained }) {
		left = d.drop(left, LessFine, func(look Look) bool { return look.Kind == Classic })
	}
	d.settle(left, Ambiguous)
}

// DependsOnAccess reports whether there would be one answer if it were known
// that the request is no push.
func (d Decision) DependsOnAccess() bool {
	var candidates []Candidate
	for _, look := range d.Looked {
		candidates = append(candidates, look.Candidate)
	}
	fetch := d.Request
	fetch.Fetch = true
	return d.Outcome == Ambiguous && Choose(fetch, candidates, d.Decided).Outcome == Answer
}

// preferAccess leaves those that are made for what the request is known to be,
// if there are any.
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
	if !slices.ContainsFunc(left, func(i int) bool { return d.Looked[i].Access == access }) {
		return left
	}
	return d.drop(left, verdict, func(look Look) bool { return look.Access != access })
}

func (d *Decision) chooseWithoutPath() {
	var left []int
	var own, whole int
	ownHost := false // tokens of the host itself, be they usable or not
	for i := range d.Looked {
		look := &d.Looked[i]
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
		switch d.Looked[i].Level {
		case HostLevel:
			whole++
			own++
		case OwnerLevel, RepositoryLevel:
			own++
		}
	}
	if ownHost {
		left = d.drop(left, LessSpecific, func(look Look) bool { return look.Level == AliasLevel })
	}
	if own > 1 && whole == 1 {
		left = d.drop(left, NeedsPath, func(look Look) bool { return look.Level != HostLevel })
	}
	severally := Ambiguous
	for _, i := range left {
		if !d.Looked[i].Scope.Equal(d.Looked[left[0]].Scope) {
			severally = Unspecified
		}
	}
	d.settle(left, severally)
}

// orAgain returns the candidates that are left or, if there are none, those of at
// least a level that are set aside and may be offered once more.
func (d *Decision) orAgain(left []int, level Level) []int {
	if len(left) > 0 {
		return left
	}
	for i := range d.Looked {
		if look := &d.Looked[i]; look.Verdict == SetAside && look.Level >= level && look.due(d.Decided) {
			look.Verdict = ""
			left = append(left, i)
		}
	}
	return left
}

// drop takes those that match out of a list of indexes, with a verdict.
func (d *Decision) drop(list []int, verdict Verdict, match func(Look) bool) []int {
	return slices.DeleteFunc(list, func(i int) bool {
		if match(d.Looked[i]) {
			d.Looked[i].Verdict = verdict
			return true
		}
		return false
	})
}

// settle decides between those that are left.
func (d *Decision) settle(left []int, severally Outcome) {
	switch {
	case len(left) == 1:
		d.Winner, d.Outcome = left[0], Answer
		d.Looked[d.Winner].Verdict = Chosen
		d.Level = d.Looked[d.Winner].Level
	case len(left) > 1:
		d.Outcome = severally
		for _, i := range left {
			d.Looked[i].Verdict = Rival
		}
	case len(d.With(Unreadable, SetAside, Expired, Missing)) > 0:
		d.Outcome = Unusable
	}
}
