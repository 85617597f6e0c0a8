package main

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/answer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/view"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// What git pat explain --error says about a text of Git.

// maxText is more than Git prints of a refusal.
const maxText = 64 << 10 // bytes

// explainError puts what Git printed into words.
func (c *explainCommand) explainError(ctx context.Context, t *term.Terminal, a *answer.Finder, reader *remotes.Reader) error {
	r := a.Resolver
	if t.Typed() {
		t.Say("paste what Git printed, and end it with Ctrl-D on a line of its own")
	}
	text, err := io.ReadAll(io.LimitReader(t.In, maxText))
	if err != nil {
		return err
	}
	if strings.TrimSpace(string(text)) == "" {
		return &words.Error{Text: "there was nothing to explain", Hint: "pipe in what Git printed:", Commands: []string{"git push 2>&1 | git pat explain --error"}}
	}
	about, status := refusal.ReadGit(string(text))
	if c.URL != "" {
		urls, err := input.ParseURLs([]string{c.URL})
		if err != nil {
			return err
		}
		about.Host = urls[0].Host
		about.Repository, _ = credential.Request{Host: about.Host, Path: urls[0].Path}.Repository()
	}
	if about.Repository == "" && c.URL == "" {
		about.Repository = r.HereOn(ctx, about.Host)
	}
	refused := r.RecordFor(ctx, about.Host, about.Repository)
	about.Kind = refused.Kind
	cause := refusal.Explain(status, string(text), about)
	what, do := view.Cause(cause, refused)
	if about.Repository == "" {
		do = view.WithoutOwner(do)
	}
	if c.URL == "" && !r.IsOurs(about.Host) {
		// The text names the host, and anybody may have made it: no page there
		// is one to log in at.
		do = slices.DeleteFunc(do, func(step string) bool { return strings.Contains(step, "https://") })
	}
	if cause.Reason == refusal.Unknown {
		t.Say("this text is unknown:")
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimRight(line, "\r\n"); line != "" {
				t.Say("  %s", credential.Quote(line))
			}
		}
		return errSaid
	}
	if err := t.Line(what); err != nil {
		return err
	}
	for _, step := range do {
		if err := t.Line("  " + step); err != nil {
			return err
		}
	}
	if !strings.Contains(strings.ToLower(string(text)), "lfs") {
		return nil
	}
	files, err := filesOf(ctx, reader, func(*remotes.Entry) bool { return true })
	if err != nil {
		return err
	}
	return adviseAll(ctx, t, a, nil, files)
}
