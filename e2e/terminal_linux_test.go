package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/rogpeppe/go-internal/testscript"
)

// [!] terminal [PROMPT=ANSWER]... -- PROGRAM ARG... runs a program as a person
// at a terminal does, who types each answer when its prompt has come, and no
// sooner: Git forgets what was typed before it asked. The answer ^C is the key
// that interrupts. All that the terminal showed is the standard output for the
// script.
func cmdTerminal(ts *testscript.TestScript, neg bool, args []string) {
	var prompts, answers []string
	for len(args) > 0 && args[0] != "--" {
		prompt, answer, ok := strings.Cut(args[0], "=")
		if !ok {
			ts.Fatalf("%q is not PROMPT=ANSWER", prompt)
		}
		prompts, answers = append(prompts, prompt), append(answers, answer)
		args = args[1:]
	}
	if len(args) < 2 {
		ts.Fatalf("usage: [!] terminal [PROMPT=ANSWER]... -- PROGRAM ARG...")
	}
	master, slave, err := openTerminal()
	ts.Check(err)
	defer master.Close()

	cmd := exec.Command("env", args[1:]...) // which looks the program up in the script's own PATH
	cmd.Dir = ts.MkAbs(".")
	for _, variable := range append(environment(""), worldOf(ts).server.Env()...) {
		name, _, _ := strings.Cut(variable, "=")
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err = cmd.Start()
	slave.Close()
	ts.Check(err)
	stuck := time.AfterFunc(30*time.Second, func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })

	var shown strings.Builder
	from := 0 // where what is shown since the last answer begins
	for buffer := make([]byte, 4096); ; {
		n, err := master.Read(buffer)
		shown.Write(buffer[:n])
		if len(prompts) > 0 && strings.Contains(shown.String()[from:], prompts[0]) {
			fmt.Fprintln(master, strings.ReplaceAll(answers[0], "^C", "\x03"))
			from, prompts, answers = shown.Len(), prompts[1:], answers[1:]
		}
		if err != nil {
			break // EIO, when nobody has the terminal open any more
		}
	}
	err = cmd.Wait()
	fmt.Fprint(ts.Stdout(), strings.ReplaceAll(shown.String(), "\r\n", "\n"))
	switch {
	case !stuck.Stop():
		ts.Fatalf("still there after 30 seconds")
	case len(prompts) > 0:
		ts.Fatalf("did not ask %q", prompts[0])
	case err == nil && neg:
		ts.Fatalf("unexpected command success")
	case err != nil && !neg:
		ts.Fatalf("unexpected command failure: %v", err)
	}
}

// openTerminal returns both ends of a new pseudo-terminal, pty(7).
func openTerminal() (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	var number, unlock int32
	for _, call := range []struct {
		request uintptr
		value   *int32
	}{{syscall.TIOCSPTLCK, &unlock}, {syscall.TIOCGPTN, &number}} {
		_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), call.request, uintptr(unsafe.Pointer(call.value)))
		if errno != 0 {
			master.Close()
			return nil, nil, os.NewSyscallError("ioctl", errno)
		}
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		master.Close()
		return nil, nil, err
	}
	return master, slave, nil
}
