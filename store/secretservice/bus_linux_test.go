package secretservice

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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
				secret, err := Get(ctx, "service", "user")
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
		"unix:path=/nonexistent/bus":           ErrNoService,
		"unix:abstract=git-pat-nobody-is-here": ErrNoService,
	} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		if _, err := Get(t.Context(), "s", "u"); !errors.Is(err, want) {
			t.Errorf("%s: got error %v, want %v", address, err, want)
		}
	}
	// Of an address that is not known here it cannot be told whether anybody
	// is there.
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "tcp:host=localhost,port=1")
	if _, err := Get(t.Context(), "s", "u"); err == nil || errors.Is(err, ErrNoService) || errors.Is(err, ErrNoBus) {
		t.Errorf("tcp: got error %v, want one without a name", err)
	}
}
