package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
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
	ctx    context.Context
	t      *term.Terminal
	kept   *tokens.Tokens
	r      *resolve.Resolver
	reader *remotes.Reader

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
		unlock, err := d.kept.Tree.Lock(d.ctx)
		if err != nil {
			return err
		}
		defer unlock()
		now, err := os.Stat(path)
		if err != nil || !os.SameFile(now, shown) || now.Mode() != shown.Mode() || !shown.IsDir() && !now.ModTime().Equal(shown.ModTime()) {
			d.t.Say("%s was changed meanwhile, so it stays as it is", quote(path))
			return nil
		}
		return do()
	}
}

func (c *doctorCommand) Run(ctx context.Context, t *term.Terminal, r *resolve.Resolver, reader *remotes.Reader) error {
	examine := func() []*finding {
		*r.Git = git.Cache{}
		d := &doctor{ctx: ctx, t: t, kept: r.Tokens, r: r, reader: reader}
		return d.examine()
	}
	if c.Yes && !c.Fix {
		return &hintError{text: "--yes goes with --fix", status: exitUsage, hint: "to see how to use it:", commands: []string{"git pat help doctor"}}
	}
	findings := examine()
	if c.Fix {
		asked := map[string]bool{}
		for {
			mended, err := c.mend(t, findings, asked)
			if err != nil {
				return err
			}
			if !mended {
				break
			}
			findings = examine() // what was hidden may show now
		}
		if len(asked) == 0 && slices.ContainsFunc(findings, func(f *finding) bool { return f.State != stateOK }) {
			t.Say("nothing of this is for git pat to mend")
		}
	}
	return showFindings(t, findings, c.JSON)
}

// mend asks about each finding that git pat can put right, unless that was
// asked before, and reports whether anything was done.
func (c *doctorCommand) mend(t *term.Terminal, findings []*finding, asked map[string]bool) (bool, error) {
	mended := false
	for _, f := range findings {
		if f.mending == nil || asked[f.mending.question] {
			continue
		}
		asked[f.mending.question] = true
		t.Say("%s", f.What)
		if !c.Yes {
			yes, err := t.Confirm(f.mending.question)
			if err == term.ErrNoTerminal {
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
		var changed *tokens.ChangedError
		if errors.As(err, &changed) {
			t.Say("%s, so it stays", changed) // the next report shows what there is now
		} else if err != nil {
			return false, err
		}
		mended = true
	}
	return mended, nil
}

// showFindings prints what was found. The error is for the exit status, where
// there is a fault.
func showFindings(t *term.Terminal, findings []*finding, asJSON bool) error {
	counts := map[string]int{}
	for _, f := range findings {
		counts[f.State]++
	}
	if asJSON {
		if err := t.JSON(findings); err != nil {
			return err
		}
	} else if err := report(t, findings); err != nil {
		return err
	}
	text := "no faults"
	if n := counts[stateFault]; n > 0 {
		text = count(n, "fault", "faults")
	}
	if n := counts[stateWarning]; n > 0 {
		text += ", " + count(n, "warning", "warnings")
	}
	t.Say("%s", text)
	if counts[stateFault] > 0 {
		return errSaid
	}
	return nil
}

// examine checks everything.
func (d *doctor) examine() []*finding {
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
		d.cannot("folder", d.kept.Tree.Dir(), unread)
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
	var wait sync.WaitGroup
	wait.Go(func() { d.files, d.filesErr = store.FindSecretFiles(d.kept.Tree.Dir()) })
	d.tokens, d.leftovers, err = d.kept.Tree.Survey()
	wait.Wait()
	return err
}

// hosts are github.com, whatever there is, and those that tokens answer for.
func (d *doctor) hosts() []string {
	hosts := []string{credential.GitHubHost}
	more := d.kept.Tree.Hosts()
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

// report shows what was found, under its headings, and what to do: the words
// below each, and the commands below these.
func report(t *term.Terminal, findings []*finding) error {
	var b strings.Builder
	heading := ""
	for _, f := range findings {
		if f.heading != heading {
			if heading != "" {
				b.WriteByte('\n')
			}
			heading = f.heading
			b.WriteString(credential.Visible(heading) + "\n")
		}
		code := map[string]string{stateOK: "32", stateWarning: "33", stateFault: "31"}[f.State]
		b.WriteString("  " + t.Painted(fmt.Sprintf("%-7s", f.State), code) + "  " + credential.Visible(f.What) + "\n")
		for i, line := range f.Do {
			if i > 0 {
				line = "  " + line
			}
			b.WriteString("             " + credential.Visible(line) + "\n")
		}
	}
	return t.Text(b.String())
}
