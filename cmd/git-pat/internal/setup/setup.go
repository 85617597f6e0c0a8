// Package setup plans and makes the changes to Git's configuration that make Git
// ask git-credential-pat for the credentials of some hosts, and takes them back.
//
// # What it promises
//
// Our settings are in a file of our own, which is always written whole. The
// person's own configuration gets only include.path of that file, and useHttpPath
// for each host: programs that hand on requests from a container, where our file
// is missing, need the path.
//
// A [Plan] changes nothing. Other people's settings stay as they are and in their
// order. Undoing removes what setup wrote, also what older versions wrote, and no
// more. There is no change if Git has all settings from somewhere else already.
//
// No command has a value in it that others wrote and that may hold a password. If
// one would, there is only an [OthersError].
package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// A Want is what a person wants of Git's configuration.
type Want struct {
	Hosts   []string // with Undo, none means all
	Helper  string   // the absolute path of git-credential-pat; empty keeps what is set
	Options string   // for the helper, as a shell reads them; empty keeps what is set
	Undo    bool     // take back what setup wrote

	// LeastPrivilege makes Git say which requests are pushes. With Undo only that is
	// taken back.
	LeastPrivilege bool
}

// A Plan is what is to be done.
type Plan struct {
	Own     *OwnChange // to the file of our own; nil if there is none
	Changes []Change   // to the person's files

	// InEffect is true if there are no changes because Git has all settings from
	// somewhere else. Origin is that file, or empty for the environment.
	InEffect bool
	Origin   string

	// Instead is the file that the changes are for, if not the one that Git writes:
	// that one, Unwritable, cannot be written.
	Instead, Unwritable *File
}

// Empty reports whether there is nothing to do.
func (p Plan) Empty() bool { return p.Own == nil && len(p.Changes) == 0 }

// An OwnChange replaces the file of our own.
type OwnChange struct {
	Path string
	Old  string // what the file holds; empty if it is missing
	Text string // what it is to hold; empty to remove it
}

// OwnFile is the name of the file of our own in the folder of the records.
const OwnFile = "gitconfig"

// A Reader makes plans from Git's configuration, and carries them out.
type Reader struct {
	Config *git.Cache
	Files  []File // see Files
	Own    string // the path of the file of our own
}

// Plan returns the plan for what a person wants. It tries whether the files can be
// written; if that is only a trial, it leaves no folder behind. The error is a
// *PipeError or an *UnwritableError if no plan is possible.
func (r *Reader) Plan(ctx context.Context, want Want, trial bool) (Plan, error) {
	from, err := r.sources(ctx, trial)
	if err != nil {
		return Plan{}, err
	}
	return want.plan(from)
}

// IsIncomplete reports whether setup would change anything for a host.
func (r *Reader) IsIncomplete(ctx context.Context, host string) bool {
	from, err := r.sources(ctx, true)
	if err != nil {
		return false
	}
	from.writable = func(File) (bool, error) { return true, nil }
	p, err := Want{Hosts: []string{host}}.plan(from)
	return err == nil && !p.Empty()
}

// ErrChanged is the error if the file of our own is not the one that a plan was
// made from.
var ErrChanged = errors.New("another program changed the setup meanwhile")

// Write writes the file of our own, or removes it.
func (r *Reader) Write(ctx context.Context, c *OwnChange) error {
	*r.Config = git.Cache{}
	dir := filepath.Dir(c.Path)
	if err := disk.CheckOurs(dir); err != nil {
		return err
	}
	unlock, err := disk.Lock(ctx, filepath.Join(dir, "lock"), disk.LockLimit)
	if err != nil {
		return err
	}
	defer unlock()
	switch now, err := readOwn(c.Path); {
	case err != nil:
		return err
	case now != c.Old:
		return ErrChanged
	case c.Text == "":
		return disk.RemoveFile(c.Path)
	}
	return disk.WriteWhole(c.Path, []byte(c.Text), false)
}

// A Show is told what is done, before Git runs a command and after our file is
// written. Its error ends the work.
type Show struct {
	Own     func(c *OwnChange) error
	Command func(args []string) error
}

// Apply makes the changes of a plan, or only shows them. Our file is written before
// it is included, and removed after that.
func (r *Reader) Apply(ctx context.Context, plan Plan, only bool, show Show) error {
	commands, err := Commands(plan.Changes)
	if err != nil {
		return err
	}
	own := func() error {
		if plan.Own == nil {
			return nil
		}
		if !only {
			if err := r.Write(ctx, plan.Own); err != nil {
				return err
			}
		}
		return show.Own(plan.Own)
	}
	run := func() error {
		if !only {
			return r.Run(ctx, commands, show.Command)
		}
		for _, args := range commands {
			if err := show.Command(args); err != nil {
				return err
			}
		}
		return nil
	}
	if plan.Own != nil && plan.Own.Text == "" {
		own, run = run, own
	}
	if err := own(); err != nil {
		return err
	}
	return run()
}

func readOwn(path string) (string, error) {
	text, err := disk.ReadWhole(path, false)
	return string(text), disk.SkipMissing(err)
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

// Lines returns the lines of a file of Git's that has all that is wanted.
func (r *Reader) Lines(ctx context.Context, want Want) (string, error) {
	entries, err := r.entries(ctx, want)
	return format(entries), err
}

// Variables returns the variables of the environment that tell Git all that is
// wanted, as NAME and value, git-config(1). They come after the first ones that are
// set already.
func (r *Reader) Variables(ctx context.Context, want Want, first int) ([][2]string, error) {
	entries, err := r.entries(ctx, want)
	variables := [][2]string{{"GIT_CONFIG_COUNT", strconv.Itoa(first + len(entries))}}
	for i, e := range entries {
		variables = append(variables,
			[2]string{fmt.Sprintf("GIT_CONFIG_KEY_%d", first+i), e.key()},
			[2]string{fmt.Sprintf("GIT_CONFIG_VALUE_%d", first+i), e.value})
	}
	return variables, err
}

func (r *Reader) entries(ctx context.Context, want Want) ([]entry, error) {
	all, err := r.Config.Own(ctx)
	var own contents
	for _, host := range WithAzure(want.Hosts) {
		own.set(hostSettings{host, helperValue(want.Helper, want.Options), want.LeastPrivilege})
	}
	return own.entries(all), err
}

func (r *Reader) sources(ctx context.Context, trial bool) (sources, error) {
	for _, file := range append([]File{{Path: r.Own}}, r.Files...) {
		// Git would wait for a pipe, and we for Git.
		if info, err := os.Stat(file.Path); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
			return sources{}, &PipeError{file}
		}
	}
	from := sources{
		files:    r.Files,
		read:     func(f File) (git.Config, error) { return r.Config.File(ctx, "", f.options()...) },
		all:      func() (git.Config, error) { return r.Config.Own(ctx) },
		writable: func(f File) (bool, error) { return f.writable(ctx, trial) },
		ownPath:  r.Own,
		home:     git.Home(os.LookupEnv),
	}
	var err error
	if from.ownText, err = readOwn(r.Own); err != nil || from.ownText == "" {
		return from, err
	}
	from.own, err = from.read(File{Path: r.Own})
	return from, err
}

// IsUnwritable reports whether an error says that a file or its folder cannot be
// written.
func IsUnwritable(err error) bool {
	var file *disk.FileError
	return errors.As(err, &file) && file.Err != nil
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
