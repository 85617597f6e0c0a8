package secretservice

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestSocketName(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"unix:path=/run/user/1000/bus":                 "/run/user/1000/bus",
		"unix:path=/tmp/a%20b%2c,guid=0123":            "/tmp/a b,",
		"unix:guid=0123,abstract=/tmp/dbus-x":          "@/tmp/dbus-x",
		"unix:tmpdir=/tmp":                             "",
		"unix:path=":                                   "",
		"unix:path=/a%2":                               "",
		"unix:path=/a%zz":                              "",
		"tcp:host=localhost,port=1":                    "",
		"disabled:":                                    "",
		"":                                             "",
		"unixexec:path=/bin/sh":                        "",
		"unix:path=%2f%c3%a4":                          "/ä",
		"unix:abstract=%00":                            "@\x00",
		"unix:runtime=yes,path=/run/user/1000/bus":     "/run/user/1000/bus",
		"unix:path=/run/user/1000/bus,abstract=ignore": "/run/user/1000/bus",
	} {
		if got := socketName(address); got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}

// A server answers one client with a script of what it sends, at each step
// when the client has sent what ends with a text.
type step struct{ until, send string }

// serve starts a server on a socket and leads the session bus there.
func serve(t *testing.T, name string, script []step) {
	t.Helper()
	listener, err := net.Listen("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan bool)
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		for _, step := range script {
			for got := ""; !strings.HasSuffix(got, step.until); {
				b, err := in.ReadByte()
				if err != nil {
					return
				}
				got += string(b)
			}
			io.WriteString(conn, step.send)
			if step.send == "" {
				io.Copy(io.Discard, in) // say no more, and do not hang up either
			}
		}
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	key, value := "path", name
	if abstract, ok := strings.CutPrefix(name, "@"); ok {
		key, value = "abstract", abstract
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "tcp:host=localhost,port=1;unix:path=/nonexistent/bus;unix:"+key+"="+value+",guid=0")
}

// hello is what a bus sends until the client has a name.
func hello(then ...step) []step {
	m := message{kind: methodReturn, serial: 1, signature: "s"}
	reply := m.encodeReply(1, func(e *encoder) { e.text(":1.0") })
	noise := message{kind: signal, serial: 2, path: busPath, iface: busName, member: "NameAcquired", signature: "s"}
	var body encoder
	body.text(":1.0")
	return append([]step{
		{"\r\n", "OK 0123\r\n"},
		{"Hello\x00", string(noise.encode(body.data)) + reply},
	}, then...)
}

// encodeReply writes a message that answers a call, which the client itself
// never does.
func (m message) encodeReply(to uint32, body func(e *encoder)) string {
	var e encoder
	body(&e)
	var out encoder
	out.data = append(out.data, 'l', m.kind, 0, 1)
	out.uint32(uint32(len(e.data)))
	out.uint32(m.serial)
	out.array(8, func() {
		out.data = append(out.data, replyField)
		out.signature("u")
		out.uint32(to)
		for code, value := range map[byte]string{errorField: m.errorName, signatureField: m.signature} {
			if value == "" {
				continue
			}
			out.align(8)
			out.data = append(out.data, code)
			if code == signatureField {
				out.signature("g")
				out.signature(value)
			} else {
				out.signature("s")
				out.text(value)
			}
		}
	})
	out.align(8)
	return string(append(out.data, e.data...))
}

func TestDial(t *testing.T) {
	const silence = ""
	reply := func(signature string, body func(e *encoder)) string {
		return message{kind: methodReturn, serial: 3, signature: signature}.encodeReply(2, body)
	}
	fault := func(name string) string {
		return message{kind: errorReply, serial: 3, errorName: name, signature: "s"}.encodeReply(2, func(e *encoder) { e.text("because") })
	}
	uid := hex.EncodeToString([]byte(strconv.Itoa(os.Geteuid())))
	for _, test := range []struct {
		name   string
		script []step
		want   error  // of a Get
		text   string // of an error that has no name
	}{
		{name: "the user is told", script: []step{{"\x00AUTH EXTERNAL " + uid + "\r\n", "REJECTED EXTERNAL\r\n"}}, text: "the session bus does not take us for its user"},
		{name: "hangs up at once", script: nil, want: ErrHungUp},
		{name: "hangs up in the middle of a line", script: []step{{"\r\n", "OK"}}, want: ErrHungUp},
		{name: "an endless line", script: []step{{"\r\n", "OK " + strings.Repeat("0", 1<<16)}}, want: ErrNonsense},
		{name: "hangs up behind the log-in", script: []step{{"\r\n", "OK 0\r\n"}}, want: ErrHungUp},
		{name: "no message", script: []step{{"\r\n", "OK 0\r\n"}, {"Hello\x00", "what is the matter?"}}, want: ErrNonsense},
		{name: "no name", script: []step{{"\r\n", "OK 0\r\n"}, {"Hello\x00", message{kind: methodReturn, serial: 1}.encodeReply(1, func(*encoder) {})}}, want: ErrNonsense},
		{name: "hangs up in the middle of a message", script: hello(step{"Collections\x00", reply("v", func(e *encoder) { e.signature("ao") })[:30]}), want: ErrHungUp},
		{name: "another type", script: hello(step{"Collections\x00", reply("s", func(e *encoder) { e.text("x") })}), want: ErrNonsense},
		{name: "another type within", script: hello(step{"Collections\x00", reply("v", func(e *encoder) { e.signature("s"); e.text("x") })}), want: ErrNonsense},
		{name: "less than its type says", script: hello(step{"Collections\x00", reply("v", func(e *encoder) { e.signature("ao") })}), want: ErrNonsense},
		{name: "no such program", script: hello(step{"Collections\x00", fault("org.freedesktop.DBus.Error.ServiceUnknown")}), want: ErrNoService},
		{name: "nobody answers", script: []step{{"\r\n", silence}}, want: context.DeadlineExceeded},
		{name: "nobody answers a call", script: hello(step{"Collections\x00", silence}), want: context.DeadlineExceeded},
		{name: "says no to all", script: hello(
			step{"Collections\x00", fault("a.b.AccessDenied")},
			step{"aliases/default\x00", message{kind: errorReply, serial: 4, errorName: "a.b.AccessDenied", signature: "s"}.encodeReply(3, func(e *encoder) { e.text("because") })},
		), text: "because"},
	} {
		for _, socket := range []string{filepath.Join(t.TempDir(), "s"), "@git-pat-test-" + strconv.Itoa(os.Getpid())} {
			t.Run(test.name+"/"+socket[:1], func(t *testing.T) {
				serve(t, socket, test.script)
				limit := time.Minute
				if test.want == context.DeadlineExceeded {
					limit = 50 * time.Millisecond
				}
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				secret, err := new(Client).Get(ctx, "service", "user")
				if secret != "" {
					t.Errorf("got the secret %q", secret)
				}
				if test.want != nil && !errors.Is(err, test.want) || test.text != "" && (err == nil || err.Error() != test.text) {
					t.Errorf("got error %v, want %v %s", err, test.want, test.text)
				}
			})
		}
	}
}

func TestNoBus(t *testing.T) {
	for address, want := range map[string]error{
		"unix:path=/nonexistent/bus":                                           ErrNoService,
		"unix:abstract=git-pat-nobody-is-here":                                 ErrNoService,
		"unix:path=/nonexistent/bus;unix:abstract=git-pat-nobody-is-here;":     ErrNoService,
		"unix:path=" + strings.Repeat("/a", 200):                               syscall.EINVAL,
		"unix:path=/dev/null/bus":                                              syscall.ENOTDIR,
		"unix:path=/dev/null/bus;unix:path=" + filepath.Join(t.TempDir(), "s"): ErrNoService,
	} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		if _, err := new(Client).Get(t.Context(), "s", "u"); !errors.Is(err, want) {
			t.Errorf("%s: got error %v, want %v", address, err, want)
		}
	}
	// Of an address that is not known here it cannot be told whether anybody
	// is there.
	for _, address := range []string{"tcp:host=localhost,port=1", "tcp:host=localhost,port=1;unix:path=/nonexistent/bus", "disabled:", ";"} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		if _, err := new(Client).Get(t.Context(), "s", "u"); err == nil || errors.Is(err, ErrNoService) || errors.Is(err, ErrNoBus) {
			t.Errorf("%s: got error %v, want one without a name", address, err)
		}
	}
}

// A bus that accepts nobody is waited for as long as the context says.
func TestConnectLimit(t *testing.T) {
	name := filepath.Join(t.TempDir(), "s")
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: name}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	first, err := connect(t.Context(), name) // which takes the one place
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+name)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := new(Client).Get(ctx, "s", "u"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want that the time is over", err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

// A client keeps its connection, and makes another when it is lost, also while
// many use it.
func TestClientConnection(t *testing.T) {
	name := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conns := make(chan net.Conn, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				close(conns)
				return
			}
			conns <- conn
			go refuseAll(conn)
		}
	}()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+name)
	client := new(Client)
	refused := func() {
		var fault *CallError
		if _, err := client.Get(t.Context(), "s", "u"); !errors.As(err, &fault) || fault.Name != "a.b.Denied" {
			t.Errorf("got error %v, want that it was denied", err)
		}
	}
	refused()
	var all sync.WaitGroup
	for range 10 {
		all.Go(refused)
	}
	all.Wait()
	first := <-conns
	first.Close()
	refused()
	if _, err := client.Get(cancelled(t), "s", "u"); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want that it was cancelled", err)
	}
	refused()
	listener.Close()
	others := 0
	for conn := range conns {
		conn.Close()
		others++
	}
	if others != 1 {
		t.Errorf("connected %d times more, want once", others)
	}
	if _, err := client.Get(t.Context(), "s", "u"); !errors.Is(err, ErrNoService) {
		t.Errorf("got error %v, want that nobody is there", err)
	}
}

func cancelled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// refuseAll is a bus that gives a client a name and answers all other calls
// with an error.
func refuseAll(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	in.ReadString('\n')
	io.WriteString(conn, "OK 0\r\n")
	in.ReadString('\n')
	for {
		fixed, err := in.Peek(fixedHeader)
		if err != nil {
			return
		}
		data := make([]byte, messageSize(fixed))
		if _, err := io.ReadFull(in, data); err != nil {
			return
		}
		serial := binary.LittleEndian.Uint32(data[8:])
		answer := message{kind: errorReply, serial: serial, errorName: "a.b.Denied"}.encodeReply(serial, func(*encoder) {})
		if m, _ := parse(data); m.member == "Hello" {
			answer = message{kind: methodReturn, serial: serial, signature: "s"}.encodeReply(serial, func(e *encoder) { e.text(":1.0") })
		}
		io.WriteString(conn, answer)
	}
}
