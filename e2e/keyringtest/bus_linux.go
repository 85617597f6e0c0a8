package keyringtest

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	// startLimit is generous: it is reached only when something is broken, and
	// machines that run tests may be busy.
	startLimit = 20 * time.Second

	// maxSocketPath is the room in sockaddr_un, unix(7), less its final zero.
	maxSocketPath = 107
)

// A Bus is a private D-Bus message bus without any service on it. It activates
// nothing: a name that nobody on the bus owns stays unowned.
type Bus struct {
	// Address is the bus as D-Bus clients write it. It outlives Close, and is
	// then the address of a bus that is gone.
	Address string

	folder string // of the socket, and of whatever else should go with the bus
	daemon *process
}

// StartBus starts a bus, which keeps its files in a new folder inside dir, or
// in one inside /tmp where the name of dir is too long for a socket. If
// dbus-daemon is not installed the error is [exec.ErrNotFound].
func StartBus(dir string) (*Bus, error) {
	folder, err := socketFolder(dir)
	if err != nil {
		return nil, err
	}
	b := &Bus{folder: folder}
	if err := b.start(); err != nil {
		b.Close()
		return nil, fmt.Errorf("dbus-daemon: %w", err)
	}
	return b, nil
}

// socketFolder makes a folder in which every socket of this package has a name
// short enough.
func socketFolder(dir string) (string, error) {
	// A relative address would mean something else in a child's folder.
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp(dir, "bus")
	if err != nil {
		return "", err
	}
	if len(filepath.Join(folder, keyringSocket)) <= maxSocketPath {
		return folder, nil
	}
	if err := os.Remove(folder); err != nil {
		return "", err
	}
	// Not os.TempDir, which may be what made dir too long.
	return os.MkdirTemp("/tmp", "keyringtest")
}

func (b *Bus) start() error {
	config := filepath.Join(b.folder, "bus.conf")
	if err := os.WriteFile(config, busConfig(filepath.Join(b.folder, "bus")), 0o600); err != nil {
		return err
	}
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command("dbus-daemon", "--nofork", "--nopidfile", "--print-address", "--config-file="+config)
	cmd.Env = childEnv()
	cmd.Stdout = in
	b.daemon, err = startProcess(cmd)
	in.Close()
	if err != nil {
		return err
	}
	// The daemon prints its address once it listens.
	if err := out.SetReadDeadline(time.Now().Add(startLimit)); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("no address: %v: %s", err, b.daemon.kill())
	}
	b.Address = strings.TrimSpace(line)
	return nil
}

// busConfig is the least configuration under which a user's own processes may
// talk to each other, dbus-daemon(1). It names no service folders.
func busConfig(socket string) []byte {
	var listen bytes.Buffer
	// Writing to a buffer does not fail.
	_ = xml.EscapeText(&listen, []byte("unix:path="+dbus.EscapeBusAddressValue(socket)))
	return fmt.Appendf(nil, `<busconfig>
  <listen>%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
`, listen.Bytes())
}

// Env returns the variables that lead a program to the bus, and to no display:
// a keyring that wants to ask somebody finds nobody to ask.
func (b *Bus) Env() []string {
	return []string{
		"DBUS_SESSION_BUS_ADDRESS=" + b.Address,
		"DISPLAY=",
		"WAYLAND_DISPLAY=",
	}
}

// Close ends the bus and removes its files. It may be called more than once.
func (b *Bus) Close() {
	if b.daemon != nil {
		b.daemon.kill()
	}
	// A folder left behind is no reason to fail the test that used it.
	_ = os.RemoveAll(b.folder)
}

// childEnv is all of our environment that the daemons get. The rest may name
// the buses, keyrings and folders of the person who runs the tests.
func childEnv(more ...string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}, more...)
}

// A process is a child that does not outlive us, even when we are killed.
type process struct {
	cmd    *exec.Cmd
	done   chan struct{} // closed once the child has been waited for
	stderr bytes.Buffer  // to be read only when done is closed
}

// startProcess starts cmd, whose standard error it takes.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	cmd.Stderr = &p.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		// An interrupt at the terminal is for the test, which then ends us.
		Setpgid: true,
	}
	// Wait must return although something else still holds standard error.
	cmd.WaitDelay = time.Second
	started := make(chan error, 1)
	go func() {
		// The kernel takes the end of the thread that started the child for the
		// end of the parent, so this thread has to stay as long as the child.
		// https://go.dev/issue/27505
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			// A daemon that is killed has no exit status worth reading.
			_ = cmd.Wait()
		}
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// kill ends the process if it still runs, waits for it, and returns what it
// wrote to standard error.
func (p *process) kill() string {
	// The one failure is that it ended already.
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err.Error()
	}
	<-p.done
	return strings.TrimSpace(p.stderr.String())
}
