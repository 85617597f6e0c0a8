package store

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// shell returns the shell of Git for Windows, and the folder that PATH lacks for
// its programs. Where Git is only used from cmd and PowerShell, its shell is not in
// PATH, but Git knows where it is installed itself.
func shell(ctx context.Context) (path, folder string) {
	if path, err := LookPath("sh"); err == nil {
		return path, ""
	}
	git, err := LookPath("git")
	if err != nil {
		return "sh", ""
	}
	out, _ := exec.CommandContext(ctx, git, "--exec-path").Output()
	// Such as C:/Program Files/Git/mingw64/libexec/git-core.
	programs := filepath.FromSlash(strings.TrimSpace(string(out)))
	for _, bin := range []string{`..\..\..\usr\bin`, `..\..\..\bin`} {
		folder := filepath.Join(programs, bin)
		if path, err := exec.LookPath(filepath.Join(folder, "sh")); err == nil && filepath.IsAbs(path) {
			return path, folder
		}
	}
	return "sh", ""
}

func rootDir() string { return os.Getenv("SystemDrive") + `\` }

// withFolder returns an environment with one more folder at the end of PATH.
func withFolder(environ []string, folder string) []string {
	for i, variable := range environ {
		if name, _, _ := strings.Cut(variable, "="); folder != "" && strings.EqualFold(name, "PATH") {
			environ[i] += string(filepath.ListSeparator) + folder
		}
	}
	return environ
}
