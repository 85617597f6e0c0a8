package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/doctor"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

type doctorCommand struct {
	JSON bool `name:"json" help:"print JSON, for programs"`
	Fix  bool `help:"fix what git pat can fix, after a question for each"`
	Yes  bool `short:"y" help:"with --fix, ask no questions"`
}

func (doctorCommand) Help() string {
	return `Doctor checks the programs, Git's configuration for each host that has tokens,
what Git uses before it asks a helper, the stores, the tokens, and the remotes
and submodules of the repository in the current folder. Each line has the state
of a check (ok, warning or error) and what was found. The lines below it say
what to do. Doctor shows no token and does not ask GitHub; git pat verify does.
The exit status is 1 if there is an error.

--fix configures Git as git pat setup does, makes files and folders private, and
removes what is useless: secrets without a record, records without a secret, and
files that were never finished.

--json prints an array of objects. Each has the strings check, subject (the
host, token, store, file or remote), state (ok, warning or error) and what, and
the array do: what to do in words, then the commands. Later versions may add
keys and checks, but do not change them. The checks are

    Git            git-version helper-path trace askpass
    a host         helper-asked other-helper use-http-path username ssh-refused
                   netrc extra-header proactive-auth cookie-file url-rewritten
                   plain-credentials
    stores         folder store leftover orphan plain-file token-copy
    tokens         tokens token-damaged token-secret token-expired token-ends
                   token-aside token-unused token-rival least-privilege
    a repository   remote`
}

func (c *doctorCommand) Run(ctx context.Context, t *term.Terminal, r *resolve.Resolver, reader *remotes.Reader) error {
	if c.Yes && !c.Fix {
		return &hintError{text: "--yes goes with --fix", status: exitUsage}
	}
	d := &doctor.Doctor{Resolver: r, Remotes: reader, Setup: setupReader(r.Git, r.Tokens), Version: versionText()}
	findings := d.Examine(ctx)
	if c.Fix {
		asked := map[string]bool{}
		for {
			mended, err := c.mend(ctx, t, d, findings, asked)
			if err != nil {
				return err
			}
			if !mended {
				break
			}
			findings = d.Examine(ctx) // a problem may have hidden another one
		}
		if len(asked) == 0 && slices.ContainsFunc(findings, func(f doctor.Finding) bool { return f.State != doctor.OK }) {
			t.Say("git pat can fix none of these problems itself")
		}
	}
	return c.show(t, findings, r.Tokens.Now)
}

// mend asks about each problem that git pat can fix, unless it asked before, and
// reports whether it fixed any.
func (c *doctorCommand) mend(ctx context.Context, t *term.Terminal, d *doctor.Doctor, findings []doctor.Finding, asked map[string]bool) (bool, error) {
	mended := false
	for _, f := range findings {
		question := mendQuestion(f)
		if question == "" || asked[question] {
			continue
		}
		asked[question] = true
		what, _ := inSentences(f, d.Resolver.Tokens.Now)
		t.Say("%s", what)
		if !c.Yes {
			yes, err := t.Confirm(question)
			if err == term.ErrNoTerminal {
				return false, noTerminal("to fix everything without questions, add --yes")
			}
			if err != nil {
				return false, err
			}
			if !yes {
				continue
			}
		}
		if err := mendOne(ctx, t, d, f); err != nil {
			return false, err
		}
		mended = true
	}
	return mended, nil
}

// mendOne fixes one problem.
func mendOne(ctx context.Context, t *term.Terminal, d *doctor.Doctor, f doctor.Finding) error {
	if f.Mending == nil {
		return setUp(ctx, t, d.Resolver, f.Fix.Hosts)
	}
	err := d.Mend(ctx, f.Mending)
	var file *doctor.ChangedError
	var token *tokens.ChangedError
	switch {
	case errors.As(err, &file):
		t.Say("%s was changed meanwhile, so it stays as it is", quote(file.Path))
	case errors.As(err, &token):
		t.Say("%s", ifChanged(err, "it stays"))
	default:
		return err
	}
	return nil
}

// setUp does what git pat setup does.
func setUp(ctx context.Context, t *term.Terminal, r *resolve.Resolver, hosts []string) error {
	c := setupCommand{Hosts: hosts}
	want, err := c.want(r.Tokens)
	if err != nil {
		return err
	}
	_, _, err = c.setUp(ctx, t, setupReader(r.Git, r.Tokens), want, func(command string) error {
		t.Say("%s", strings.TrimPrefix(command, "# "))
		return nil
	})
	return err
}

// show prints the findings and how many problems there are. The error sets the exit
// status.
func (c *doctorCommand) show(t *term.Terminal, findings []doctor.Finding, now time.Time) error {
	show := showLines
	if c.JSON {
		show = showJSON
	}
	if err := show(t, findings, now); err != nil {
		return err
	}
	counts := map[doctor.State]int{}
	for _, f := range findings {
		counts[f.State]++
	}
	var problems []string
	if n := counts[doctor.Error]; n > 0 {
		problems = append(problems, count(n, "error", "errors"))
	}
	if n := counts[doctor.Warning]; n > 0 {
		problems = append(problems, count(n, "warning", "warnings"))
	}
	if len(problems) == 0 {
		t.Say("no problems found")
	} else {
		t.Say("%s", strings.Join(problems, ", "))
	}
	if counts[doctor.Error] > 0 {
		return errSaid
	}
	return nil
}

// showJSON prints the findings for programs.
func showJSON(t *term.Terminal, findings []doctor.Finding, now time.Time) error {
	type object struct {
		Check   string       `json:"check"`
		Subject string       `json:"subject"`
		State   doctor.State `json:"state"`
		What    string       `json:"what"`
		Do      []string     `json:"do"` // words, then commands
	}
	objects := []object{}
	for _, f := range findings {
		what, do := inSentences(f, now)
		if do == nil {
			do = []string{}
		}
		objects = append(objects, object{f.Check, f.Subject, f.State, what, do})
	}
	return t.JSON(objects)
}

// showLines prints the findings under headings: below each what to do, and below that
// the commands.
func showLines(t *term.Terminal, findings []doctor.Finding, now time.Time) error {
	var b strings.Builder
	heading := ""
	for _, f := range findings {
		if next := headingOf(f); next != heading {
			if heading != "" {
				b.WriteByte('\n')
			}
			heading = next
			b.WriteString(credential.Visible(heading) + "\n")
		}
		colour := map[doctor.State]string{doctor.OK: "32", doctor.Warning: "33", doctor.Error: "31"}[f.State]
		what, do := inSentences(f, now)
		b.WriteString("  " + t.Painted(fmt.Sprintf("%-7s", f.State), colour) + "  " + credential.Visible(what) + "\n")
		for i, line := range do {
			if i > 0 {
				line = "  " + line
			}
			b.WriteString("             " + credential.Visible(line) + "\n")
		}
	}
	return t.Text(b.String())
}
