// Package setup plans and makes the changes to Git's configuration that have Git
// ask git-credential-pat for the credentials of some hosts, and takes them back.
//
// # What it promises
//
// A [Plan] changes nothing. It is made from what stands in the files that Git
// reads as the person's own, and from what a person wants.
//
// What others wrote stays, in its order. Setup adds values of its own beside it,
// and only those that are missing. Undoing takes away what setup wrote, and no
// more. There is no change where Git has all settings from somewhere already.
//
// No command has a value in it that others wrote and that may hold a password.
// Where one would have to, there is only an [OthersError].
package setup

import (
	"context"
	"os"
	"path/filepath"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// A Want is what a person wants of Git's configuration.
type Want struct {
	Hosts   []string
	Options string // for the helper, as a shell reads them; empty keeps those that it has
	Undo    bool   // take back what setup wrote

	// LeastPrivilege has Git say which requests are pushes. With Undo only that is
	// taken back.
	LeastPrivilege bool
}

// A Plan is what is to be done.
type Plan struct {
	Changes []Change

	// InEffect says that there are no changes because Git has all settings from
	// somewhere else than the file that it writes. Origin is the file with the last
	// of them, or empty where that is given by the environment or with -c.
	InEffect bool
	Origin   string

	// Instead is the file that the changes are for, if not the one that Git writes:
	// that one, Unwritable, cannot be written.
	Instead, Unwritable *File
}

// A Reader makes plans from Git's configuration, and carries them out.
type Reader struct {
	Config *git.Cache
	Files  []File // see Files
}

// Plan returns the plan for what a person wants. It tries whether the files can be
// written; if that is only a trial, no folder that it makes for it stays. The error
// is a *PipeError or an *UnwritableError if no plan is possible.
func (r *Reader) Plan(ctx context.Context, want Want, trial bool) (Plan, error) {
	if err := r.refusePipes(); err != nil {
		return Plan{}, err
	}
	return want.plan(r.sources(ctx, trial))
}

// IsIncomplete reports whether setup would change anything for a host.
func (r *Reader) IsIncomplete(ctx context.Context, host string) bool {
	if r.refusePipes() != nil {
		return false
	}
	p, err := Want{Hosts: []string{host}}.missing(r.sources(ctx, true))
	return err == nil && len(p.Changes) > 0
}

// Run runs Git with each of the commands, after before is told of it.
func (r *Reader) Run(ctx context.Context, commands [][]string, before func(args []string) error) error {
	for _, args := range commands {
		if err := before(args); err != nil {
			return err
		}
		*r.Config = git.Cache{}
		if _, err := git.Run(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// Lines returns the lines of a file of Git's in which all that is wanted stands,
// and nothing else. Git writes them into a new file in a folder.
func (w Want) Lines(ctx context.Context, folder string) (string, error) {
	file := File{Path: filepath.Join(folder, "config")}
	commands, err := Commands(w.changes(file, nil))
	if err != nil {
		return "", err
	}
	for _, args := range commands {
		if _, err := git.Run(ctx, args...); err != nil {
			return "", err
		}
	}
	lines, err := os.ReadFile(file.Path)
	return string(lines), err
}

func (r *Reader) sources(ctx context.Context, trial bool) sources {
	return sources{
		files:    r.Files,
		read:     func(f File) (git.Config, error) { return r.Config.File(ctx, "", f.options()...) },
		own:      func() (git.Config, error) { return r.Config.Own(ctx) },
		writable: func(f File) (bool, error) { return f.writable(ctx, trial) },
	}
}

// refusePipes makes sure that no file is a pipe: Git would wait for it, and we for
// Git.
func (r *Reader) refusePipes() error {
	for _, file := range r.Files {
		if info, err := os.Stat(file.Path); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
			return &PipeError{file}
		}
	}
	return nil
}

// A PipeError says that a file of the person's configuration is a pipe.
type PipeError struct{ File File }

func (e *PipeError) Error() string { return e.File.Path + " is a pipe, and not a file" }

// An UnwritableError says that none of the files can be written.
type UnwritableError struct{ Files []File }

func (e *UnwritableError) Error() string { return "Git's configuration cannot be written" }

// An OthersError says that a command would have a value in it that others wrote and
// that may hold a password. Other programs could read it while the command runs.
type OthersError struct{ Change Change }

func (e *OthersError) Error() string {
	return "to change " + e.Change.Key + ", what others wrote there would be written again"
}
