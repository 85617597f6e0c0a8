package shell

import (
	"strings"
	"testing"
)

func TestCommands(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		got, want string
	}{
		{POSIX.Word("a"), "a"},
		{POSIX.Word("it's"), `'it'\''s'`},
		{Windows.Word(`C:\a`), `C:\a`},
		{Windows.Word(`C:\a b`), `"C:\a b"`},
		{Windows.Word(""), `""`},
		{Windows.Word("a&b"), `"a&b"`},
		{Windows.Word("^store$"), `"^store$"`},
		{POSIX.Word("https://h/$(calc)"), `'https://h/$(calc)'`},
		{POSIX.Set("A", "b c"), "export A='b c'"},
		{Windows.Set("A", "b c"), `setx A "b c"`},
		{POSIX.Unset("A"), "unset A"},
		{POSIX.AddToPath("/a b"), "PATH=$PATH:'/a b'"},
		{POSIX.Remove("/a b"), "rm '/a b'"},
		{Windows.Remove(`C:\a b`), `del "C:\a b"`},
		{POSIX.Feed("git pat add acme", "a b"), "git pat add acme <'a b'"},
		{Windows.Feed("git pat add acme", "a b"), `type "a b" | git pat add acme`},
	} {
		if test.got != test.want {
			t.Errorf("got %s, want %s", test.got, test.want)
		}
	}
	// No quotes protect these in both shells of Windows.
	for _, text := range []string{"https://h/$(calc)", `a"; calc; "`, "$env:USERPROFILE", "a$$", "`calc`", "%PATH%", "a”; calc; “", "a„b"} {
		for _, test := range []struct{ got, want string }{
			{Windows.Word(text), "VALUE"},
			{Windows.Set("A", text), environmentWindow},
			{Windows.Remove(text), "del FILE"},
			{Windows.Feed("git pat add acme", text), "type FILE | git pat add acme"},
		} {
			if test.got != test.want {
				t.Errorf("%s: got %s, want %s", text, test.got, test.want)
			}
		}
	}
	// No syntax of a shell of POSIX is in what is shown for the others.
	for _, command := range []string{Windows.Unset("A"), Windows.AddToPath(`C:\a`), Windows.Set("A", "it's"), Windows.Remove("a'b")} {
		if strings.Contains(command, "'\\''") || strings.Contains(command, "$") || strings.HasPrefix(command, "export ") {
			t.Errorf("got %s", command)
		}
	}
}
