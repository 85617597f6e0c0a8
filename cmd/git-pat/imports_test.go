package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Every package linked in costs each command the time of its start, also if
// nothing of it is called. Git itself is asked about repositories.
func TestImports(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go to list the packages:", err)
	}
	list := exec.Command("go", "list", "-deps", ".")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	if len(packages) < 100 {
		t.Fatalf("only %d packages are linked", len(packages))
	}
	for _, path := range packages {
		if strings.HasSuffix(path, "/store/gogit") || strings.HasPrefix(path, "github.com/go-git/") {
			t.Errorf("%s is linked: a Git library, for other programs; it costs 2 ms", path)
		}
	}
}
