package git

import "testing"

func TestHome(t *testing.T) {
	folders := map[string]bool{`H:\me`: true, `C:\WINDOWS\system32`: true}
	for _, test := range []struct {
		name    string
		environ map[string]string
		windows bool
		want    string
	}{
		{"HOME", map[string]string{"HOME": "/home/me"}, false, "/home/me"},
		{"none", map[string]string{"USERPROFILE": `C:\Users\me`, "HOMEDRIVE": "H:", "HOMEPATH": `\me`}, false, ""},
		{"HOME on Windows", map[string]string{"HOME": "C:/me", "USERPROFILE": `C:\Users\me`}, true, "C:/me"},
		{"a home on another drive", map[string]string{"USERPROFILE": `C:\Users\me`, "HOMEDRIVE": "H:", "HOMEPATH": `\me`}, true, `H:\me`},
		{"whose drive is not there", map[string]string{"USERPROFILE": `C:\Users\me`, "HOMEDRIVE": "G:", "HOMEPATH": `\me`}, true, `C:\Users\me`},
		{"a service", map[string]string{"USERPROFILE": `C:\Users\me`, "HOMEDRIVE": "C:", "HOMEPATH": `\WINDOWS\system32`}, true, `C:\Users\me`},
		{"a drive alone", map[string]string{"USERPROFILE": `C:\Users\me`, "HOMEDRIVE": "H:"}, true, `C:\Users\me`},
		{"nothing on Windows", nil, true, ""},
	} {
		lookup := func(name string) (string, bool) { value, ok := test.environ[name]; return value, ok }
		if got := home(lookup, test.windows, func(path string) bool { return folders[path] }); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
