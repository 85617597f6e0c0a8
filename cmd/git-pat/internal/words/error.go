package words

import (
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/environ"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/inspect"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/manual"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes/fix"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// Exit statuses.
const (
	ExitFailure = 1 // the command could not do its work
	ExitUsage   = 2 // the command line is wrong
)

// An Error is an error with a hint.
type Error struct {
	Text     string
	Status   int // ExitFailure if 0
	Usage    string
	Hint     string
	Commands []string
}

func (e *Error) Error() string { return e.Text }

// Hinted returns an error with the hint that belongs to it.
func Hinted(err error) *Error {
	var (
		known    *Error
		usage    *manual.UsageError
		command  *manual.NoCommandError
		target   *input.TargetError
		missing  *tokens.NotFoundError
		several  *tokens.SeveralError
		changed  *tokens.ChangedError
		others   *fix.ChangedError
		rival    *fix.RivalError
		lost     *tokens.LostError
		copied   *tokens.CopyError
		exists   *tokens.ExistsError
		late     *tokens.LateError
		secret   *input.SecretError
		word     *input.WordError
		expiry   *input.ExpiryError
		kind     *input.KindError
		path     *input.PathError
		url      *input.URLError
		fallback *tokens.FallbackError
		unkept   *tokens.UnkeptError
		unnoted  *tokens.UnrecordedError
		notURL   *resolve.URLError
		otherURL *resolve.HostError
		file     *homefile.Error
	)
	e := &Error{Text: err.Error()}
	switch {
	case errors.As(err, &known):
		e.Status, e.Usage, e.Hint, e.Commands = known.Status, known.Usage, known.Hint, known.Commands
	case errors.As(err, &usage):
		e.Status = ExitUsage
	case errors.As(err, &command) && len(command.Meant) > 0:
		e.Status, e.Hint, e.Commands = ExitUsage, "did you mean this?", command.Meant
	case errors.As(err, &command):
		e.Status, e.Hint, e.Commands = ExitUsage, "to list the commands:", []string{"git pat help"}
	case errors.Is(err, term.ErrCancelled), errors.Is(err, term.ErrSeveralLines):
		e.Text += "; nothing was changed"
	case errors.As(err, &target):
		e.Status, e.Hint, e.Commands = ExitUsage, "what a target is:", []string{"git pat help add"}
	case errors.As(err, &word), errors.As(err, &path):
		e.Status = ExitUsage
	case errors.As(err, &url) && url.Password:
		e.Status, e.Hint = ExitUsage, "leave the password out of the URL"
	case errors.As(err, &url) && url.HTTPS != "":
		e.Status, e.Hint, e.Commands = ExitUsage, "use the https URL:", []string{url.HTTPS}
	case errors.As(err, &url):
		e.Status = ExitUsage
	case errors.As(err, &expiry) && expiry.Past:
		e.Status, e.Hint = ExitUsage, "write the last day on which the token works"
	case errors.As(err, &expiry):
		e.Status, e.Hint = ExitUsage, "write a date as 2027-01-31, days as 90d, or a time as 2027-01-31T12:00:00Z"
	case errors.As(err, &kind) && kind.Password:
		e.Text += "; nothing was changed"
		e.Hint = "a token begins with github_pat_, ghp_, gho_, ghu_ or ghs_"
	case errors.Is(err, input.ErrSeveralLines):
		e.Text += "; nothing was changed"
		e.Hint = "paste only the token"
	case errors.As(err, &kind), errors.Is(err, input.ErrEmpty), errors.Is(err, input.ErrTooLong), errors.Is(err, input.ErrControl):
		e.Text += "; nothing was changed"
	case errors.As(err, &missing) && len(missing.Near) > 0:
		e.Hint = "there is"
		for _, c := range missing.Near {
			e.Commands = append(e.Commands, advice.Arguments(c.Record))
		}
	case errors.As(err, &missing):
		e.Hint, e.Commands = "to list all tokens:", []string{"git pat list"}
	case errors.As(err, &several):
		e.Hint = "to choose one, add one of these:"
		for _, c := range several.Found {
			e.Commands = append(e.Commands, "--name "+shell.Own().Word(c.Name))
		}
	case errors.As(err, &changed):
		e.Hint, e.Commands = "to see the tokens that there are now:", []string{listOf(changed.Record.Target)}
	case errors.As(err, &others):
		e.Hint, e.Commands = "to see the tokens that there are now:", []string{listOf(others.Record.Target)}
	case errors.As(err, &rival):
		e.Hint, e.Commands = "to see which:", []string{"git pat explain " + shell.Own().Word(rival.URL)}
	case errors.As(err, &lost):
		if page := TokensPage(lost.Record); page != "" {
			e.Hint = "to delete the token at the server: " + page
		}
	case errors.As(err, &copied):
		move := OnToken("git pat move", copied.Record) + " --yes --store "
		e.Hint = "to delete the copy, move the token there and back:"
		e.Commands = []string{move + shell.Own().Word(copied.Store), move + shell.Own().Word(copied.Record.Store)}
	case errors.As(err, &exists):
		e.Hint = "choose another name with --name"
	case errors.As(err, &secret):
		return TokenGiven(secret.Kind)
	case errors.As(err, &late):
		e.Text += "; it may still store the token, so the token stays in the list"
		e.Hint, e.Commands = "if the token does not work later, add it again:", []string{OnToken("git pat add", late.Record) + " --replace"}
	case errors.As(err, &fallback):
		e.Hint, e.Commands = "a file is less protected; when the store works again:", []string{advice.EditCommand(fallback.Record) + " --store " + shell.Own().Word(fallback.Store)}
	case errors.As(err, &unkept):
		e.Hint, e.Commands = "to create another token, and to replace this one:", append(pages(TokensPage(unkept.Record)), OnToken("git pat rotate", unkept.Record)+" --keep-old")
	case errors.As(err, &unnoted):
		e.Hint, e.Commands = "to record when it expires:", []string{"git pat verify " + shell.Own().Word(unnoted.Record.Target.Short())}
	case errors.As(err, &notURL):
		e.Status = ExitUsage
	case errors.As(err, &otherURL):
		e.Text += ", so nothing is done"
	case errors.Is(err, resolve.ErrNoRemote), errors.Is(err, resolve.ErrSeveralRemotes):
		e.Hint = "name the URL of a remote"
	case errors.Is(err, git.ErrSecret):
		e.Hint, e.Commands = "change it by hand, in the file that this shows:", []string{"git config --list --show-origin --name-only"}
	case errors.As(err, &file) && file.Fault == homefile.IsDevice:
		e.Hint = "if a program writes to it, have that write to a file first"
	default:
		e.Hint = advice.Of(err)
	}
	return e
}

// IfChanged completes the error of a token that another program changed meanwhile:
// so says what that means, as in "nothing is removed".
func IfChanged(err error, so string) error {
	var changed *tokens.ChangedError
	if errors.As(err, &changed) {
		return fmt.Errorf("%w, so %s", err, so)
	}
	return err
}

// NoTerminal is the error if a command cannot ask.
func NoTerminal(hint string) error {
	return &Error{Text: "there is no terminal to ask at", Hint: hint}
}

// BareRepository says how to work in a bare repository. Without --git-dir, git pat does
// not treat a folder as one: it may be content of another repository.
func BareRepository(folder, command string) error {
	return &Error{
		Text:     "this folder looks like a bare repository, and may be part of somebody else's",
		Hint:     "if it is yours, name it:",
		Commands: []string{"git --git-dir=" + shell.Own().Word(folder) + strings.TrimPrefix(command, "git")},
	}
}

// ForgeOption says why a name is not the forge of a host.
func ForgeOption(name, host string) error {
	e := &Error{Text: fmt.Sprintf("%s is not a forge", credential.Quote(name)), Status: ExitUsage, Hint: "write github, gitlab, azure, bitbucket, gitea or forgejo"}
	if _, ok := forge.Named(name); ok {
		e.Text, e.Hint = fmt.Sprintf("%s is a host of %s", host, forge.Of(host).Title()), ""
	}
	return e
}

// Selecting completes the error of a token that was not found. In other commands
// --name selects a token.
func Selecting(err error) error {
	var several *tokens.SeveralError
	var missing *tokens.NotFoundError
	e := &Error{Text: err.Error()}
	var found []credential.Candidate
	switch {
	case errors.As(err, &several):
		e.Hint, found = "to choose one:", several.Found
	case errors.As(err, &missing) && len(missing.Near) > 0:
		e.Hint, found = "there is", missing.Near
	default:
		return err
	}
	for _, c := range found {
		e.Commands = append(e.Commands, advice.EditCommand(c.Record))
	}
	return e
}

// The exit statuses of a shell for a command that it does not run.
const (
	exitNotRunnable = 126
	exitNotFound    = 127
)

// NotRun puts into words why a command does not run.
func NotRun(command string, err error) error {
	var ended *environ.EndedError
	switch {
	case err == nil || errors.As(err, &ended):
		return err
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return &Error{Text: fmt.Sprintf("there is no command %s", credential.Quote(command)), Status: exitNotFound}
	case errors.Is(err, fs.ErrPermission):
		return &Error{Text: fmt.Sprintf("the command %s may not be run", credential.Quote(command)), Status: exitNotRunnable}
	}
	var call *exec.Error
	if errors.As(err, &call) {
		err = call.Err
	}
	return &Error{Text: fmt.Sprintf("the command %s cannot be run: %v", credential.Quote(command), err), Status: exitNotRunnable}
}

// CannotRevoke is the error for a token that its forge does not revoke for us.
func CannotRevoke(r credential.Record) error {
	return &Error{
		Text: fmt.Sprintf("GitHub cannot revoke a token of the kind %s", r.Kind),
		Hint: "to remove it here:", Commands: []string{OnToken("git pat remove", r)},
	}
}

// NotRevoked says why a token was not revoked, and what helps.
func NotRevoked(err error, r credential.Record) error {
	if err == nil {
		return nil
	}
	e := &Error{Text: "the token was not revoked: " + err.Error()}
	var refused *refusal.Error
	if errors.Is(err, refusal.ErrUnreachable) {
		// GitHub may have revoked it, and only its answer was lost.
		e.Text = "it is not known whether the token was revoked: " + err.Error()
	} else if errors.As(err, &refused) && !refused.RetryAfter.IsZero() {
		e.Text = "the token was not revoked: the server accepts no more calls for a while"
	}
	if page := github.TokensPage(r.Host, r.Kind); page != "" {
		e.Hint, e.Commands = "try again, or delete it at", []string{page}
	}
	return e
}

// NotRotated says what to do with a new token that could not replace the old one.
// free is a name for it that no token has. The forge shows it only once.
func NotRotated(e *tokens.ChangedError, free string) error {
	r := e.Record
	text := e.Error() + ", so the new token does not replace it"
	if e.Gone {
		return &Error{Text: text, Hint: "the new token is not kept; to add it:", Commands: []string{OnToken("git pat add", r)}}
	}
	rotate := OnToken("git pat rotate", r)
	r.Name = free
	return &Error{
		Text:     text,
		Hint:     "the new token is not kept; to replace the token that is there now, or to add the new one beside it:",
		Commands: []string{rotate, OnToken("git pat add", r)},
	}
}

// TokenGiven says what to do about a token that was given as an argument.
func TokenGiven(kind credential.Kind) *Error {
	e := &Error{
		Text:   "an argument contains a token; nothing was done",
		Status: ExitUsage,
		Hint:   "it is in your shell's history now, so revoke it; git pat add asks for a token without showing it",
	}
	if page := github.TokensPage(credential.GitHubHost, kind); page != "" {
		e.Hint, e.Commands = "it is in your shell's history now, so revoke it; git pat add asks for a new one:", []string{page}
	}
	return e
}

// NoTokens is the error if no token is for any of some targets.
func NoTokens(targets []string) error {
	what := make([]string, 0, len(targets))
	for _, target := range targets {
		what = append(what, credential.Quote(target))
	}
	return &Error{Text: "there is no token for " + strings.Join(what, " or "), Hint: "to list all tokens:", Commands: []string{"git pat list"}}
}

// NotRenewed says what to do if the forge did not replace a token, or not as it
// should.
func NotRenewed(err error, r credential.Record) error {
	var doubtful *inspect.UncertainError
	var scope *inspect.ScopeError
	paste := OnToken("git pat rotate", r) + " --keep-old"
	verify := "git pat verify " + shell.Own().Word(r.Target.Short())
	switch {
	case errors.As(err, &doubtful) && doubtful.Old == inspect.NotKnown:
		return &Error{Text: "the token " + r.Title() + ": " + err.Error(), Hint: "to see whether it still works, and to replace it with a new one if not:", Commands: []string{verify, paste}}
	case errors.As(err, &doubtful) && doubtful.Old == inspect.No:
		return &Error{Text: "the token " + r.Title() + ": " + err.Error(), Hint: "to create a new one and paste it:", Commands: []string{paste}}
	case inspect.IsRejected(err), errors.As(err, &scope):
		return &Error{Text: "the token " + r.Title() + " was not replaced: " + err.Error(), Hint: "to create a new one and paste it:", Commands: []string{paste}}
	case errors.Is(err, refusal.ErrUnreachable):
		return fmt.Errorf("the token %s was not replaced: %w", r.Title(), err)
	}
	return err
}

// NeedsPerson says that a token expires and that no forge replaces it.
func NeedsPerson(r credential.Record, now time.Time) advice.Advice {
	expires := "expires"
	if r.Expired(now) {
		expires = "expired"
	}
	a := advice.Renew(r)
	a.What = fmt.Sprintf("the token %s %s %s, and only you can replace it", r.Title(), expires, When(r.Expires, now))
	return a
}

func pages(page string) []string {
	if page == "" {
		return nil
	}
	return []string{page}
}
