package main

import "testing"

func TestIsAtLeast(t *testing.T) {
	for _, test := range []struct {
		version string
		want    []int
		is      bool
	}{
		{"2.39.5", []int{2, 9}, true},
		{"2.9", []int{2, 9}, true},
		{"2.9.0", []int{2, 9}, true},
		{"2.8.6", []int{2, 9}, false},
		{"1.10", []int{2, 9}, false},
		{"3.0", []int{2, 9}, true},
		{"2.10.1 (Apple Git-78)", []int{2, 9}, true},
		{"2.8 (Apple Git-99)", []int{2, 9}, false},
		{"2.47.1.windows.1", []int{2, 47, 1}, true},
		{"2.47.rc1", []int{2, 47, 1}, false},
		{"3.7.1", []int{3, 7, 2}, false},
		{"3.7.2", []int{3, 7, 2}, true},
		{"4.0.0-pre", []int{3, 7, 2}, true},
		{"3.10.0-pre", []int{3, 7, 2}, true},
		{"3", []int{3, 7}, false},
		{"", []int{2, 9}, false},
		{"unknown", []int{2, 9}, false},
	} {
		if got := isAtLeast(test.version, test.want...); got != test.is {
			t.Errorf("%q, %v: got %v, want %v", test.version, test.want, got, test.is)
		}
	}
}

func TestNetrcEntry(t *testing.T) {
	for _, test := range []struct {
		name, text, want string // nothing: there is none
	}{
		{"empty", "", ""},
		{"one line", "machine github.com login alice password x\n", "github.com"},
		{"lines", "machine\n\tgithub.com\nlogin alice\npassword x", "github.com"},
		{"upper case", "machine GitHub.COM login alice password x\n", "github.com"},
		{"quoted", "machine \"github.com\" login alice\n", "github.com"},
		{"another", "machine gist.github.com login alice password x\n", ""},
		{"a longer one", "machine github.com.example login alice password x\n", ""},
		{"after another", "machine a login b password c\nmachine github.com login alice\n", "github.com"},
		{"as a value", "machine a login machine password github.com\nmachine b login default password machine\n", ""},
		{"all", "machine a login b password c\ndefault login alice password x\n", "all hosts"},
		{"a comment", "# machine github.com\n", ""},
		{"a macro", "macdef init\nmachine github.com\ndefault\n\n", ""},
		{"after a macro", "macdef init\ncd /\n\nmachine github.com login alice\n", "github.com"},
		{"cut short", "machine", ""},
	} {
		got, ok := netrcEntry(test.text, "github.com")
		if got != test.want || ok != (test.want != "") {
			t.Errorf("%s: got %q and %v, want %q", test.name, got, ok, test.want)
		}
	}
}
