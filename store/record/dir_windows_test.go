package record

import (
	"os"
	"path/filepath"
	"testing"
)

// A folder with a drive is absolute only with a path after it: "D:x" depends on the
// current folder of the drive, and "\x" on the current drive.
func TestDirWithDrive(t *testing.T) {
	root := t.TempDir()
	drive := filepath.VolumeName(root)
	t.Setenv("LocalAppData", root)
	for dir, ok := range map[string]bool{
		root: true, filepath.ToSlash(root): true, root + `\a b\git-pat`: true,
		drive + "x": false, `\x`: false, "/d/x": false, "NUL": false, drive + "NUL": false,
	} {
		t.Setenv("GIT_PAT_DIR", dir)
		if got, err := Dir(); ok != (err == nil) || ok && got != dir {
			t.Errorf("%s: got %q and %v", dir, got, err)
		}
	}
	os.Unsetenv("GIT_PAT_DIR")
	if got, err := Dir(); got != filepath.Join(root, "git-pat") || err != nil {
		t.Errorf("no variable: got %q and %v", got, err)
	}
}
