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
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential/percent"
)

const (
	busName = "org.freedesktop.DBus"
	busPath = "/org/freedesktop/DBus"
)

// ofBus is a call of a method of the bus itself.
func ofBus(member, signature string) message {
	return message{destination: busName, path: busPath, iface: busName, member: member, signature: signature}
}

// A bus is a connection to the session bus. It is for one goroutine.
type bus struct {
	ctx     context.Context // of the caller of today; when it is done the socket is closed
	socket  *os.File
	in      *bufio.Reader
	serial  uint32    // of the last call
	watches bool      // that it wants to hear of prompts was said
	signals []message // that came while something else was waited for
}

// maxSignals is how many signals are kept. A prompt has one.
const maxSignals = 100

// dial logs in to the session bus, unless ctx is done before.
func dial(ctx context.Context) (*bus, error) {
	addresses, err := sessionBus()
	if err != nil {
		return nil, err
	}
	var unknown bool
	for address := range strings.SplitSeq(addresses, ";") {
		name := socketName(address)
		if name == "" {
			unknown = unknown || address != ""
			continue
		}
		var socket *os.File
		if socket, err = connect(ctx, name); err == nil {
			b := &bus{socket: socket, in: bufio.NewReader(socket)}
			stop := b.until(ctx)
			err = b.logIn()
			if !stop() {
				err = ctx.Err()
			}
			if err != nil {
				socket.Close()
				return nil, err
			}
			return b, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	switch {
	case unknown || err == nil:
		err = errors.New("no D-Bus address that leads to a socket of this machine")
	case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ECONNREFUSED):
		err = ErrNoService
	}
	return nil, err
}

// until has the connection end when ctx is done. What it returns takes that
// back, and reports whether it was in time.
func (b *bus) until(ctx context.Context) (stop func() bool) {
	b.ctx = ctx
	return context.AfterFunc(ctx, func() { b.socket.Close() })
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

// connect connects to a socket. Where many do so at once it waits for its turn.
func connect(ctx context.Context, name string) (*os.File, error) {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	// So often it looks whether ctx is done.
	wait := syscall.NsecToTimeval((50 * time.Millisecond).Nanoseconds())
	err = syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &wait)
	for err == nil {
		err = syscall.Connect(fd, &syscall.SockaddrUnix{Name: name})
		if err == nil {
			break
		}
		if err == syscall.EAGAIN || err == syscall.EINTR {
			err = ctx.Err()
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
	_, err = b.call(ofBus("Hello", ""), encoder{}, "s")
	return err
}

// lost is the error for a connection that ended, be it that nobody waits for it
// any more.
func (b *bus) lost(err error) error {
	if b.ctx.Err() != nil {
		return b.ctx.Err()
	}
	return fmt.Errorf("%w: %w", ErrHungUp, err)
}

// call calls a method and returns what it answers, which has the signature
// want; else the error is ErrNonsense. An error that it answers is a
// *CallError, but for those that are variables of this package.
func (b *bus) call(m message, arguments encoder, want string) (*decoder, error) {
	if err := b.send(m, arguments); err != nil {
		return nil, err
	}
	for {
		answer, err := b.read()
		switch {
		case err != nil:
			return nil, err
		case answer.kind == signal && len(b.signals) < maxSignals:
			b.signals = append(b.signals, answer)
		case answer.replyTo != b.serial:
			// To a call of before, or for nobody.
		case answer.kind == errorReply:
			return nil, answer.fault()
		case answer.kind == methodReturn && answer.signature == want:
			return &answer.body, nil
		case answer.kind == methodReturn:
			return nil, ErrNonsense
		}
	}
}

// send calls a method and does not wait for an answer.
func (b *bus) send(m message, arguments encoder) error {
	b.serial++
	m.kind, m.serial = methodCall, b.serial
	if _, err := b.socket.Write(m.encode(arguments.data)); err != nil {
		return b.lost(err)
	}
	return nil
}

// await returns the next signal of which is reports true, also one that came
// during a call.
func (b *bus) await(is func(message) bool) (message, error) {
	for _, m := range b.signals {
		if is(m) {
			return m, nil
		}
	}
	for {
		m, err := b.read()
		if err != nil || m.kind == signal && is(m) {
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
