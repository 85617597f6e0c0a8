package secretservice

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/git-credential-pat/git-credential-pat/credential/percent"
)

const (
	busName = "org.freedesktop.DBus"
	busPath = "/org/freedesktop/DBus"
)

// A bus is a connection to the session bus. It is for one goroutine.
type bus struct {
	ctx    context.Context
	stop   func() bool // what watches ctx
	socket *os.File
	in     *bufio.Reader
	serial uint32 // of the last call
}

// dial logs in to the session bus. When ctx is done whatever waits for the bus
// ends with the error of ctx.
func dial(ctx context.Context) (*bus, error) {
	addresses, err := sessionBus()
	if err != nil {
		return nil, err
	}
	err = errors.New("no D-Bus address that leads to a socket of this machine")
	for address := range strings.SplitSeq(addresses, ";") {
		name := socketName(address)
		if name == "" {
			continue
		}
		var socket *os.File
		if socket, err = connect(name); err == nil {
			b := &bus{ctx: ctx, socket: socket, in: bufio.NewReader(socket)}
			b.stop = context.AfterFunc(ctx, func() { socket.Close() })
			if err := b.logIn(); err != nil {
				b.close()
				return nil, err
			}
			return b, nil
		}
		err = fmt.Errorf("%w: %w", ErrNoService, err)
	}
	return nil, err
}

// sessionBus returns the addresses of the session bus: what the environment
// says, else where systemd has it. The D-Bus libraries would start one where
// there is none, and so one for each process.
func sessionBus() (addresses string, err error) {
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" && a != "autolaunch:" {
		return a, nil
	}
	path := filepath.Join("/run/user", strconv.Itoa(os.Getuid()), "bus")
	if _, err := os.Stat(path); err != nil {
		return "", ErrNoBus
	}
	return "unix:path=" + path, nil
}

// socketName returns the name of the socket that an address means, with an @
// before an abstract one, or nothing if it means none.
func socketName(address string) string {
	pairs, ok := strings.CutPrefix(address, "unix:")
	if !ok {
		return ""
	}
	for pair := range strings.SplitSeq(pairs, ",") {
		key, value, _ := strings.Cut(pair, "=")
		switch value, ok = percent.Decode(value); {
		case !ok || value == "":
		case key == "path":
			return value
		case key == "abstract":
			return "@" + value
		}
	}
	return ""
}

func connect(name string) (*os.File, error) {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	// Where many connect at once it waits for its turn, which it would not do
	// without blocking.
	for {
		err = syscall.Connect(fd, &syscall.SockaddrUnix{Name: name})
		if err != syscall.EINTR {
			break
		}
	}
	if err == nil {
		err = syscall.SetNonblock(fd, true) // from here on the runtime waits
	}
	if err != nil {
		syscall.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// logIn says who we are, which the bus knows from the system.
func (b *bus) logIn() error {
	uid := hex.EncodeToString([]byte(strconv.Itoa(os.Geteuid())))
	if _, err := io.WriteString(b.socket, "\x00AUTH EXTERNAL "+uid+"\r\n"); err != nil {
		return b.lost(err)
	}
	answer, err := b.in.ReadSlice('\n')
	switch {
	case err == bufio.ErrBufferFull:
		return ErrNonsense
	case err != nil:
		return b.lost(err)
	case !strings.HasPrefix(string(answer), "OK "):
		return errors.New("the session bus does not take us for its user")
	}
	if _, err := io.WriteString(b.socket, "BEGIN\r\n"); err != nil {
		return b.lost(err)
	}
	_, err = b.call(busName, busPath, busName, "Hello", "", encoder{}, "s")
	return err
}

func (b *bus) close() {
	b.stop()
	b.socket.Close()
}

// lost is the error of a connection that ended, or that nobody waits for any
// more.
func (b *bus) lost(err error) error {
	if b.ctx.Err() != nil {
		return b.ctx.Err()
	}
	return fmt.Errorf("%w: %w", ErrHungUp, err)
}

// call calls a method and returns what it answers, which has the signature
// want; else the error is ErrNonsense. An error that it answers is a
// *CallError, but for those that are variables of this package.
func (b *bus) call(destination, path, iface, member, signature string, arguments encoder, want string) (*decoder, error) {
	b.serial++
	call := message{
		kind:        methodCall,
		serial:      b.serial,
		destination: destination,
		path:        path,
		iface:       iface,
		member:      member,
		signature:   signature,
	}
	if _, err := b.socket.Write(call.encode(arguments.data)); err != nil {
		return nil, b.lost(err)
	}
	m, err := b.await(func(m message) bool {
		return (m.kind == methodReturn || m.kind == errorReply) && m.replyTo == call.serial
	})
	switch {
	case err != nil:
		return nil, err
	case m.kind == errorReply:
		return nil, m.fault()
	case m.signature != want:
		return nil, ErrNonsense
	}
	return &m.body, nil
}

// await returns the next message of which is reports true. Others are for
// nobody.
func (b *bus) await(is func(message) bool) (message, error) {
	for {
		m, err := b.read()
		if err != nil || is(m) {
			return m, err
		}
	}
}

func (b *bus) read() (message, error) {
	fixed, err := b.in.Peek(fixedHeader)
	if err != nil {
		return message{}, b.lost(err)
	}
	size := messageSize(fixed)
	if size == 0 {
		return message{}, ErrNonsense
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(b.in, data); err != nil {
		return message{}, b.lost(err)
	}
	m, ok := parse(data)
	if !ok {
		return message{}, ErrNonsense
	}
	return m, nil
}

// fault returns the error that an error reply stands for.
func (m message) fault() error {
	switch m.errorName {
	case "org.freedesktop.DBus.Error.ServiceUnknown":
		return ErrNoService
	case "org.freedesktop.Secret.Error.IsLocked":
		return ErrLocked
	}
	e := &CallError{Name: m.errorName}
	if strings.HasPrefix(m.signature, "s") {
		e.Text = m.body.text()
	}
	return e
}
