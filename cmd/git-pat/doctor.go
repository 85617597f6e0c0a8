package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/doctor"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/doctor/report"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

type doctorCommand struct {
	JSON bool `name:"json" help:"print JSON, for programs"`
	Fix  bool `help:"fix what git pat can fix, after a question for each"`
	Yes  bool `short:"y" help:"with --fix, ask no questions"`
}

func (c *doctorCommand) Run(ctx context.Context, t *term.Terminal, r *resolve.Resolver, reader *remotes.Reader, s *setup.Reader) error {
	if c.Yes && !c.Fix {
		return &words.Error{Text: "--yes goes with --fix", Status: words.ExitUsage}
	}
	d := &doctor.Doctor{Resolver: r, Remotes: reader, Setup: s, Version: versionText()}
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
	for _, f := range doctor.ToMend(findings) {
		question := report.Question(f)
		if question == "" || asked[question] {
			continue
		}
		asked[question] = true
		what, _ := report.Sentences(f, d.Resolver.Tokens.Now)
		t.Say("%s", what)
		if !c.Yes {
			yes, err := t.Confirm(question)
			if err == term.ErrNoTerminal {
				return false, words.NoTerminal("to fix everything without questions, add --yes")
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
		return setUp(ctx, t, d, f.Fix.Hosts)
	}
	err := d.Mend(ctx, f.Mending)
	var file *doctor.ChangedError
	var token *tokens.ChangedError
	switch {
	case errors.As(err, &file):
		t.Say("%s was changed meanwhile, so it stays as it is", credential.Quote(file.Path))
	case errors.As(err, &token):
		t.Say("%s", words.IfChanged(err, "it stays"))
	default:
		return err
	}
	return nil
}

// setUp does what git pat setup does.
func setUp(ctx context.Context, t *term.Terminal, d *doctor.Doctor, hosts []string) error {
	c := setupCommand{Hosts: hosts}
	want, err := c.want(d.Resolver.Tokens)
	if err != nil {
		return err
	}
	_, _, err = c.setUp(ctx, t, d.Setup, want, func(command string) error {
		t.Say("%s", strings.TrimPrefix(command, "# "))
		return nil
	})
	return err
}

// show prints the findings and how many problems there are. The error sets the exit
// status.
func (c *doctorCommand) show(t *term.Terminal, findings []doctor.Finding, now time.Time) error {
	var err error
	if c.JSON {
		err = t.JSON(report.Objects(findings, now))
	} else {
		err = t.Text(report.Text(findings, now, t.Painted))
	}
	if err != nil {
		return err
	}
	counts := map[doctor.State]int{}
	for _, f := range findings {
		counts[f.State]++
	}
	var problems []string
	if n := counts[doctor.Error]; n > 0 {
		problems = append(problems, words.Count(n, "error", "errors"))
	}
	if n := counts[doctor.Warning]; n > 0 {
		problems = append(problems, words.Count(n, "warning", "warnings"))
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
