package setup

import (
	"path/filepath"
	"slices"
	"testing"
)

func TestFiles(t *testing.T) {
	home := filepath.FromSlash("/home")
	gitconfig, xdg := filepath.Join(home, ".gitconfig"), filepath.Join(home, ".config", "git", "config")
	elsewhere := filepath.Join(filepath.FromSlash("/x"), "git", "config")
	for _, test := range []struct {
		name     string
		environ  map[string]string
		readable []string
		want     []File
	}{
		{"neither is there", map[string]string{"HOME": home}, nil, []File{{gitconfig, true}, {xdg, false}}},
		{"both are there", map[string]string{"HOME": home}, []string{gitconfig, xdg}, []File{{gitconfig, true}, {xdg, false}}},
		{"one is there", map[string]string{"HOME": home}, []string{xdg}, []File{{xdg, true}, {gitconfig, false}}},
		{"a folder for configuration", map[string]string{"HOME": home, "XDG_CONFIG_HOME": filepath.FromSlash("/x")}, []string{elsewhere}, []File{{elsewhere, true}, {gitconfig, false}}},
		{"that is empty", map[string]string{"HOME": home, "XDG_CONFIG_HOME": ""}, nil, []File{{gitconfig, true}, {xdg, false}}},
		{"a file that is chosen", map[string]string{"HOME": home, "GIT_CONFIG_GLOBAL": "mine"}, []string{gitconfig}, []File{{"mine", true}}},
		{"none", map[string]string{"HOME": home, "GIT_CONFIG_GLOBAL": ""}, []string{gitconfig}, []File{{"", true}}},
		{"no home", map[string]string{"HOME": "", "XDG_CONFIG_HOME": filepath.FromSlash("/x")}, []string{elsewhere}, []File{{"", true}}},
	} {
		lookup := func(name string) (string, bool) { value, ok := test.environ[name]; return value, ok }
		got := Files(lookup, func(path string) bool { return slices.Contains(test.readable, path) })
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
