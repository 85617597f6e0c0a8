package term

import (
	"os"
	"regexp"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// hide prints a prompt on the console, and makes the console pass on each key and
// show none. Ctrl-C is a key like others.
func (c *console) hide(prompt, end string) (*hidden, error) {
	handle := windows.Handle(c.in.Fd())
	var before uint32
	if err := windows.GetConsoleMode(handle, &before); err != nil {
		return nil, err
	}
	mode := before &^ (windows.ENABLE_ECHO_INPUT | windows.ENABLE_LINE_INPUT | windows.ENABLE_PROCESSED_INPUT)
	if err := windows.SetConsoleMode(handle, mode); err != nil {
		return nil, err
	}
	h := &hidden{console: *c, prompt: prompt, end: end}
	h.reset = sync.OnceFunc(func() {
		windows.FlushConsoleInputBuffer(handle)
		windows.SetConsoleMode(handle, before)
	})
	h.again()
	return h, nil
}

// open opens the console. In mintty, the window of Git Bash, a program may have a
// console that nobody sees: https://www.msys2.org/docs/terminals/.
func open() (*console, error) {
	for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		if isHidden(f) {
			return nil, ErrHidden
		}
	}
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, ErrNoTerminal
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		in.Close()
		return nil, ErrNoTerminal
	}
	return &console{in, out}, nil
}

// ptyPipe matches the name of a pipe that is the terminal of mintty.
var ptyPipe = regexp.MustCompile(`^\\(msys|cygwin)-[0-9a-f]+-pty[0-9]+-(from|to)-master(-nat)?$`)

// isHidden reports whether a stream of the program is mintty. With a console that is
// seen, it would be that console.
func isHidden(f *os.File) bool {
	handle := windows.Handle(f.Fd())
	if kind, err := windows.GetFileType(handle); err != nil || kind != windows.FILE_TYPE_PIPE {
		return false
	}
	// FILE_NAME_INFO: the length in bytes, and the name.
	var info [2 + windows.MAX_PATH]uint16
	err := windows.GetFileInformationByHandleEx(handle, windows.FileNameInfo, (*byte)(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	length := int(info[0]) / 2
	return err == nil && length <= windows.MAX_PATH && ptyPipe.MatchString(windows.UTF16ToString(info[2:2+length]))
}

// interrupt does nothing: the question was cancelled, and that ends the program.
func interrupt() {}

// pending waits for the rest of a paste. A console cannot be read without waiting
// for a key, so the rest is not returned; it is dropped later.
func (c *console) pending() []byte {
	time.Sleep(100 * time.Millisecond)
	return nil
}
