package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

type doctorCommand struct {
	JSON bool `name:"json" help:"print JSON, for programs"`
	Fix  bool `help:"mend what setup and git pat made, one question each"`
	Yes  bool `short:"y" help:"with --fix, ask nothing"`
}

func (doctorCommand) Help() string {
	return `What stands between Git and your tokens is checked: the programs, Git's
configuration for each host with tokens, what Git uses before it asks a
helper, the stores, the tokens, and the remotes and submodules of the
repository one stands in. A line says what was found, ok, a warning or a fault,
and below it stands what to do; a check that has nothing to say is left out. No
token is shown, and GitHub is not asked: git pat verify does that. The exit
status is 1 if there is a fault.

--fix writes Git's settings as git pat setup does, closes files and folders
that are open to others, and removes what is of no use: secrets without a
record, records without a secret, and files that were left half written.

With --json there is an array of objects with the strings check, subject (the
host, token, store, file or remote that it is about), state (ok, warning or
fault) and what, and the array do: what to do in words, then the commands.
Keys and checks may be added in later versions, but none is changed. The
checks are

    Git            git-version git-lfs helper-path trace askpass
    a host         helper-asked other-helper use-http-path username ssh-refused
                   netrc extra-header proactive-auth cookie-file url-rewritten
                   plain-credentials
    stores         folder store leftover orphan plain-file
    tokens         tokens token-damaged token-secret token-expired token-ends
                   token-aside token-unused token-rival least-privilege
    a repository   remote`
}

// The states of what is checked, beside stateOK.
const (
	stateWarning = "warning"
	stateFault   = "fault"
)

// A finding is what one check came to.
type finding struct {
	Check   string   `json:"check"`
	Subject string   `json:"subject"`
	State   string   `json:"state"`
	What    string   `json:"what"`
	Do      []string `json:"do"` // words, then commands

	heading string // under which people read it
	mending *mending
}

// A mending is how git pat itself can put right what was found.
type mending struct {
	question string
	run      func() error
}

// do says what to do, and the commands for it.
func (f *finding) do(words string, commands ...string) *finding {
	f.Do = append([]string{words}, commands...)
	return f
}

func (f *finding) mend(run func() error, question string, args ...any) *finding {
	f.mending = &mending{fmt.Sprintf(question, args...), run}
	return f
}

// A doctor looks at everything once.
type doctor struct {
	*app
	tree      *record.Tree
	tokens    []credential.Candidate
	leftovers []string           // of killed writers
	files     *store.SecretFiles // nil if they cannot be looked at,
	filesErr  error              // since of this

	heading  string
	findings []*finding
}

// add notes what a check came to.
func (d *doctor) add(state, check, subject, format string, args ...any) *finding {
	f := &finding{
		Check:   check,
		Subject: subject,
		State:   state,
		What:    fmt.Sprintf(format, args...),
		Do:      []string{},
		heading: d.heading,
	}
	d.findings = append(d.findings, f)
	return f
}

// cannot notes that something could not be checked, which is a fault.
func (d *doctor) cannot(check, subject string, err error) *finding {
	f := d.add(stateFault, check, subject, "%s", credential.MaskTokens(strings.ReplaceAll(err.Error(), "\n", " ")))
	var trouble *store.Error
	var file *disk.FileError
	switch {
	case errors.As(err, &trouble):
		if file = trouble.File; file == nil && trouble.Advice != "" {
			f.do(trouble.Advice)
		}
	case errors.As(err, &file):
	}
	switch {
	case file == nil:
	case file.Mode != 0:
		f.do("to close it to others:", file.Advice)
		f.mend(d.onFile(file.Path, func() error { return os.Chmod(file.Path, file.Mode) }), "Close %s to others?", quote(file.Path))
	case file.Advice != "":
		f.do(file.Advice)
	}
	return f
}

// onFile returns what does something to a file or folder, under the lock, if it
// is then still what it is now.
func (d *doctor) onFile(path string, do func() error) func() error {
	shown, err := os.Stat(path)
	return func() error {
		if err != nil {
			return err
		}
		unlock, err := d.tree.Lock(d.ctx)
		if err != nil {
			return err
		}
		defer unlock()
		now, err := os.Stat(path)
		if err != nil || !os.SameFile(now, shown) || now.Mode() != shown.Mode() || !shown.IsDir() && !now.ModTime().Equal(shown.ModTime()) {
			d.ui.say("%s was changed meanwhile, so it stays as it is", quote(path))
			return nil
		}
		return do()
	}
}

func (c *doctorCommand) Run(a *app) error {
	if c.Yes && !c.Fix {
		return &hintError{text: "--yes goes with --fix", status: exitUsage, hint: "how it is used:", commands: []string{"git pat help doctor"}}
	}
	findings := a.examine()
	if c.Fix {
		asked := map[string]bool{}
		for {
			mended, err := c.mend(a, findings, asked)
			if err != nil {
				return err
			}
			if !mended {
				break
			}
			findings = a.examine() // what was hidden may show now
		}
		if len(asked) == 0 && slices.ContainsFunc(findings, func(f *finding) bool { return f.State != stateOK }) {
			a.ui.say("nothing of this is for git pat to mend")
		}
	}
	return a.showFindings(findings, c.JSON)
}

// mend asks about each finding that git pat can put right, unless that was
// asked before, and reports whether anything was done.
func (c *doctorCommand) mend(a *app, findings []*finding, asked map[string]bool) (bool, error) {
	mended := false
	for _, f := range findings {
		if f.mending == nil || asked[f.mending.question] {
			continue
		}
		asked[f.mending.question] = true
		a.ui.say("%s", f.What)
		if !c.Yes {
			yes, err := a.ui.confirm(f.mending.question)
			if err == errNoTerminal {
				return false, &hintError{text: "there is no terminal to ask at", hint: "to mend all without being asked, add --yes"}
			}
			if err != nil {
				return false, err
			}
			if !yes {
				continue
			}
		}
		err := f.mending.run()
		var changed *changedError
		if errors.As(err, &changed) {
			a.ui.say("%s", changed) // and what there is now is shown anyway
		} else if err != nil {
			return false, err
		}
		mended = true
	}
	return mended, nil
}

// showFindings prints what was found. The error is for the exit status, where
// there is a fault.
func (a *app) showFindings(findings []*finding, asJSON bool) error {
	count := map[string]int{}
	for _, f := range findings {
		count[f.State]++
	}
	if asJSON {
		if err := a.ui.json(findings); err != nil {
			return err
		}
	} else if err := a.ui.report(findings); err != nil {
		return err
	}
	text := "no faults"
	if n := count[stateFault]; n > 0 {
		text = counted(n, "fault")
	}
	if n := count[stateWarning]; n > 0 {
		text += ", " + counted(n, "warning")
	}
	a.ui.say("%s", text)
	if count[stateFault] > 0 {
		return errSaid
	}
	return nil
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// examine checks everything.
func (a *app) examine() []*finding {
	a.git = git.Cache{}
	d := &doctor{app: a}
	unread := d.read()
	d.heading = "Git"
	if d.checkGit() {
		for _, host := range d.hosts() {
			d.heading = host
			d.checkHost(host)
		}
	}
	d.heading = "Stores"
	if unread != nil {
		folder := ""
		if d.tree != nil {
			folder = d.tree.Dir()
		}
		d.cannot("folder", folder, unread)
	} else {
		d.checkStores()
		d.heading = "Tokens"
		d.checkTokens()
	}
	d.heading = "This repository"
	d.checkRemotes()
	return d.findings
}

// read reads the records, and looks at the plain files with secrets meanwhile.
func (d *doctor) read() error {
	var err error
	if d.tree, err = d.app.tree(); err != nil {
		return err
	}
	var wait sync.WaitGroup
	wait.Go(func() { d.files, d.filesErr = store.FindSecretFiles(d.tree.Dir()) })
	d.tokens, d.leftovers, err = d.tree.Survey()
	wait.Wait()
	return err
}

// hosts are github.com, whatever there is, and those that tokens answer for.
func (d *doctor) hosts() []string {
	hosts := []string{credential.GitHubHost}
	var more []string
	if d.tree != nil {
		more = d.tree.Hosts()
	}
	for _, c := range d.tokens {
		if c.Host == credential.GitHubHost && len(c.Paths) == 0 {
			more = append(more, credential.GistHost)
		}
	}
	for _, text := range more {
		host, err := credential.ParseHost(text)
		if err == nil && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	slices.Sort(hosts[1:])
	return hosts
}
