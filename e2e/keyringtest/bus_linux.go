package keyringtest

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// startLimit is long because the machine may be busy. It is reached only if
// something is broken.
const startLimit = 20 * time.Second

// A Bus is a private D-Bus message bus without services. It does not start a
// service when a program asks for its name.
type Bus struct {
	address string
	folder  string // contains the socket; Close removes it
	daemon  *process
}

// busConfig is the smallest configuration, dbus-daemon(1), that lets the
// processes of one user talk to each other. It has no service folders.
const busConfig = `<busconfig>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
`

// startBus starts a bus. If dbus-daemon is not installed, the error wraps
// [exec.ErrNotFound].
func startBus() (*Bus, error) {
	// The folders of tests are too long for a socket, unix(7).
	folder, err := os.MkdirTemp("/tmp", "keyringtest")
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

func (b *Bus) start() error {
	config := filepath.Join(b.folder, "bus.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, filepath.Join(b.folder, "bus")), 0o600); err != nil {
		return err
	}
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command("dbus-daemon", "--nofork", "--nopidfile", "--print-address", "--config-file="+config)
	cmd.Stdout = in
	b.daemon, err = startProcess(cmd, nil)
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
	b.address = strings.TrimSpace(line)
	return nil
}

// Env returns the environment variables with which a program uses the bus. They
// clear the display, so a keyring cannot show a prompt.
func (b *Bus) Env() []string {
	return []string{
		"DBUS_SESSION_BUS_ADDRESS=" + b.address,
		"DISPLAY=",
		"WAYLAND_DISPLAY=",
	}
}

// Close ends the bus and removes its files. It may be called more than once.
func (b *Bus) Close() {
	if b.daemon != nil {
		b.daemon.kill()
	}
	os.RemoveAll(b.folder)
}

// A process is a child that ends with this process, even if this process is
// killed.
type process struct {
	cmd    *exec.Cmd
	done   chan struct{} // closed when the child has ended
	stderr bytes.Buffer  // may be read only after done is closed
}

// startProcess starts cmd with an environment that does not include most of our
// own variables, because they may name the buses, keyrings and folders of the
// person who runs the tests.
func startProcess(cmd *exec.Cmd, env []string) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}, env...)
	cmd.Stderr = &p.stderr
	// Ctrl-C at the terminal must reach only the test; the test then ends the
	// child.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
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
			cmd.Wait()
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
	p.cmd.Process.Kill()
	<-p.done
	return strings.TrimSpace(p.stderr.String())
}
