package setup

import (
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// The sources of a plan.
type sources struct {
	files    []File // the one that Git writes comes first
	read     func(File) (git.Config, error)
	own      func() (git.Config, error) // all, but for that of a repository
	writable func(File) (bool, error)   // an error if that cannot be told
}

// plan has the changes made to the file that Git writes, or, if that cannot be
// written, to the other one.
func (w Want) plan(from sources) (Plan, error) {
	p, err := w.missing(from)
	if err != nil || w.Undo || len(p.Changes) == 0 {
		return p, err
	}
	for i, file := range from.files {
		ok, err := from.writable(file)
		switch {
		case err != nil:
			return Plan{}, err
		case !ok:
			continue
		case i == 0:
			return p, nil
		}
		has, err := from.read(file)
		if err != nil {
			return Plan{}, err
		}
		return Plan{Changes: w.changes(file, has), Instead: &file, Unwritable: &from.files[0]}, nil
	}
	return Plan{}, &UnwritableError{from.files}
}

// missing returns the plan for the file that Git writes, whether or not it can be
// written. Undoing is for all files.
func (w Want) missing(from sources) (Plan, error) {
	var p Plan
	for _, file := range from.files {
		has, err := from.read(file)
		if err != nil {
			return Plan{}, err
		}
		p.Changes = append(p.Changes, w.changes(file, has)...)
		if !w.Undo {
			break
		}
	}
	if w.Undo || len(p.Changes) == 0 {
		return p, nil
	}
	own, err := from.own()
	if err != nil {
		return Plan{}, err
	}
	if origin, ok := w.inEffect(own); ok {
		return Plan{InEffect: true, Origin: origin}, nil
	}
	return p, nil
}

// changes returns those to a file that has these settings.
func (w Want) changes(file File, has git.Config) []Change {
	var changes []Change
	for _, host := range w.Hosts {
		for _, s := range w.settings(host) {
			old := values(has, s.key)
			if w.Options == "" {
				s.keep(old)
			}
			want := old
			switch {
			case !w.Undo:
				want = s.with(old)
			case s.namesUs() || wrotePath(has, host):
				want = s.without(old)
			}
			if c := (Change{file, s.key, old, want}); len(c.Commands()) > 0 {
				changes = append(changes, c)
			}
		}
	}
	return changes
}

// inEffect reports whether these settings have all that is wanted, and the file
// with the last of it.
func (w Want) inEffect(own git.Config) (origin string, ok bool) {
	for _, host := range w.Hosts {
		for _, s := range w.settings(host) {
			old := values(own, s.key)
			if w.Options == "" {
				s.keep(old)
			}
			if !slices.Equal(s.with(old), old) {
				return "", false
			}
			for _, entry := range own {
				if !strings.EqualFold(entry.Key, s.key) {
					continue
				}
				origin = ""
				if file, ok := entry.File(); ok {
					origin = file
				}
			}
		}
	}
	return origin, true
}

// settings are those of a host that are to be written or taken back.
func (w Want) settings(host string) []setting {
	line := Helper
	if w.Options != "" {
		line += " " + w.Options
	}
	switch {
	case w.Undo && w.LeastPrivilege:
		return []setting{pushSetting(host)}
	case w.Undo || w.LeastPrivilege:
		return append(settings(host, line), pushSetting(host))
	}
	return settings(host, line)
}

// wrotePath reports whether setup wrote useHttpPath of a host into a file. Others
// write it too. It is ours if it comes after the line that names the helper: setup
// appends that one first, and adds no useHttpPath where it is there already.
func wrotePath(has git.Config, host string) bool {
	afterHelper, ours := false, false
	for _, entry := range has {
		switch section := "credential.https://" + host; {
		case entry.Key == section+".helper" && IsOurs(entry.Value):
			afterHelper = true
		case entry.Key == section+".usehttppath":
			ours = afterHelper
		}
	}
	return ours
}

// values returns those of a key.
func values(has git.Config, key string) []string {
	var list []string
	for _, entry := range has {
		if strings.EqualFold(entry.Key, key) {
			list = append(list, entry.Value)
		}
	}
	return list
}
