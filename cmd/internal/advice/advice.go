// Package advice has the messages that both programs print if Git gets no token:
// what is wrong, and which command fixes it.
package advice

import (
	"errors"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// An Advice says what is wrong and what to do.
type Advice struct {
	What     string   // for example "no token for github.com/acme"
	Do       string   // for example "to add one:"; may be empty
	Commands []string // for Do
}

// For says why a request has no answer, and what to do.
func For(d credential.Decision) Advice {
	request := d.Request
	do := func(what string, commands ...string) Advice { return Advice{d.Reason(), what, commands} }
	switch d.Outcome {
	case credential.Unusable:
		a := unusable(d.Unusable())
		return do(a.Do, a.Commands...)
	case credential.Ambiguous:
		rivals := d.With(credential.Rival)
		what, commands := KeepOne(rivals)
		switch {
		case d.DependsOnAccess():
			return do("to use one for fetching and one for pushing:", SetupCommand("--least-privilege", request.Host))
		case request.Login() == "" && loginDecides(rivals):
			return do("put a login in the URL, or "+what, "https://LOGIN@"+request.Target().String(), commands[0])
		}
		return do(what, commands...)
	case credential.Unspecified:
		return do("to configure Git to name it:", SetupCommand("", request.Host))
	}
	switch {
	case len(d.With(credential.OnlyReads)) > 0:
		return do("to add one that can push:", addFor(request)+" --access write")
	case request.Login() != "" && len(d.With(credential.OtherLogin)) > 0:
		// A command must not contain a token, or a name that no login can have.
		if name := request.Username; credential.Quote(name) != `"`+name+`"` || request.TokenForName() {
			return do("remove the user name from the URL")
		}
		return do("remove the user name from the URL, or add a token for it:", addFor(request)+" --username "+shell.Own().Word(request.Username))
	}
	near := d.With(credential.OtherPath)
	owner := shell.Own().Word(credential.Target{Host: request.Host, Paths: []string{request.Owner()}}.Short())
	switch host := credential.RepositoryHost(request.Host); {
	case host != "":
		return do("use the URL:", credential.Remote{Host: host, Path: strings.Join(request.Target().Paths, "")}.HTTPS())
	case request.Owner() == "":
		return do("to add one:", addFor(request))
	case len(near) == 0:
		return do("check the URL; to use a private repository or to push, add a token:", addFor(request))
	case len(near) == 1:
		widen := EditCommand(near[0].Record) + " --target " + owner
		return do("add one or, if that token may use all of "+request.Owner()+", change its target:", "git pat add "+shell.Own().Word(request.Target().Short()), widen)
	}
	return do("to add one, or to list the others:", "git pat add "+shell.Own().Word(request.Target().Short()), "git pat list "+owner)
}

// loginDecides reports whether a login in the URL makes one of the tokens answer:
// each has a login, and one login differs from all others.
func loginDecides(rivals []credential.Considered) bool {
	count := map[string]int{}
	for _, c := range rivals {
		count[strings.ToLower(c.Username)]++
	}
	for _, n := range count {
		if n == 1 {
			return count[""] == 0
		}
	}
	return false
}

// KeepOne says how to get rid of tokens that match a request equally well. It
// does not name the token to remove: only the server knows which tokens work, and
// a removed token cannot be shown again.
func KeepOne(rivals []credential.Considered) (do string, commands []string) {
	first := rivals[0].Record
	target, remove := first.Target, shell.Own().Word(first.Target.Short())
	for _, rival := range rivals {
		if !rival.Target.Equal(first.Target) { // they share a repository
			target, remove = credential.Target{Host: first.Host, Paths: []string{first.Owner()}}, "TARGET"
		}
	}
	return "check them, and remove all but one:",
		[]string{"git pat verify " + shell.Own().Word(target.Short()), "git pat remove " + remove + " --name NAME"}
}

// addFor returns the command that adds a token for a request. Its target is the
// owner, as for a fine-grained token. Gists use a token for the whole host.
func addFor(r credential.Request) string {
	target := credential.Target{Host: r.Host}
	if owner := r.Owner(); owner != "" && r.Host != credential.GistHost {
		target.Paths = []string{owner}
	}
	return "git pat add " + shell.Own().Word(target.Short())
}

// SetupCommand returns the command that configures Git for a host.
func SetupCommand(options, host string) string {
	if host == credential.GitHubHost || host == credential.GistHost {
		host = "" // the default
	}
	return strings.Join(strings.Fields("git pat setup "+options+" "+host), " ")
}

// AddCommand returns the command that adds the secret of a record again.
func AddCommand(r credential.Record) string {
	command := "git pat add " + Arguments(r)
	if store.ReadOnly(r.Store) {
		command += " --store " + shell.Own().Word(r.Store)
	}
	return command
}

// Arguments returns the arguments that select a token in a git pat command.
func Arguments(r credential.Record) string {
	return shell.Own().Word(r.Target.Short()) + " --name " + shell.Own().Word(r.Name)
}

// EditCommand returns the command that changes a record, without the change.
func EditCommand(r credential.Record) string {
	return "git pat edit " + shell.Own().Word(r.Target.Short()) + " --select " + shell.Own().Word(r.Name)
}

// Renew says how to replace a token that expires or was rejected. What is empty.
func Renew(r credential.Record) Advice {
	if variable, ok := strings.CutPrefix(r.Store, "env:"); ok {
		return Advice{Do: "to replace it, set the variable " + variable + " to another token"}
	}
	if store.ReadOnly(r.Store) {
		return Advice{Do: "to replace it, change what the command of its store prints"}
	}
	return Advice{Do: "to replace it:", Commands: []string{"git pat rotate " + Arguments(r)}}
}

// unusable says what to do about a token that cannot be used.
func unusable(c credential.Considered) Advice {
	variable, readOnly := strings.CutPrefix(c.Store, "env:")
	switch {
	case c.Verdict == credential.Expired && readOnly:
		return Advice{Do: "set the variable " + variable + " to another token, and update its expiry date:", Commands: []string{AddCommand(c.Record)}}
	case c.Verdict == credential.Missing && readOnly:
		return Advice{Do: "set the variable " + variable}
	case c.Verdict == credential.Missing && c.MayBeLocked():
		return Advice{Do: "unlock it if it is locked, or add the token again:", Commands: []string{AddCommand(c.Record)}}
	case c.Verdict == credential.Missing:
		return Advice{Do: "to add it again:", Commands: []string{AddCommand(c.Record)}}
	case c.Damaged != nil:
		return Advice{Do: Of(c.Damaged)}
	}
	return Renew(c.Record)
}

// Of returns the advice in an error of package store or disk, or "".
func Of(err error) string {
	var storeErr *store.Error
	var file *disk.FileError
	switch {
	case errors.As(err, &storeErr):
		return storeErr.Advice
	case errors.As(err, &file):
		return file.Advice
	}
	return ""
}
