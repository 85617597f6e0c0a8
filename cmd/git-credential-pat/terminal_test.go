package main

import "testing"

// A desktop can unlock a keyring without a terminal, unless Git must not ask.
func TestInteractive(t *testing.T) {
	for _, test := range []struct {
		display, wayland, prompt string
		want                     bool
	}{
		{":0", "", "", true},
		{"", "wayland-0", "", true},
		{":0", "", "1", true},
		{":0", "wayland-0", "0", false},
	} {
		t.Setenv("DISPLAY", test.display)
		t.Setenv("WAYLAND_DISPLAY", test.wayland)
		t.Setenv("GIT_TERMINAL_PROMPT", test.prompt)
		if got := interactive(); got != test.want {
			t.Errorf("%+v: got %v", test, got)
		}
	}
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("GIT_TERMINAL_PROMPT", "0")
	if interactive() {
		t.Error("without a desktop: got true")
	}
}
