package importer

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// maxFile is larger than any file that git pat reads: files with log-ins, and
// files with certificates.
const maxFile = 4 << 20 // bytes

// A FileError says that a path does not lead to a file that can be read here.
type FileError struct {
	Path  string
	Fault FileFault
}

// A FileFault is what is wrong with a path.
type FileFault int

// What can be wrong with a path.
const (
	IsFolder FileFault = iota + 1
	IsDevice           // or a pipe
	IsTooLarge
)

func (e *FileError) Error() string {
	switch e.Fault {
	case IsFolder:
		return e.Path + " is a folder, and not a file"
	case IsDevice:
		return e.Path + " is a pipe or a device, and not a file"
	}
	return e.Path + " is larger than any such file"
}

// ReadFile reads a file that another program made. It never waits: a folder, a
// pipe or a device is a *FileError, and so is a file of more than 4 MiB.
func ReadFile(path string) (string, fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return "", nil, err
	case info.IsDir():
		return "", nil, &FileError{path, IsFolder}
	case !info.Mode().IsRegular():
		return "", nil, &FileError{path, IsDevice}
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = &FileError{path, IsTooLarge}
	}
	return string(data), info, err
}

// Readable reports whether a file can be opened for reading. Git finds out in
// the same way whether a file is there.
func Readable(path string) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// Home returns the person's home folder. HOME counts first, as for Git.
func Home() string {
	if dir := os.Getenv("HOME"); dir != "" {
		return dir
	}
	dir, _ := os.UserHomeDir()
	return dir
}

// configHome returns the folder in which programs keep the person's
// configuration.
func configHome() string {
	if dir := os.Getenv("XDG_CONFIG_HOME"); dir != "" {
		return dir
	}
	return filepath.Join(Home(), ".config")
}

// CredentialFiles returns the files of git-credential-store(1).
func CredentialFiles() []string {
	return []string{filepath.Join(Home(), ".git-credentials"), filepath.Join(configHome(), "git", "credentials")}
}

// NetrcFiles returns the files in which most programs look for log-ins.
func NetrcFiles() []string {
	if path := os.Getenv("NETRC"); path != "" {
		return []string{path}
	}
	return GitNetrcFiles()
}

// GitNetrcFiles returns the files in which Git looks for log-ins. Git leaves
// this to curl, which ignores NETRC here.
func GitNetrcFiles() []string {
	paths := []string{filepath.Join(Home(), ".netrc")}
	if runtime.GOOS == "windows" {
		paths = append(paths, filepath.Join(Home(), "_netrc"))
	}
	return paths
}
