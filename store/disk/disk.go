// Package disk reads and writes small private files.
//
// Files are written atomically: after a crash or on a full disk the old content
// remains. Files that another user could have replaced, or could have read where
// that matters, are rejected with a [FileError].
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
)

const (
	Temporary = ".tmp-"   // the prefix of a file that is being written
	stale     = time.Hour // the age at which such a file is a leftover of a crash
	MaxFile   = 64 << 10  // bytes; a record has about 300, a secret may have 64 KiB
)

// A FileError says what is wrong with a file or folder and what to do.
type FileError struct {
	Path   string
	Reason string // follows the path in a sentence, such as "is a symbolic link"
	Advice string // a command or a sentence; may be empty

	// Mode is the permissions that the file should have. It is 0 unless the
	// permissions are the problem.
	Mode fs.FileMode

	// Newer is true for a record that a newer version of this program wrote.
	// Such a record must not be changed.
	Newer bool

	// Err is the error of the system, or nil.
	Err error
}

func (e *FileError) Error() string { return fmt.Sprintf("%s %s", e.Path, e.Reason) }

func (e *FileError) Unwrap() error { return e.Err }

const (
	AdviceFolder = "use a folder of your own, or set GIT_PAT_DIR to another folder"
	AdviceAgain  = "move it away, then add the token again"
)

// Unwritable returns the error for a file that cannot be written. It names the
// file, where err may name a temporary file. It returns nil, a *FileError and an
// error that wraps fs.ErrExist unchanged.
func Unwritable(path string, err error) error { return unchangeable(path, "written", err) }

func unchangeable(path, what string, err error) error {
	var file *FileError
	if err == nil || errors.Is(err, fs.ErrExist) || errors.As(err, &file) {
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

// WriteWhole writes a file atomically, with the permissions 0600: after a crash
// or on a full disk the old content remains. It creates missing folders. If
// fresh is true, an existing file stays as it is, and the error wraps
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
			err = retry(func() (err error) {
				temp, err = os.CreateTemp(dir, Temporary+"*") // 0600, and O_EXCL
				return err
			})
		}
		if err == nil {
			break
		}
		// Another program may have removed the folder while it was empty.
		if try == 20 || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	defer remove(temp.Name())
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
		// Unlike a rename, a link does not replace a file.
		switch err := retry(func() error { return os.Link(temp.Name(), path) }); {
		case err == nil:
			return syncDir(dir)
		case errors.Is(err, fs.ErrExist):
			return err
		}
		// Some file systems have no links. There the check is not atomic.
		if _, err := os.Lstat(path); err == nil {
			return fs.ErrExist
		}
	}
	if err := retry(func() error { return os.Rename(temp.Name(), path) }); err != nil {
		return err
	}
	return syncDir(dir)
}

// MakeDirs creates a folder and its missing parents, with the permissions 0700; on
// Windows, only this user, the system and the administrators have access. It
// creates nothing in a folder of another user, such as the home of the person
// who ran sudo; the error is a *FileError then.
func MakeDirs(dir string) error {
	if err := CheckOwner(dir); err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	err := mkdir(dir)
	if errors.Is(err, fs.ErrNotExist) && parent != dir {
		if err := MakeDirs(parent); err != nil {
			return err
		}
		err = mkdir(dir)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncDir(parent)
}

// CheckOwner returns a *FileError if a folder, or the folder in which it would be
// created, belongs to another user, or if this user has no access to it.
func CheckOwner(dir string) error {
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		switch {
		case errors.Is(err, fs.ErrPermission):
			return &FileError{Path: dir, Reason: "cannot be read: permission denied", Advice: writeAdvice(dir, err), Err: err}
		case err == nil && !IsOurs(info):
			return &FileError{Path: at, Reason: "belongs to another user", Advice: ownerAdvice()}
		case err == nil || at == filepath.Dir(at):
			return nil // another error shows when the folder is used
		}
	}
}

// sweep removes the leftovers in a folder.
func sweep(dir string) {
	entries, _ := ReadDir(dir)
	for _, entry := range entries {
		if isLeftover(entry) {
			os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
}

// IsTemporary reports whether a file of this name is being written or is a
// leftover.
func IsTemporary(name string) bool { return strings.HasPrefix(name, Temporary) }

// isLeftover reports whether a program was killed while it wrote the file. A
// younger temporary file may belong to a program that still runs.
func isLeftover(entry fs.DirEntry) bool {
	if !entry.Type().IsRegular() || !IsTemporary(entry.Name()) {
		return false
	}
	info, err := entry.Info()
	return err == nil && time.Since(info.ModTime()) > stale
}

// Leftovers returns the paths of the files below a folder that programs left
// when they were killed. WriteWhole removes only those in the folder that it
// writes to.
func Leftovers(dir string) (paths []string) {
	filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && isLeftover(entry) {
			paths = append(paths, path)
		}
		return nil
	})
	return paths
}

// ReadWhole reads a regular file of at most MaxFile bytes. The error is a
// *FileError for any other file, for a symbolic link and for a file of another
// user; and, if private is true, for a file that other users may access.
// Otherwise it is the error of the system, such as fs.ErrNotExist.
func ReadWhole(path string, private bool) ([]byte, error) {
	var f *os.File
	err := retry(func() (err error) {
		f, err = open(path)
		return err
	})
	if err != nil {
		if info, lerr := os.Lstat(path); lerr == nil && info.Mode()&fs.ModeSymlink != 0 {
			return nil, &FileError{Path: path, Reason: "is a symbolic link", Advice: AdviceAgain}
		}
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeSymlink != 0: // only on Windows, elsewhere it is not opened
		return nil, &FileError{Path: path, Reason: "is a symbolic link", Advice: AdviceAgain}
	case !info.Mode().IsRegular():
		return nil, &FileError{Path: path, Reason: "is not a regular file", Advice: AdviceAgain}
	case !IsOurs(info):
		return nil, &FileError{Path: path, Reason: "belongs to another user", Advice: AdviceAgain}
	case private && OthersMay(info.Mode(), 0o077):
		return nil, &FileError{Path: path, Reason: "is accessible to other users", Advice: CloseAdvice(path, "600"), Mode: 0o600}
	case info.Size() > MaxFile:
		return nil, &FileError{Path: path, Reason: "is too large", Advice: AdviceAgain}
	}
	return io.ReadAll(io.LimitReader(f, MaxFile))
}

// List returns the sorted names in a folder. If there is no such folder, there
// are no names and no error.
func List(dir string) ([]string, error) {
	entries, err := ReadDir(dir)
	if err != nil {
		return nil, SkipMissing(err)
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, nil
}

// RemoveUp removes a file, and then its parent folders as long as they are empty
// and below top. A missing file is not an error.
func RemoveUp(path, top string) error {
	if err := RemoveFile(path); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := syncDir(dir); SkipMissing(err) != nil {
		return err
	}
	for ; len(dir) > len(top); dir = filepath.Dir(dir) {
		if err := remove(dir); SkipMissing(err) != nil {
			break // not empty
		}
	}
	return nil
}

// RemoveFile removes a file. A missing file is not an error, even on a read-only
// file system. The error is a *FileError.
func RemoveFile(path string) error {
	err := remove(path)
	if err == nil {
		return nil
	}
	if _, missing := os.Lstat(path); errors.Is(missing, fs.ErrNotExist) {
		return nil
	}
	return unchangeable(path, "removed", err)
}

// Touch sets the time of a file and creates it if it is missing.
func Touch(path string, at time.Time) error {
	return retry(func() error {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|NoFollow, 0o600)
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
		return os.Chtimes(path, at, at)
	})
}

// CheckPrivate checks that a folder belongs to this user and that other users
// may not access it. A missing folder is not an error.
func CheckPrivate(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return SkipMissing(err)
	case info.Mode()&fs.ModeSymlink != 0:
		return &FileError{Path: dir, Reason: "is a symbolic link", Advice: AdviceFolder}
	}
	return checkFolder(dir, info, 0o077, &FileError{Reason: "is accessible to other users", Advice: CloseAdvice(dir, "700"), Mode: 0o700})
}

// CheckOurs checks that a folder, which may be a symbolic link, belongs to this
// user and that other users may not change what is in it. A missing folder is not
// an error.
func CheckOurs(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return SkipMissing(err)
	}
	return checkFolder(dir, info, 0o022, &FileError{Reason: "can be changed by other users", Advice: CloseAdvice(dir, "go-w"), Mode: info.Mode().Perm() &^ 0o022})
}

// checkFolder returns open if other users have one of the permissions in mask.
func checkFolder(dir string, info fs.FileInfo, mask fs.FileMode, open *FileError) error {
	switch {
	case !info.IsDir():
		return &FileError{Path: dir, Reason: "is not a folder", Advice: AdviceFolder}
	case !IsOurs(info):
		return &FileError{Path: dir, Reason: "belongs to another user", Advice: AdviceFolder}
	}
	others, err := othersMay(dir, info, mask)
	switch {
	case err != nil:
		return &FileError{Path: dir, Reason: "does not say who may access it: " + err.Error(), Advice: AdviceFolder, Err: err}
	case others:
		open.Path = dir
		return open
	}
	return nil
}

// SkipMissing returns nil for an error that wraps fs.ErrNotExist, and other
// errors unchanged.
func SkipMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
