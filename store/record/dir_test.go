package record

import (
	"path/filepath"
	"runtime"
	"testing"
)

func TestDir(t *testing.T) {
	root := t.TempDir()
	in := func(elements ...string) string { return filepath.Join(append([]string{root}, elements...)...) }
	data := in("home", ".local", "share", "git-pat")
	xdg := in("data", "git-pat")
	switch runtime.GOOS {
	case "darwin":
		data = in("home", "Library", "Application Support", "git-pat")
		xdg = data
	case "windows":
		data, xdg = in("local", "git-pat"), in("local", "git-pat")
	}
	t.Setenv("LocalAppData", in("local"))
	for _, test := range []struct {
		name           string
		own, xdg, home string
		want           string // "" for an error
	}{
		{"our own", in("own"), in("data"), in("home"), in("own")},
		{"XDG", "", in("data"), in("home"), xdg},
		{"home", "", "", in("home"), data},
		{"our own may not depend on the current folder", "own", in("data"), in("home"), ""},
		{"nor be the current folder", ".", in("data"), in("home"), ""},
		{"a relative one of XDG is invalid", "", "data", in("home"), data},
	} {
		t.Setenv("GIT_PAT_DIR", test.own)
		t.Setenv("XDG_DATA_HOME", test.xdg)
		t.Setenv("HOME", test.home)
		got, err := Dir()
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: got %q and error %v, want %q", test.name, got, err, test.want)
		}
	}
	t.Setenv("GIT_PAT_DIR", "")
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("HOME", "")
	t.Setenv("LocalAppData", "")
	if got, err := Dir(); err == nil {
		t.Errorf("without any folder: got %q, want an error", got)
	}
	t.Setenv("HOME", "home")
	if got, err := Dir(); err == nil {
		t.Errorf("with a relative HOME: got %q, want an error", got)
	}
}
