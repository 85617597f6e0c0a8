// Package homefile finds, reads and rewrites the files that other programs keep
// in a person's home folder. Reading never waits: a pipe or a device is an error.
package homefile

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// maxSize is larger than any file that git pat reads: files with credentials
// and files with certificates.
const maxSize = 4 << 20 // bytes

// An Error says why a path does not name a file that can be read.
type Error struct{ Path, Fault string }

// What can be wrong with a path.
const (
	IsFolder   = "is a folder, not a file"
	IsDevice   = "is a pipe or a device, not a file"
	IsTooLarge = "is larger than 4 MiB"
)

func (e *Error) Error() string { return e.Path + " " + e.Fault }

// Read reads a file that another program wrote. A folder, a pipe, a device or a
// file of more than 4 MiB is an *Error.
func Read(path string) (string, fs.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", nil, err
	case info.IsDir():
		return "", nil, &Error{path, IsFolder}
	case !info.Mode().IsRegular():
		return "", nil, &Error{path, IsDevice}
	}
	f, err := os.Open(path)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err == nil && len(data) > maxSize {
		err = &Error{path, IsTooLarge}
	}
	return string(data), info, err
}

// A LockedError says that another program is writing a file, or was killed
// while it did.
type LockedError struct{ Path, Lock string }

func (e *LockedError) Error() string { return e.Path + " is locked by " + e.Lock }

// Rewrite changes a file atomically, under the lock that Git's own programs use
// for it. A symbolic link stays, and its target changes. If the file stays locked
// for a second, the error is a *LockedError.
func Rewrite(path string, change func(data string) string) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	lock := target + ".lock"
	create := func() (*os.File, error) { return os.OpenFile(lock, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) }
	f, err := create()
	for wait := time.Millisecond; errors.Is(err, fs.ErrExist) && wait < time.Second; wait *= 2 {
		time.Sleep(wait)
		f, err = create()
	}
	if errors.Is(err, fs.ErrExist) {
		return &LockedError{path, lock}
	}
	if err != nil {
		return err
	}
	data, info, err := Read(target)
	if err == nil {
		_, err = f.WriteString(change(data))
		err = errors.Join(err, f.Chmod(info.Mode().Perm()), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(lock, target)
	}
	if err != nil {
		os.Remove(lock)
	}
	return err
}

// Readable reports whether a path can be read, as Git checks it. A pipe or a
// device is not opened and counts as readable.
func Readable(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return err == nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// Home returns the person's home folder, as Git finds it.
func Home() string { return git.Home(os.LookupEnv) }

// configHome returns the folder in which programs keep a person's configuration.
func configHome() string {
	return cmp.Or(os.Getenv("XDG_CONFIG_HOME"), filepath.Join(Home(), ".config"))
}

// GH returns the path of the file with the accounts of gh, GitHub's command line.
func GH() string {
	dir := os.Getenv("GH_CONFIG_DIR")
	switch data := os.Getenv("AppData"); {
	case dir != "":
	case os.Getenv("XDG_CONFIG_HOME") == "" && runtime.GOOS == "windows" && data != "":
		dir = filepath.Join(data, "GitHub CLI")
	default:
		dir = filepath.Join(configHome(), "gh")
	}
	return filepath.Join(dir, "hosts.yml")
}

// GLab returns the paths of the file with the accounts of glab, GitLab's command
// line, which reads the first that exists. It omits the folders for all people.
func GLab() []string {
	if dir := os.Getenv("GLAB_CONFIG_DIR"); dir != "" {
		return []string{filepath.Join(dir, "config.yml")}
	}
	return slices.Compact([]string{
		filepath.Join(Home(), ".config", "glab-cli", "config.yml"),
		filepath.Join(baseConfigHome(), "glab-cli", "config.yml"),
	})
}

// Tea returns the paths of the file with the accounts of tea, Gitea's command line,
// which reads the first that exists.
func Tea() []string {
	return []string{filepath.Join(baseConfigHome(), "tea", "config.yml"), filepath.Join(Home(), ".tea", "tea.yml")}
}

// baseConfigHome returns the folder of configHome for programs that use the package
// github.com/adrg/xdg.
func baseConfigHome() string {
	if os.Getenv("XDG_CONFIG_HOME") == "" {
		switch data := os.Getenv("LocalAppData"); {
		case runtime.GOOS == "darwin":
			return filepath.Join(Home(), "Library", "Application Support")
		case runtime.GOOS == "windows" && data != "":
			return data
		}
	}
	return configHome()
}

// GitCredentials returns the paths of the files of git-credential-store(1).
func GitCredentials() []string {
	return []string{filepath.Join(Home(), ".git-credentials"), filepath.Join(configHome(), "git", "credentials")}
}

// Netrc returns the paths of the netrc files that most programs read.
func Netrc() []string {
	if path := os.Getenv("NETRC"); path != "" {
		return []string{path}
	}
	return GitNetrc()
}

// GitNetrc returns the paths of the netrc files that Git reads. Git lets curl
// read them, which ignores NETRC.
func GitNetrc() []string {
	paths := []string{filepath.Join(Home(), ".netrc")}
	if runtime.GOOS == "windows" {
		paths = append(paths, filepath.Join(Home(), "_netrc"))
	}
	return paths
}
