// Package homefile finds and reads the files that other programs keep in a
// person's home folder. Reading never waits: a pipe or a device is an error.
package homefile

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// maxSize is larger than any file that git pat reads: files with credentials
// and files with certificates.
const maxSize = 4 << 20 // bytes

// An Error says why a path does not name a file that can be read.
type Error struct {
	Path  string
	Fault Fault
}

// A Fault is what is wrong with a path.
type Fault int

// What can be wrong with a path.
const (
	IsFolder Fault = iota + 1
	IsDevice       // or a pipe
	IsTooLarge
)

func (e *Error) Error() string {
	switch e.Fault {
	case IsFolder:
		return e.Path + " is a folder, not a file"
	case IsDevice:
		return e.Path + " is a pipe or a device, not a file"
	}
	return e.Path + " is larger than 4 MiB"
}

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

// Home returns the person's home folder. HOME comes first, as for Git.
func Home() string {
	if dir := os.Getenv("HOME"); dir != "" {
		return dir
	}
	dir, _ := os.UserHomeDir()
	return dir
}

// ConfigHome returns the folder in which programs keep a person's configuration.
func ConfigHome() string {
	if dir := os.Getenv("XDG_CONFIG_HOME"); dir != "" {
		return dir
	}
	return filepath.Join(Home(), ".config")
}

// GitCredentials returns the paths of the files of git-credential-store(1).
func GitCredentials() []string {
	return []string{filepath.Join(Home(), ".git-credentials"), filepath.Join(ConfigHome(), "git", "credentials")}
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
