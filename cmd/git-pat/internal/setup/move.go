package setup

import (
	"context"
	"slices"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// MoveAfter returns the commands that move the line that includes our file to the end
// of its file, so that it comes after another setting. There are none if Git reads
// that setting later all the same.
func (r *Reader) MoveAfter(ctx context.Context, other git.Setting) [][]string {
	from, err := r.sources(ctx, true)
	path, inFile := other.File()
	ofRepository := other.Scope == "local" || other.Scope == "worktree" || other.Scope == "" && !git.IsAbs(path)
	if err != nil || !inFile || ofRepository {
		return nil
	}
	for i, file := range r.Files {
		has, err := from.read(file)
		switch {
		case err != nil || !slices.Contains(values(has, includePath), r.Own):
		case i > 0 && path == r.Files[0].Path:
			return nil // which Git reads after the other one
		default:
			return append([][]string{file.Config("--unset-all", includePath, git.Exactly(r.Own))}, atEnd(file, r.Own)...)
		}
	}
	return nil
}

// OldRules returns the commands that remove lines of insteadOf as older versions of
// git pat remote wrote them. A person may have written them as well.
func (r *Reader) OldRules(ctx context.Context) [][]string {
	var commands [][]string
	for _, file := range r.Files {
		has, err := r.Config.File(ctx, "", file.options()...)
		if err != nil {
			continue
		}
		for _, s := range has.Under("url", "insteadof") {
			remote, err := credential.ParseRemote(s.Value + "owner/repository")
			if err == nil && remote.Protocol == "ssh" && s.Section() == "https://"+remote.Host+"/" {
				commands = append(commands, file.Config("--unset", "url."+s.Section()+".insteadOf", git.Exactly(s.Value)))
			}
		}
	}
	return commands
}
