package store

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
	temporary = ".tmp-"   // begins the name of a file that is being written
	stale     = time.Hour // after which such a file was left behind
	maxFile   = 64 << 10  // bytes; a record has some 300, a secret may have 64 KiB
)

// A FileError names a file or folder that is not as it must be, and the way
// out.
type FileError struct {
	Path   string
	Reason string // completes the sentence, as in "is open to others"
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
	adviceFolder = "have a folder of your own there, or name another one with GIT_PAT_DIR"
	adviceAgain  = "move it away and add the token again"
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

// writeWhole puts data in place of what a file holds, in one step: whoever is
// killed, or finds the disk full, leaves what was there. The folder is made if
// need be. If fresh, a file that is there already stays and the error is
// fs.ErrExist.
func writeWhole(path string, data []byte, fresh bool) error {
	return Unwritable(path, writeFile(path, data, fresh))
}

func writeFile(path string, data []byte, fresh bool) error {
	dir := filepath.Dir(path)
	var temp *os.File
	for try := 0; ; try++ {
		err := makeDirs(dir)
		if err == nil {
			temp, err = os.CreateTemp(dir, temporary+"*") // 0600, and O_EXCL
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

// makeDirs makes a folder that is only ours and those above it. Nothing is made
// in a folder of somebody else, such as the home of the person who ran sudo.
func makeDirs(dir string) error {
	above := filepath.Dir(dir)
	s, err := stat(above)
	if errors.Is(err, fs.ErrNotExist) && above != dir {
		if err := makeDirs(above); err != nil {
			return err
		}
		s, err = stat(above)
	}
	if err == nil && !s.ours {
		if _, err := lstat(dir); errors.Is(err, fs.ErrNotExist) {
			return &FileError{Path: above, Reason: "belongs to somebody else", Advice: adviceFolder}
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
		if isLeftover(entry) {
			os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
}

func isTemporary(name string) bool { return strings.HasPrefix(name, temporary) }

func isLeftover(entry fs.DirEntry) bool {
	if !isTemporary(entry.Name()) {
		return false
	}
	info, err := entry.Info()
	return err == nil && time.Since(info.ModTime()) > stale
}

// A status is what the system tells of a file, as far as it matters here.
type status struct {
	mode fs.FileMode // its type and permissions
	size int64       // bytes
	ours bool        // it belongs to the person who runs us, or to root
}

// readWhole reads a small regular file. A symbolic link is refused, and if
// private, a file that others could have read as well.
func readWhole(path string, private bool) ([]byte, error) {
	data, err := readFile(path, func(s status) error {
		switch {
		case !s.mode.IsRegular():
			return &FileError{Path: path, Reason: "is no regular file", Advice: adviceAgain}
		case !s.ours:
			return &FileError{Path: path, Reason: "belongs to somebody else", Advice: adviceAgain}
		case private && othersMay(s.mode, 0o077):
			return &FileError{Path: path, Reason: "is open to others", Advice: "chmod 600 " + credential.ShellWord(path), Mode: 0o600}
		case s.size > maxFile:
			return &FileError{Path: path, Reason: "is too large", Advice: adviceAgain}
		}
		return nil
	})
	if err != nil {
		if s, lerr := lstat(path); lerr == nil && s.mode&fs.ModeSymlink != 0 {
			return nil, &FileError{Path: path, Reason: "is a symbolic link", Advice: adviceAgain}
		}
	}
	return data, err
}

// readFile returns what a file holds, up to maxFile bytes, if check accepts what
// kind of file it is.
func readFile(path string, check func(status) error) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|noFollow, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s, err := statusOf(f.Stat())
	if err == nil {
		err = check(s)
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, maxFile))
}

// list returns the sorted names in a folder. There are none in one that is not
// there.
func list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, skipMissing(err)
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, nil
}

// removeUp removes a file and then the folders above it that became empty, up
// to but without top. A file that is not there is no error.
func removeUp(path, top string) error {
	if err := removeFile(path); err != nil {
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

// removeFile removes a file. One that is not there is no error, although a file
// system that is read-only calls it one.
func removeFile(path string) error {
	err := os.Remove(path)
	if err == nil {
		return nil
	}
	if _, missing := os.Lstat(path); errors.Is(missing, fs.ErrNotExist) {
		return nil
	}
	return unchangeable(path, "removed", err)
}
