// Package disk reads and writes small files that are a person's own.
//
// A file is written whole: a program that is killed, or finds the disk full,
// leaves the old content or the new. What somebody else could have put in its
// place, or could have read where that matters, is refused with a [FileError].
package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

const (
	Temporary = ".tmp-"   // begins the name of a file that is being written
	stale     = time.Hour // after which such a file was left behind
	MaxFile   = 64 << 10  // bytes; a record has some 300, a secret may have 64 KiB
)

// A FileError names a file or folder that is not as it must be, and the way
// out.
type FileError struct {
	Path   string
	Reason string // completes the sentence, as in "is accessible to other users"
	Advice string // a command, or nothing

	// Mode is the permissions with which the file would be as it must be; 0
	// where something else is the matter.
	Mode fs.FileMode

	// Newer is set for a record of a format that only a newer version knows. It
	// is not to be touched.
	Newer bool

	// Err is what the system said, where it could not do what it was asked to.
	Err error
}

func (e *FileError) Error() string { return fmt.Sprintf("%s %s", e.Path, e.Reason) }

func (e *FileError) Unwrap() error { return e.Err }

const (
	AdviceFolder = "use a folder of your own, or set GIT_PAT_DIR to another folder"
	AdviceAgain  = "move it away, then add the token again"
)

// Unwritable is the error for a file that could not be written, which names it
// in place of the temporary one.
func Unwritable(path string, err error) error { return unchangeable(path, "written", err) }

func unchangeable(path, what string, err error) error {
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	at, text := path, err.Error()
	var onPath *fs.PathError
	var onLink *os.LinkError
	switch {
	case errors.As(err, &onPath):
		at, text = onPath.Path, onPath.Err.Error()
	case errors.As(err, &onLink):
		text = onLink.Err.Error()
	}
	return &FileError{Path: path, Reason: "cannot be " + what + ": " + text, Advice: writeAdvice(filepath.Dir(at), err), Err: err}
}

// WriteWhole puts data in place of what a file holds, in one step: whoever is
// killed, or finds the disk full, leaves what was there. The folder is made if
// need be. If fresh, a file that is there already stays and the error is
// fs.ErrExist.
func WriteWhole(path string, data []byte, fresh bool) error {
	return Unwritable(path, writeFile(path, data, fresh))
}

func writeFile(path string, data []byte, fresh bool) error {
	dir := filepath.Dir(path)
	var temp *os.File
	for try := 0; ; try++ {
		err := MakeDirs(dir)
		if err == nil {
			temp, err = os.CreateTemp(dir, Temporary+"*") // 0600, and O_EXCL
		}
		if err == nil {
			break
		}
		// Somebody may have removed the folder, which was empty.
		if try == 20 || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	defer os.Remove(temp.Name())
	defer temp.Close()
	sweep(dir)
	if _, err := temp.Write(data); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if fresh {
		// A link, unlike a rename, does not replace.
		switch err := os.Link(temp.Name(), path); {
		case err == nil:
			return syncDir(dir)
		case errors.Is(err, fs.ErrExist):
			return err
		}
		// Some file systems have no links. A look first is the best there.
		if _, err := os.Lstat(path); err == nil {
			return fs.ErrExist
		}
	}
	if err := rename(temp.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// MakeDirs makes a folder that is only ours and those above it. Nothing is made
// in a folder of somebody else, such as the home of the person who ran sudo.
func MakeDirs(dir string) error {
	above := filepath.Dir(dir)
	s, err := Stat(above)
	if errors.Is(err, fs.ErrNotExist) && above != dir {
		if err := MakeDirs(above); err != nil {
			return err
		}
		s, err = Stat(above)
	}
	if err == nil && !s.Ours {
		if _, err := Lstat(dir); errors.Is(err, fs.ErrNotExist) {
			return &FileError{Path: above, Reason: "belongs to another user", Advice: AdviceFolder}
		}
	}
	err = os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncDir(above)
}

// sweep removes what a killed writer left in a folder. A young file may be
// another writer's.
func sweep(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if IsLeftover(entry) {
			os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
}

func IsTemporary(name string) bool { return strings.HasPrefix(name, Temporary) }

func IsLeftover(entry fs.DirEntry) bool {
	if !IsTemporary(entry.Name()) {
		return false
	}
	info, err := entry.Info()
	return err == nil && time.Since(info.ModTime()) > stale
}

// A Status is what the system tells of a file, as far as it matters here.
type Status struct {
	Mode fs.FileMode // its type and permissions
	Size int64       // bytes
	Ours bool        // it belongs to the person who runs us, or to root
}

// ReadWhole reads a small regular file. A symbolic link is refused, and if
// private, a file that others could have read as well.
func ReadWhole(path string, private bool) ([]byte, error) {
	data, err := readFile(path, func(s Status) error {
		switch {
		case !s.Mode.IsRegular():
			return &FileError{Path: path, Reason: "is not a regular file", Advice: AdviceAgain}
		case !s.Ours:
			return &FileError{Path: path, Reason: "belongs to another user", Advice: AdviceAgain}
		case private && OthersMay(s.Mode, 0o077):
			return &FileError{Path: path, Reason: "is accessible to other users", Advice: "chmod 600 " + credential.ShellWord(path), Mode: 0o600}
		case s.Size > MaxFile:
			return &FileError{Path: path, Reason: "is too large", Advice: AdviceAgain}
		}
		return nil
	})
	if err != nil {
		if s, lerr := Lstat(path); lerr == nil && s.Mode&fs.ModeSymlink != 0 {
			return nil, &FileError{Path: path, Reason: "is a symbolic link", Advice: AdviceAgain}
		}
	}
	return data, err
}

// readFile returns what a file holds, up to MaxFile bytes, if check accepts what
// kind of file it is.
func readFile(path string, check func(Status) error) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|NoFollow, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s, err := StatusOf(f.Stat())
	if err == nil {
		err = check(s)
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, MaxFile))
}

// List returns the sorted names in a folder. There are none in one that is not
// there.
func List(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, SkipMissing(err)
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, nil
}

// RemoveUp removes a file and then the folders above it that became empty, up
// to but without top. A file that is not there is no error.
func RemoveUp(path, top string) error {
	if err := RemoveFile(path); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := syncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for ; len(dir) > len(top); dir = filepath.Dir(dir) {
		if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			break // not empty
		}
	}
	return nil
}

// RemoveFile removes a file. One that is not there is no error, although a file
// system that is read-only calls it one.
func RemoveFile(path string) error {
	err := os.Remove(path)
	if err == nil {
		return nil
	}
	if _, missing := os.Lstat(path); errors.Is(missing, fs.ErrNotExist) {
		return nil
	}
	return unchangeable(path, "removed", err)
}

// CheckPrivate makes sure that a folder, if it is there, is only ours.
func CheckPrivate(dir string) error {
	s, err := Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case s.Mode&fs.ModeSymlink != 0:
		return &FileError{Path: dir, Reason: "is a symbolic link", Advice: AdviceFolder}
	case !s.Mode.IsDir():
		return &FileError{Path: dir, Reason: "is not a folder", Advice: AdviceFolder}
	case !s.Ours:
		return &FileError{Path: dir, Reason: "belongs to another user", Advice: AdviceFolder}
	case OthersMay(s.Mode, 0o077):
		return &FileError{Path: dir, Reason: "is accessible to other users", Advice: "chmod 700 " + credential.ShellWord(dir), Mode: 0o700}
	}
	return nil
}

// SkipMissing is the error of a walk without those for what is not there, or
// not any more.
func SkipMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
