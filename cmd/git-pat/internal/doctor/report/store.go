package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/doctor"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

func storeSentences(f doctor.Finding) (what string, do []string) {
	switch fact := f.Fact.(type) {
	case doctor.Folder:
		if fact.Missing {
			return "the records will be in " + fact.Path, nil
		}
		return "the records are in " + fact.Path + ", which only you can change", nil
	case doctor.StoreAnswers:
		return "the store " + credential.Quote(f.Subject) + " answers", nil
	case doctor.StoreAbsent:
		return fact.Err.Error() + ", so new tokens are stored in plain files", nil
	case doctor.StoreFailed:
		what = words.OneLine(fact.Err)
		if fact.Tokens > 0 {
			what += "; it has " + words.Count(fact.Tokens, "token", "tokens")
		}
		return what, errorHint(f, fact.Err)
	case doctor.PlainFiles:
		are := "are"
		if fact.Tokens == 1 {
			are = "is"
		}
		return fmt.Sprintf("%s %s in plain files, although there is a keyring", words.Count(fact.Tokens, "token", "tokens"), are),
			[]string{"to move them to the keyring:", "git pat move --all --from file --store keyring"}
	case doctor.Leftover:
		return fact.Path + " was never finished, and may hold a secret", []string{"to remove it:", shell.Own().Remove(fact.Path)}
	case doctor.Copy:
		return fmt.Sprintf("git pat edit was interrupted and left a copy of a token, %s, which is not used", fact.Title()),
			[]string{"to remove the copy, after a question:", "git pat doctor --fix"}
	case doctor.Orphan:
		what = fmt.Sprintf("the store \"file\" has a secret %s without a record, so it is never used", credential.Quote(fact.Key))
		if fact.At == nil {
			return what, []string{"to remove it, after a question:", "git pat doctor --fix"}
		}
		return what, []string{"to add it as a token, or to remove it after a question:",
			shell.Own().Feed(words.OnToken("git pat add", *fact.At)+" --store file --with-token", fact.Path), "git pat doctor --fix"}
	}
	return "", nil
}

func tokenSentences(f doctor.Finding, now time.Time) (what string, do []string) {
	switch fact := f.Fact.(type) {
	case doctor.NoTokens:
		return "there are no tokens yet", []string{"to add one:", "git pat add OWNER"}
	case doctor.TokensElsewhere:
		return fmt.Sprintf("there are no tokens in %s, but there are some in the usual folder, %s", fact.Dir, fact.Usual),
			[]string{"a program may have set another XDG_DATA_HOME or GIT_PAT_DIR; to use the usual folder:", shell.Own().Set("GIT_PAT_DIR", fact.Usual)}
	case doctor.Usable:
		what = "1 token has its secret and is not expired; only the server knows whether it is valid"
		if fact.Tokens > 1 {
			what = words.Count(fact.Tokens, "token", "tokens") + " have their secrets and are not expired; only the server knows whether they are valid"
		}
		return what, []string{"to ask it:", "git pat verify --all"}
	case doctor.Token:
		return recordSentences(f.Check, fact.Candidate, now)
	case doctor.SecretMissing:
		if variable, ok := strings.CutPrefix(fact.Record.Store, "env:"); ok {
			return fmt.Sprintf("the token %s is read from the variable %s, which is not set here", fact.Record.Title(), variable), []string{"set it in the environment of Git"}
		}
		what = fmt.Sprintf("the secret of the token %s is no longer in the store %s", fact.Record.Title(), credential.Quote(fact.Record.Store))
		if f.Mending == nil {
			return what, []string{"to add it again:", words.OnToken("git pat add", fact.Record)}
		}
		return what, []string{"to add it again, or to remove its record:", words.OnToken("git pat add", fact.Record), words.OnToken("git pat remove", fact.Record)}
	case doctor.SecretFailed:
		return fmt.Sprintf("the token %s cannot be read: %s", fact.Record.Title(), words.OneLine(fact.Err)), errorHint(f, fact.Err)
	case doctor.Rivals:
		what = fact.Decision.Reason() + ", so none of them answers"
		if fact.Logins {
			what += " unless the URL names a login"
		}
		words, commands := advice.KeepOne(fact.Decision.With(credential.Rival))
		return what, append([]string{words}, commands...)
	case doctor.PushesUnknown:
		a := words.PushesUnknown(fact.Target)
		return a.What, words.Steps(a)
	}
	return "", nil
}

// recordSentences says what is wrong with a token by its record.
func recordSentences(check string, c credential.Candidate, now time.Time) (what string, do []string) {
	what = "the token " + c.Title()
	verify := "git pat verify " + shell.Own().Word(c.Target.Short())
	do = words.Steps(advice.Renew(c.Record))
	switch check {
	case "token-aside":
		what += fmt.Sprintf(" is set aside: %s on %s", c.Aside.Reason, c.Aside.Time.Local().Format(time.DateOnly))
		if store.ReadOnly(c.Store) {
			return what, []string{"to check it again:", verify}
		}
		return what, []string{"to check it again, or to replace it:", verify, words.OnToken("git pat rotate", c.Record)}
	case "token-unused":
		return what + " was not used for eleven months; GitHub removes a token after a year without use",
			[]string{"to use it, or to remove it:", verify, words.OnToken("git pat remove", c.Record)}
	case "token-ends":
		return what + " expires " + words.When(c.Expires, now), do
	}
	return what + " expired " + words.When(c.Expires, now) + ", so it does not answer", do
}

func remoteSentences(f doctor.Finding) (what string, do []string) {
	switch fact := f.Fact.(type) {
	case doctor.Refused:
		if fact.Entry.ByHand != nil {
			return words.Problem(fact.Entry), []string{words.ChangeByHand, words.GitLine(fact.Entry.ByHand)}
		}
		return words.Problem(fact.Entry), []string{words.ChangeIt, words.FixCommand(fact.Entry)}
	case doctor.TokenNeeded:
		a := advice.For(fact.Decision)
		return fmt.Sprintf("no token answers for %s: %s", words.TheRemote(fact.Entry), a.What), words.Steps(a)
	case doctor.LFSToken:
		a := words.LFSAsks(fact.Files)
		if fact.Needed.Outcome != credential.Answer {
			a.What += ", for which no token answers"
		}
		return a.What, words.Steps(a)
	case doctor.RemotesOK:
		return "its remotes use https", nil
	}
	return "", nil
}
