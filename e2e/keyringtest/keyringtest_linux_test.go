package keyringtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// childVariable, if set, makes the test binary start services and wait.
const childVariable = "KEYRINGTEST_CHILD"

// patient is the time limit for what should happen; the machine may be busy.
const patient = 60 * time.Second

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(startServices())
	}
	os.Exit(m.Run())
}

// startServices prints the folders of two services, and waits to be killed.
func startServices() int {
	fake, err := StartFake(Works)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	keyring, err := StartGnomeKeyring()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(fake.folder, keyring.folder)
	time.Sleep(patient)
	return 1
}

func TestNothingOutlivesTheTest(t *testing.T) {
	UseGnomeKeyring(t) // skips if it is not installed
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childVariable+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var fake, keyring string
	_, err = fmt.Fscanln(out, &fake, &keyring)
	before := mentions(t, fake, keyring)
	cmd.Process.Kill()
	cmd.Wait()
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(fake)
	defer os.RemoveAll(keyring)
	if len(before) != 3 {
		t.Errorf("before: got %q, want two buses and a keyring", before)
	}
	deadline := time.Now().Add(patient)
	for len(mentions(t, fake, keyring)) > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("left behind: %q", mentions(t, fake, keyring))
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// mentions returns the command lines that mention one of the folders.
func mentions(t *testing.T, folders ...string) (lines []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		line, _ := os.ReadFile(file) // the process may have ended
		for _, folder := range folders {
			if strings.Contains(string(line), folder+"/") {
				lines = append(lines, string(line))
			}
		}
	}
	return lines
}

// A keyring ends when its bus ends. This matters if the program has
// capabilities: the kernel then does not send it the signal for the end of its
// parent, prctl(2).
func TestKeyringEndsWithItsBus(t *testing.T) {
	g := UseGnomeKeyring(t)
	g.Bus.Close()
	select {
	case <-g.daemon.done:
	case <-time.After(patient):
		t.Error("still runs")
	}
}

// Callers skip tests by this error.
func TestNotInstalled(t *testing.T) {
	t.Setenv("PATH", "")
	_, busErr := startBus()
	_, fakeErr := StartFake(Works)
	_, gnomeErr := StartGnomeKeyring()
	for _, err := range []error{busErr, fakeErr, gnomeErr} {
		if !errors.Is(err, exec.ErrNotFound) {
			t.Errorf("got %v, want exec.ErrNotFound", err)
		}
	}
}
