package git

import (
	"os"
	"runtime"
	"strings"
)

// Home returns the home folder of the person, as Git finds it, or "" if there is
// none: HOME, and on Windows also HOMEDRIVE and HOMEPATH together if that is a
// folder and not one of the system, and then USERPROFILE. Only Git itself and its
// shell set HOME there. Variables of the environment come from lookup.
func Home(lookup func(name string) (string, bool)) string {
	return home(lookup, runtime.GOOS == "windows", func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && info.IsDir()
	})
}

func home(lookup func(name string) (string, bool), windows bool, isFolder func(path string) bool) string {
	value := func(name string) string {
		text, _ := lookup(name)
		return text
	}
	dir, set := lookup("HOME")
	if set || !windows {
		return dir
	}
	drive, path := value("HOMEDRIVE"), value("HOMEPATH")
	isSystem := strings.Contains(strings.ToLower(path), `\system32`) // of services
	if drive != "" && path != "" && !isSystem && isFolder(drive+path) {
		return drive + path
	}
	return value("USERPROFILE")
}
