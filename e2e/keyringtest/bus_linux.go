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
	// startLimit is long because the machine may be busy. It is reached only if
	// something is broken.
	startLimit = 20 * time.Second

	// maxSocketPath is the size of sun_path in sockaddr_un, unix(7), in bytes,
	// without the final zero.
	maxSocketPath = 107
)

// A Bus is a private D-Bus message bus without services. It does not start a
// service when a program asks for its name.
type Bus struct {
	// Address is the D-Bus address of the bus. It does not change after Close,
	// but then no bus is there.
	Address string

	folder string // contains the socket; Close removes it
	daemon *process
}

// StartBus starts a bus. Its files are in a new folder inside dir, or inside
// /tmp if the name of dir is too long for a socket. If dbus-daemon is not
// installed, the error is [exec.ErrNotFound].
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

// socketFolder creates a folder whose name is short enough for every socket of
// this package.
func socketFolder(dir string) (string, error) {
	// A child may have another working folder, so a relative path does not
	// work.
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
	// os.TempDir may be the reason why dir is too long.
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
	// The daemon prints its address when it is ready.
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

// busConfig returns the smallest configuration, dbus-daemon(1), that lets the
// processes of one user talk to each other. It has no service folders.
func busConfig(socket string) []byte {
	var listen bytes.Buffer
	// Writing to a buffer never fails.
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

// Env returns the environment variables with which a program uses the bus. They
// clear the display, so a keyring cannot show a prompt.
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
	// A test should not fail because its folder could not be removed.
	_ = os.RemoveAll(b.folder)
}

// childEnv returns the environment of the daemons. It does not include most of
// our own variables, because they may name the buses, keyrings and folders of
// the person who runs the tests.
func childEnv(more ...string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}, more...)
}

// A process is a child that ends with this process, even if this process is
// killed.
type process struct {
	cmd    *exec.Cmd
	done   chan struct{} // closed when the child has ended
	stderr bytes.Buffer  // may be read only after done is closed
}

// startProcess starts cmd and collects its standard error.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	cmd.Stderr = &p.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		// Ctrl-C at the terminal must reach only the test; the test then ends
		// the child.
		Setpgid: true,
	}
	// Wait must return even if another process has standard error open.
	cmd.WaitDelay = time.Second
	started := make(chan error, 1)
	go func() {
		// For the kernel, the parent ends when the thread that started the
		// child ends. So this thread must live as long as the child.
		// https://go.dev/issue/27505
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			// The exit status of a killed daemon says nothing.
			_ = cmd.Wait()
		}
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// kill kills the process, waits for it, and returns its standard error. The
// process may have ended before.
func (p *process) kill() string {
	// Kill fails only if the process has already ended.
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err.Error()
	}
	<-p.done
	return strings.TrimSpace(p.stderr.String())
}
