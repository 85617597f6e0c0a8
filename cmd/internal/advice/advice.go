// Package advice says what is the matter where Git gets no token, and which
// command helps. Both programs say it in these words.
package advice

import (
	"errors"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// Advice is what is the matter, in words, and what to do about it.
type Advice struct {
	What     string   // as in "no token for github.com/acme"
	Do       string   // as in "to add one:", or nothing
	Commands []string // those that Do speaks of
}

// For says why a request had no answer, and what helps.
func For(d credential.Decision) Advice {
	request := d.Request
	a := Advice{What: d.Reason()}
	do := func(what string, commands ...string) Advice {
		a.Do, a.Commands = what, commands
		return a
	}
	switch d.Outcome {
	case credential.Unusable:
		look := d.With(credential.Expired, credential.SetAside, credential.Missing, credential.Unreadable)[0]
		a.Do, a.Commands = unusable(look)
		return a
	case credential.Ambiguous:
		rivals := d.With(credential.Rival)
		what, commands := KeepOne(rivals)
		switch {
		case d.DependsOnAccess():
			return do("to have Git say which requests are pushes:", SetupCommand("--least-privilege", request.Host))
		case slices.ContainsFunc(rivals, func(look credential.Considered) bool { return look.Username != "" }):
			return do("name one's login in the URL, or "+what, "https://LOGIN@"+request.Target().String(), commands[0])
		}
		return do(what, commands...)
	case credential.Unspecified:
		return do("to have Git name it:", SetupCommand("", request.Host))
	}
	switch {
	case len(d.With(credential.OnlyReads)) > 0:
		return do("to add one that may push:", addFor(request)+" --access write")
	case request.Login() != "" && len(d.With(credential.OtherLogin)) > 0:
		// What no login can be, or what is a token, is in no command.
		if name := request.Username; credential.Quote(name) != `"`+name+`"` || request.TokenForName() {
			return do("leave the user name out of the URL")
		}
		return do("leave the user name out of the URL, or add a token for it:", addFor(request)+" --username "+credential.ShellWord(request.Username))
	}
	return do("to add one:", addFor(request))
}

// KeepOne says how to get from several tokens for the same to one of them. Only
// the server knows which are good, and one that is removed cannot be shown again,
// so that none is named for that.
func KeepOne(rivals []credential.Considered) (do string, commands []string) {
	first := rivals[0].Record
	target, remove := first.Target, credential.ShellWord(first.Target.Short())
	check := "git pat verify "
	for _, rival := range rivals {
		if !rival.Target.Equal(first.Target) { // they share a repository
			target, remove = credential.Target{Host: first.Host, Paths: []string{first.Owner()}}, "TARGET"
		}
		if !rival.Kind.IsGitHub() {
			check = "git pat list "
		}
	}
	return "see which one to keep, and remove the other:",
		[]string{check + credential.ShellWord(target.Short()), "git pat remove " + remove + " --name NAME"}
}

// addFor is the command that adds a token for a request: for the owner, as
// that is what a fine-grained token is for.
func addFor(r credential.Request) string {
	target := credential.Target{Host: r.Host}
	if owner := r.Target().Owner(); owner != "" && r.Host != credential.GistHost {
		target.Paths = []string{owner} // but gists go with a token for all of the host
	}
	return "git pat add " + target.Short()
}

// SetupCommand is the command that sets Git up for a host, with options.
func SetupCommand(options, host string) string {
	words := []string{"git pat setup"}
	if options != "" {
		words = append(words, options)
	}
	if host != credential.GitHubHost && host != credential.GistHost {
		words = append(words, host)
	}
	return strings.Join(words, " ")
}

// AddCommand is the command that puts another secret in the place of a
// record's.
func AddCommand(r credential.Record) string {
	command := "git pat add " + r.Arguments()
	if store.ReadOnly(r.Store) {
		command += " --store " + r.Store
	}
	return command
}

// Renew says how to replace a token that has ended or that a server has
// refused. There is nothing the matter in it.
func Renew(r credential.Record) Advice {
	if variable, ok := strings.CutPrefix(r.Store, "env:"); ok {
		return Advice{Do: "it answers again when the variable " + variable + " has another value"}
	}
	return Advice{Do: "to put a new one in its place:", Commands: []string{"git pat rotate " + r.Arguments()}}
}

// unusable says what to do about a token that cannot be used.
func unusable(look credential.Considered) (do string, commands []string) {
	variable, readOnly := strings.CutPrefix(look.Store, "env:")
	var file *disk.FileError
	switch {
	case look.Verdict == credential.Expired && readOnly:
		return "to note when the new one ends:", []string{AddCommand(look.Record)}
	case look.Verdict == credential.Missing && readOnly:
		return "set the variable " + variable, nil
	case look.Verdict == credential.Missing:
		return "to add it again:", []string{AddCommand(look.Record)}
	case errors.As(look.Damaged, &file):
		return file.Advice, nil
	case look.Damaged != nil:
		return "", nil
	}
	a := Renew(look.Record)
	return a.Do, a.Commands
}

// Of is what an error of a store says that helps, if anything.
func Of(err error) string {
	var trouble *store.Error
	var file *disk.FileError
	switch {
	case errors.As(err, &trouble):
		return trouble.Advice
	case errors.As(err, &file):
		return file.Advice
	}
	return ""
}
