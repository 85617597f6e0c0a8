//go:build unix

package remotes

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Of many hosts several are asked about at once, and as long as there is time.
func TestSSHHosts(t *testing.T) {
	dir := t.TempDir()
	ssh := func(script string) {
		if err := os.WriteFile(filepath.Join(dir, "ssh"), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	var urls []string
	for i := range 40 {
		urls = append(urls, fmt.Sprintf("git@alias-%d:acme/widgets.git", i), "https://github.com/acme/widgets.git", "../elsewhere")
	}
	log := filepath.Join(dir, "log")

	ssh(`echo "$3" >>` + log + `; echo "user git"; echo "hostname real-${3#alias-}"` + "\n")
	s := &SSH{spent: -time.Minute} // a busy machine is slow
	s.ask(t.Context(), urls)
	for i := range 40 {
		if got, want := s.host(t.Context(), fmt.Sprintf("alias-%d", i), urls[3*i]), fmt.Sprintf("real-%d", i); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if asked, err := os.ReadFile(log); err != nil || strings.Count(string(asked), "\n") != 40 {
		t.Errorf("asked about %q, %v, want each once", asked, err)
	}

	// One that hangs, as for Match exec, takes the time from those behind it.
	os.Remove(log)
	ssh(`echo "$3" >>` + log + "\nexec sleep 60\n")
	s = &SSH{spent: sshLimit - 500*time.Millisecond}
	s.ask(t.Context(), urls)
	for i := range 40 {
		if got, want := s.host(t.Context(), fmt.Sprintf("alias-%d", i), urls[3*i]), fmt.Sprintf("alias-%d", i); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if asked, _ := os.ReadFile(log); strings.Count(string(asked), "\n") > sshAtOnce {
		t.Errorf("asked about %q, want no more than %d", asked, sshAtOnce)
	}
	s.ask(t.Context(), []string{"git@another:acme/a"})
	if got := s.known["another"]; got != "another" {
		t.Errorf("with no time left: got %q", got)
	}
}
