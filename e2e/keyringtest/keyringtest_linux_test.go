package keyringtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

const (
	// childVariable, if set, makes the test binary run as a child; its value
	// says what the child does.
	childVariable = "KEYRINGTEST_CHILD"

	// patient is the time limit for operations that should end; the machine may
	// be busy.
	patient = 60 * time.Second

	// impatient is the time limit for operations that should not end.
	impatient = 1500 * time.Millisecond
)

// go-keyring has one provider and one bus connection for each process, so each
// state needs its own process.
func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case "":
		os.Exit(m.Run())
	case "keyring":
		os.Exit(keyringChild(os.Args[1:], os.Stdout))
	case "services":
		os.Exit(servicesChild(os.Args[1], os.Stdout))
	}
	os.Exit(2)
}

// An outcome is the result of a call of go-keyring. It is zero for a Set or
// Delete that succeeded.
type outcome struct {
	Secret   string
	Err      string
	ErrName  string // the name of a dbus.Error
	NotFound bool   // the error is keyring.ErrNotFound
	Panic    string // a panic in the goroutine of the call; others end the child
	Hangs    bool   // the call did not return within the limit
}

// keyringChild performs the operations args[2:] for the user args[1], with the
// time limit args[0] for each, and writes the outcomes as JSON.
func keyringChild(args []string, out io.Writer) int {
	limit, err := time.ParseDuration(args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	var outcomes []outcome
	for _, operation := range args[2:] {
		done := make(chan outcome, 1)
		go func() { done <- perform(operation, args[1]) }()
		select {
		case o := <-done:
			outcomes = append(outcomes, o)
		case <-time.After(limit):
			outcomes = append(outcomes, outcome{Hangs: true})
		}
	}
	if err := json.NewEncoder(out).Encode(outcomes); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	return 0
}

func perform(operation, user string) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			o.Panic = fmt.Sprint(p)
		}
	}()
	const service = "keyringtest"
	var err error
	switch verb, secret, _ := strings.Cut(operation, "="); verb {
	case "set":
		err = keyring.Set(service, user, secret)
	case "get":
		o.Secret, err = keyring.Get(service, user)
	case "delete":
		err = keyring.Delete(service, user)
	default:
		err = fmt.Errorf("no operation %q", operation)
	}
	if err != nil {
		o.Err = err.Error()
		o.NotFound = errors.Is(err, keyring.ErrNotFound)
		var d dbus.Error
		if errors.As(err, &d) {
			o.ErrName = d.Name
		}
	}
	return o
}

// child returns a command that runs the test binary as a child.
func child(name string, env []string, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(),
		childVariable+"="+name,
		// With -race, each child would sleep for a second before it exits.
		"GORACE="+os.Getenv("GORACE")+" atexit_sleep_ms=0",
	)
	cmd.Env = append(cmd.Env, env...)
	return cmd, nil
}

// performIn performs the operations in a child with the environment env.
func performIn(env []string, limit time.Duration, user string, operations ...string) ([]outcome, error) {
	cmd, err := child("keyring", env, append([]string{limit.String(), user}, operations...)...)
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%v\n%s", err, &stderr)
	}
	var outcomes []outcome
	if err := json.Unmarshal(out, &outcomes); err != nil {
		return nil, err
	}
	if len(outcomes) != len(operations) {
		return nil, fmt.Errorf("%d outcomes of %d operations", len(outcomes), len(operations))
	}
	return outcomes, nil
}

func check(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// services lists the two services that work. They must behave alike.
var services = []struct {
	name  string
	start func(t *testing.T) (env []string)
}{
	{"gnome-keyring", func(t *testing.T) []string { return UseGnomeKeyring(t).Env() }},
	{string(Works), func(t *testing.T) []string { return UseFake(t, Works).Env() }},
}

func TestWorks(t *testing.T) {
	notFound := outcome{Err: keyring.ErrNotFound.Error(), NotFound: true}
	steps := []struct {
		user, operation string
		want            outcome
	}{
		{"a", "get", notFound},
		{"a", "delete", notFound},
		{"a", "set=one", outcome{}},
		{"b", "set= two\n", outcome{}},
		{"a", "get", outcome{Secret: "one"}},
		{"b", "get", outcome{Secret: " two\n"}},
		{"a", "set=three", outcome{}}, // replaces
		{"a", "get", outcome{Secret: "three"}},
		{"a", "delete", outcome{}},
		{"a", "get", notFound},
		{"b", "get", outcome{Secret: " two\n"}},
		{"b", "set=", outcome{}},
		{"b", "get", outcome{}},
	}
	for _, service := range services {
		t.Run(service.name, func(t *testing.T) {
			t.Parallel()
			env := service.start(t)
			for i, step := range steps {
				got, err := performIn(env, patient, step.user, step.operation)
				if err != nil {
					t.Fatal(err)
				}
				if got[0] != step.want {
					t.Errorf("step %d: %s of %s: got %+v, want %+v", i, step.operation, step.user, got[0], step.want)
				}
			}
		})
	}
}

func TestParallelProcesses(t *testing.T) {
	for _, service := range services {
		t.Run(service.name, func(t *testing.T) {
			env := service.start(t)
			var wg sync.WaitGroup
			for i := range 20 {
				wg.Go(func() {
					user := strconv.Itoa(i)
					got, err := performIn(env, patient, user, "set=secret "+user, "get", "delete", "get")
					if err != nil {
						t.Error(err)
						return
					}
					want := []outcome{{}, {Secret: "secret " + user}, {}, {Err: keyring.ErrNotFound.Error(), NotFound: true}}
					for i := range want {
						if got[i] != want[i] {
							t.Errorf("user %s, step %d: got %+v, want %+v", user, i, got[i], want[i])
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

// TestStates checks what go-keyring returns for every state of a Secret
// Service.
func TestStates(t *testing.T) {
	fake := func(behaviour Behaviour) func(t *testing.T) []string {
		return func(t *testing.T) []string { return UseFake(t, behaviour).Env() }
	}
	failed := func(text string) outcome { return outcome{Err: text} }
	hangs := outcome{Hangs: true}

	tests := []struct {
		name  string
		start func(t *testing.T) (env []string)
		want  outcome // the same for set, get and delete
	}{
		{"no address", func(t *testing.T) []string {
			// go-keyring would use this bus, which belongs to the system.
			for _, name := range []string{"bus", "dbus-session"} {
				found := filepath.Join("/run/user", strconv.Itoa(os.Getuid()), name)
				if _, err := os.Stat(found); !errors.Is(err, os.ErrNotExist) {
					t.Skipf("there is %s", found)
				}
			}
			return []string{"DBUS_SESSION_BUS_ADDRESS=", "PATH="}
		}, failed(`exec: "dbus-launch": executable file not found in $PATH`)},

		{"no bus", func(t *testing.T) []string {
			return []string{"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus"}
		}, failed("dial unix /nonexistent/bus: connect: no such file or directory")},

		{"no-provider", fake(NoProvider), outcome{
			Err:     "The name org.freedesktop.secrets was not provided by any .service files",
			ErrName: "org.freedesktop.DBus.Error.ServiceUnknown",
		}},

		{"no-collection", fake(NoCollection),
			failed("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'")},

		{"no-collection, gnome-keyring", func(t *testing.T) []string {
			g, err := launchGnomeKeyring(t.TempDir())
			check(t, err)
			t.Cleanup(g.Close)
			return g.Env()
		}, failed("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'")},

		{"dismissed", fake(Dismissed),
			failed("failed to unlock correct collection '/org/freedesktop/secrets/collection/login'")},

		{"locked, gnome-keyring", func(t *testing.T) []string {
			g := UseGnomeKeyring(t)
			if err := g.Lock(); err != nil {
				t.Fatal(err)
			}
			return g.Env()
		}, failed("failed to unlock correct collection '/org/freedesktop/secrets/collection/login'")},

		{"never-prompts", fake(NeverPrompts), hangs},
		{"silent", fake(Silent), hangs},

		{"wrong-types", fake(WrongTypes), outcome{
			Panic: "interface conversion: interface {} is string, not []dbus.ObjectPath"}},
		{"empty-completed", fake(EmptyCompleted), outcome{
			Panic: "runtime error: index out of range [0] with length 0"}},
		{"bus-dies", fake(BusDies), outcome{
			Panic: "runtime error: invalid memory address or nil pointer dereference"}},
	}
	for _, test := range tests {
		for _, operation := range []string{"set=secret", "get", "delete"} {
			verb, _, _ := strings.Cut(operation, "=")
			t.Run(test.name+"/"+verb, func(t *testing.T) {
				t.Parallel()
				env := test.start(t)
				limit := patient
				if test.want.Hangs {
					limit = impatient
				}
				got, err := performIn(env, limit, "user", operation)
				if err != nil {
					t.Fatal(err)
				}
				if got[0] != test.want {
					t.Errorf("got %+v, want %+v", got[0], test.want)
				}
			})
		}
	}
}

func TestFakeCounts(t *testing.T) {
	f := UseFake(t, Works)
	if f.Calls() != 0 || f.Len() != 0 {
		t.Errorf("got %d calls and %d items before the first call", f.Calls(), f.Len())
	}
	if _, err := performIn(f.Env(), patient, "user", "set=one", "set=two", "get"); err != nil {
		t.Fatal(err)
	}
	for member, want := range map[string]int{
		"CreateItem":  2,
		"OpenSession": 3,
		"Close":       3,
		"GetSecret":   1,
		"Delete":      0,
	} {
		if got := f.Calls(member); got != want {
			t.Errorf("%s: got %d calls, want %d", member, got, want)
		}
	}
	if got := f.Calls("CreateItem", "GetSecret"); got != 3 {
		t.Errorf("CreateItem and GetSecret: got %d calls, want 3", got)
	}
	if got := f.Len(); got != 1 {
		t.Errorf("got %d items, want 1", got)
	}
}

func TestSilentCounts(t *testing.T) {
	f := UseFake(t, Silent)
	if _, err := performIn(f.Env(), impatient, "user", "get"); err != nil {
		t.Fatal(err)
	}
	if f.Calls() != 1 || f.Calls("Get") != 1 {
		t.Errorf("got %d calls, %d of them Get; want 1 and 1", f.Calls(), f.Calls("Get"))
	}
}

// A service is closed while a program waits for its reply.
func TestCloseWhileCalled(t *testing.T) {
	for _, behaviour := range []Behaviour{Silent, NeverPrompts, BusDies} {
		t.Run(string(behaviour), func(t *testing.T) {
			f := UseFake(t, behaviour)
			ended := make(chan error, 1)
			go func() {
				_, err := performIn(f.Env(), patient, "user", "get")
				ended <- err
			}()
			for deadline := time.Now().Add(patient); f.Calls() == 0; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("not called")
				}
			}
			f.Close()
			f.Close()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// The services also work if the name of the folder is too long for a socket.
func TestLongFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30), "and <&> %odd")
	g, err := StartGnomeKeyring(dir)
	check(t, err)
	defer g.Close()
	got, err := performIn(g.Env(), patient, "user", "set=secret", "get")
	if err != nil {
		t.Fatal(err)
	}
	if want := (outcome{Secret: "secret"}); got[1] != want {
		t.Errorf("got %+v, want %+v", got[1], want)
	}
	g.Close()
	if _, err := os.Stat(g.bus.folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Close: %s: got %v, want none", g.bus.folder, err)
	}
}

func TestOddFolder(t *testing.T) {
	// t.TempDir is too long here.
	dir, err := os.MkdirTemp("/tmp", "a <&\"> %é,;=")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	b, err := StartBus(dir)
	check(t, err)
	defer b.Close()
	if !strings.HasPrefix(b.folder, dir) {
		t.Errorf("the bus is in %s, want it in %s", b.folder, dir)
	}
	conn, err := dbus.Connect(b.Address)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

func TestNotInstalled(t *testing.T) {
	t.Run("dbus-daemon", func(t *testing.T) {
		t.Setenv("PATH", "")
		dir := t.TempDir()
		_, busErr := StartBus(dir)
		_, fakeErr := StartFake(dir, Works)
		_, gnomeErr := StartGnomeKeyring(dir)
		for _, err := range []error{busErr, fakeErr, gnomeErr} {
			if !errors.Is(err, exec.ErrNotFound) {
				t.Errorf("got %v, want exec.ErrNotFound", err)
			}
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
	t.Run("gnome-keyring-daemon", func(t *testing.T) {
		daemon, err := exec.LookPath("dbus-daemon")
		check(t, err)
		bin := t.TempDir()
		if err := os.Symlink(daemon, filepath.Join(bin, "dbus-daemon")); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", bin)
		if _, err := StartGnomeKeyring(t.TempDir()); !errors.Is(err, exec.ErrNotFound) {
			t.Errorf("got %v, want exec.ErrNotFound", err)
		}
	})
}

func TestUnknownBehaviour(t *testing.T) {
	if f, err := StartFake(t.TempDir(), "moody"); err == nil {
		f.Close()
		t.Error("got no error")
	}
}

// servicesChild starts the services, prints a line, and waits to be killed.
func servicesChild(dir string, out io.Writer) int {
	_, err := StartFake(dir, Works)
	if err == nil {
		_, err = StartGnomeKeyring(dir)
	}
	switch {
	case errors.Is(err, exec.ErrNotFound):
		fmt.Fprintln(out, "not installed")
		return 0
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintln(out, "ready")
	time.Sleep(patient)
	return 1
}

func TestNothingOutlivesTheTest(t *testing.T) {
	dir := t.TempDir()
	cmd, err := child("services", nil, dir)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said string
	_, err = fmt.Fscanln(out, &said)
	before := mentions(t, dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	// The error only says that the child was killed.
	_ = cmd.Wait()
	switch {
	case err != nil && said == "not":
		t.Skip("not installed")
	case err != nil:
		t.Fatal(err)
	}
	// These are the child, two buses and the keyring.
	if len(before) != 4 {
		t.Errorf("before: got %q, want 4 processes", before)
	}
	for deadline := time.Now().Add(patient); ; time.Sleep(5 * time.Millisecond) {
		after := mentions(t, dir)
		if len(after) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("left behind: %q", after)
		}
	}
}

// mentions returns the command lines that mention dir.
func mentions(t *testing.T, dir string) (lines []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		// The process may have ended.
		if line, err := os.ReadFile(file); err == nil && bytes.Contains(line, []byte(dir)) {
			lines = append(lines, string(line))
		}
	}
	return lines
}

// A keyring ends when its bus ends. This matters if the program has
// capabilities: the kernel then does not send it the signal for the end of its
// parent, prctl(2).
func TestKeyringEndsWithItsBus(t *testing.T) {
	g := UseGnomeKeyring(t)
	g.bus.Close()
	select {
	case <-g.daemon.done:
	case <-time.After(patient):
		t.Error("still runs")
	}
}
