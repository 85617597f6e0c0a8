package protocol

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func pairs(m Message) string {
	var b strings.Builder
	for _, a := range m.all() {
		fmt.Fprintf(&b, "%s=%s;", a.key, a.value)
	}
	return b.String()
}

func TestRead(t *testing.T) {
	long := strings.Repeat("a", MaxLine)
	for _, test := range []struct {
		name, in string
		want     string // the attributes
		wantErr  string // part of the error, if there is one
	}{
		{name: "ended by the end", in: "protocol=https\nhost=h\n", want: "protocol=https;host=h;"},
		{name: "ended by an empty line", in: "a=1\n\nb=2\n", want: "a=1;"},
		{name: "last line without newline", in: "a=1\nb=2", want: "a=1;b=2;"},
		{name: "nothing", in: "", want: ""},
		{name: "only an empty line", in: "\na=1\n", want: ""},
		{name: "split at the first =", in: "a=b=c\n", want: "a=b=c;"},
		{name: "empty key is unknown", in: "=v\n", want: "=v;"},
		{name: "CR LF throughout", in: "a=1\r\nb=2\r\n\r\nc=3\r\n", want: "a=1;b=2;"},
		{name: "CR LF, the last line cut short", in: "a=1\r\nb=2", want: "a=1;b=2;"},
		{name: "line separators are data", in: "username=\u2028host=x\u2029\n", want: "username=\u2028host=x\u2029;"},
		{name: "tab in a header", in: "wwwauth[]=Basic\trealm\n", want: "wwwauth[]=Basic\trealm;"},
		{name: "repeated array", in: "state[]=a\nstate[]=b\n", want: "state[]=a;state[]=b;"},
		{name: "the longest line", in: "x=" + long[:MaxLine-3] + "\n", want: "x=" + long[:MaxLine-3] + ";"},

		{name: "a line too long", in: "x=" + long[:MaxLine-2] + "\n", wantErr: "line 1: longer than 65535 bytes"},
		{name: "an endless line", in: strings.Repeat("a", 1<<21), wantErr: "line 1: longer than"},
		{name: "too many lines", in: strings.Repeat("k=v\n", maxLines+1), wantErr: "more than 1024 lines"},
		{name: "too many bytes", in: strings.Repeat("k="+long[:60000]+"\n", 20), wantErr: "more than 1048576 bytes"},
		{name: "no =", in: "a=1\ngarbage\n", wantErr: "line 2: no \"=\""},
		{name: "CR on some lines only", in: "a=1\nhost=h\r\n", wantErr: "line 2: some lines end in CR LF"},
		{name: "CR missing on some lines", in: "a=1\r\nhost=h\n", wantErr: "line 2: some lines end in CR LF"},
		{name: "CR CR LF", in: "host=h\r\r\n", wantErr: "line 1: a control byte in the value of host"},
		{name: "CR in an unknown value", in: "x=a\rhost=evil\n", wantErr: "line 1: a control byte in the value"},
		{name: "CR before the end", in: "a=1\nhost=h\r", wantErr: "line 2: a control byte"},
		{name: "NUL in a value", in: "host=h\x00.evil\n", wantErr: "a control byte in the value of host"},
		{name: "NUL in a key", in: "ho\x00st=h\n", wantErr: "a control byte in the key"},
		{name: "DEL", in: "username=\x7f\n", wantErr: "a control byte in the value of username"},
		{name: "tab in a used value", in: "username=a\tb\n", wantErr: "a control byte in the value of username"},
		{name: "second host", in: "host=a\nhost=a\n", wantErr: "line 2: a second host"},
		{name: "second password", in: "password=a\npassword=b\n", wantErr: "line 2: a second password"},
		{name: "byte order mark", in: "\ufeffprotocol=https\n", wantErr: "a byte order mark"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, err := Read(strings.NewReader(test.in))
			if test.wantErr != "" {
				var syntax *SyntaxError
				if !errors.As(err, &syntax) || !strings.Contains(err.Error(), test.wantErr) {
					t.Fatalf("got error %v, want %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := pairs(m); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			// The result must not depend on the size of each read.
			slow, err := Read(iotest.OneByteReader(strings.NewReader(test.in)))
			if err != nil || pairs(slow) != test.want {
				t.Errorf("byte by byte: got %q, %v, want %q", pairs(slow), err, test.want)
			}
		})
	}
}

func TestReadPassesOnTheReadersError(t *testing.T) {
	broken := errors.New("broken")
	_, err := Read(io.MultiReader(strings.NewReader("host=h\n"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

// An empty line ends a request even if the sender keeps the pipe open, as a
// terminal does.
func TestReadStopsAtTheEmptyLine(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	go io.WriteString(w, "protocol=https\nhost=h\n\n")
	m, err := Read(r)
	if err != nil || pairs(m) != "protocol=https;host=h;" {
		t.Errorf("got %q, %v", pairs(m), err)
	}
}

func TestReadRequest(t *testing.T) {
	for _, test := range []struct{ name, in, wantErr string }{
		{"whole", "protocol=https\nhost=h\n", ""},
		{"nothing", "", "no protocol"},
		{"no protocol", "host=h\n", "no protocol"},
		{"empty protocol", "protocol=\nhost=h\n", "no protocol"},
		{"no host", "protocol=https\n", "no host"},
		{"empty host", "protocol=https\nhost=\n", "no host"},
		{"host[] is not host", "protocol=https\nhost[]=h\n", "no host"},
		{"a client certificate has no host", "protocol=cert\nhost=\n", ""},
		{"url that agrees", "url=https://h/a/b.git\npath=a/b.git\nprotocol=https\nhost=h\n", ""},
		{"url that agrees, with a user name", "protocol=https\nhost=H\nusername=you\nurl=https://git@h:443/\n", ""},
		{"url with a path that is not sent", "url=https://h/a/b\nprotocol=https\nhost=h\n", ""},
		{"url with a query and slashes", "url=https://h/a/b/?x=1\nprotocol=https\nhost=h\npath=/a/b?x=1\n", ""},
		{"url with an escape that is decoded", "url=https://h/a%20b\nprotocol=https\nhost=h\npath=a b\n", ""},
		{"url with an escape that is not decoded", "url=https://h/a%20b\nprotocol=https\nhost=h\npath=a%20b\n", ""},
		{"url alone", "url=https://h/\n", "no protocol"},
		{"url for another host", "url=https://evil/\nprotocol=https\nhost=h\n", "a url"},
		{"url with the host as the user name", "url=https://h@evil/\nprotocol=https\nhost=h\n", "a url"},
		{"url for another port", "url=https://h:8443/\nprotocol=https\nhost=h\n", "a url"},
		{"url for another protocol", "url=http://h/\nprotocol=https\nhost=h\n", "a url"},
		{"url for another path", "url=https://h/a/c\nprotocol=https\nhost=h\npath=a/b\n", "a url"},
		{"url without the path", "url=https://h/\nprotocol=https\nhost=h\npath=a/b\n", "a url"},
		{"second url", "url=https://h/\nurl=https://evil/\nprotocol=https\nhost=h\n", "a url"},
		{"empty url", "url=\nprotocol=https\nhost=h\n", "a url"},
		{"not a url", "url=%zz\nprotocol=https\nhost=h\n", "a url"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadRequest(strings.NewReader(test.in))
			if got := fmt.Sprint(err); test.wantErr == "" && err != nil || !strings.Contains(got, test.wantErr) {
				t.Errorf("got %v, want %q", err, test.wantErr)
			}
		})
	}
}

func TestMessage(t *testing.T) {
	m, err := Read(strings.NewReader("capability[]=authtype\ncapability[]=\ncapability[]=state\nx=1\nx=2\n"))
	if err != nil {
		t.Fatal(err)
	}
	if m.Announces("authtype") || !m.Announces("state") {
		t.Error("an empty value did not take back those before it")
	}
	if got := m.Get("x"); got != "2" {
		t.Errorf("got %q, want the last value", got)
	}
	if _, ok := m.Lookup("y"); ok {
		t.Error("found what is not there")
	}
}

// A message may contain passwords, so no verb may print it.
func TestMessagePrintsNothing(t *testing.T) {
	secret := strings.Repeat("s3", 8)
	var m Message
	m.Add("password", secret)
	inside := struct{ unexported Message }{m}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, value := range []any{m, &m, inside, []Message{m}} {
			got := fmt.Sprintf(verb, value)
			if strings.Contains(got, secret) || strings.Contains(got, "115 51") || strings.Contains(got, "7333") {
				t.Errorf("%s of %T printed the password", verb, value)
			}
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, test := range []struct{ name, key, value string }{
		{"newline in a value", "password", "a\nhost=evil"},
		{"CR in a value", "password", "a\rb"},
		{"NUL in a value", "password", "a\x00b"},
		{"tab in a value", "password", "a\tb"},
		{"newline in a key", "a\nb", "c"},
		{"= in a key", "a=b", "c"},
		{"empty key", "", "c"},
		{"too long", "password", strings.Repeat("a", MaxLine)},
	} {
		t.Run(test.name, func(t *testing.T) {
			var m Message
			m.Add("username", "u")
			m.Add(test.key, test.value)
			var out bytes.Buffer
			if err := Write(&out, m); err == nil || out.Len() > 0 {
				t.Errorf("wrote %d bytes, error %v", out.Len(), err)
			} else if test.value != "c" && strings.Contains(err.Error(), test.value) {
				t.Error("the error quotes the value")
			}
		})
	}
}

type recorder struct {
	asked  []string
	answer Message
	err    error
}

func (r *recorder) Get(_ context.Context, m Message) (Message, error) {
	r.asked = append(r.asked, "get "+pairs(m))
	return r.answer, r.err
}

func (r *recorder) Store(_ context.Context, m Message) error {
	r.asked = append(r.asked, "store "+pairs(m))
	return r.err
}

func (r *recorder) Erase(_ context.Context, m Message) error {
	r.asked = append(r.asked, "erase "+pairs(m))
	return r.err
}

func TestServe(t *testing.T) {
	const request = "protocol=https\nhost=h\n"
	const asked = "protocol=https;host=h;"
	var answer, stray Message
	answer.Add("username", "u")
	answer.Add("password", "p")
	stray.Add("password", "p")
	stray.Add("host", "elsewhere")
	fault := errors.New("fault")
	for _, test := range []struct {
		name, operation, in string
		answer              Message
		err                 error
		wantAsked, wantOut  string
		wantErr             bool
	}{
		{name: "get", operation: "get", in: request, answer: answer, wantAsked: "get " + asked, wantOut: "username=u\npassword=p\n"},
		{name: "get without an answer", operation: "get", in: request, wantAsked: "get " + asked},
		{name: "get with an error", operation: "get", in: request, answer: answer, err: fault, wantAsked: "get " + asked, wantErr: true},
		{name: "an answer for another host", operation: "get", in: request, answer: stray, wantAsked: "get " + asked, wantErr: true},
		{name: "store", operation: "store", in: request, wantAsked: "store " + asked},
		{name: "erase", operation: "erase", in: request, err: fault, wantAsked: "erase " + asked, wantErr: true},
		{name: "a bad request reaches nobody", operation: "erase", in: "protocol=https\n", wantErr: true},
		{name: "capability", operation: "capability", in: "garbage", wantOut: "version 0\ncapability authtype\ncapability state\n"},
		{name: "unknown", operation: "frobnicate", in: "garbage"},
		{name: "a path is unknown too", operation: "../get", in: request},
	} {
		t.Run(test.name, func(t *testing.T) {
			helper := &recorder{answer: test.answer, err: test.err}
			var out bytes.Buffer
			err := Serve(t.Context(), helper, test.operation, strings.NewReader(test.in), &out)
			if (err != nil) != test.wantErr {
				t.Errorf("got error %v", err)
			}
			if got := strings.Join(helper.asked, "|"); got != test.wantAsked {
				t.Errorf("asked %q, want %q", got, test.wantAsked)
			}
			if out.String() != test.wantOut {
				t.Errorf("wrote %q, want %q", out.String(), test.wantOut)
			}
		})
	}
}

// A message that Read accepts contains no control byte that could end a line.
// Bytes after the empty line make no difference.
func FuzzRead(f *testing.F) {
	f.Add([]byte("protocol=https\nhost=github.com\npath=acme/widgets.git\n\nhost=evil.example\n"))
	f.Add([]byte("a=1\r\nb=2\r\n"))
	f.Add([]byte("host=a\nhost=b\n"))
	f.Add([]byte("wwwauth[]=x\ty\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		m, err := Read(bytes.NewReader(in))
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, a := range m.all() {
			if strings.ContainsAny(a.key+a.value, "\r\n\x00") {
				t.Errorf("a control byte in %q=%q", a.key, a.value)
			}
			for _, key := range singular {
				if a.key == key && seen[key] {
					t.Errorf("two of %s", key)
				}
			}
			seen[a.key] = true
		}
		end := bytes.Index(in, []byte("\n\n"))
		if crlf := bytes.Index(in, []byte("\r\n\r\n")); crlf >= 0 && (end < 0 || crlf < end) {
			end = crlf + 1
		}
		if end >= 0 {
			if cut, err := Read(bytes.NewReader(in[:end+1])); err != nil || pairs(cut) != pairs(m) {
				t.Errorf("what follows the empty line changed the message: %q, %v, want %q", pairs(cut), err, pairs(m))
			}
		}
	})
}

// Read returns the message that Write wrote. Each attribute takes one line.
func FuzzWrite(f *testing.F) {
	f.Add("username", "x-access-token", "password", "p=q")
	f.Add("state[]", "pat:github.com/acme", "wwwauth[]", "a\tb")
	f.Add("host", "a\nb", "host", "")
	f.Fuzz(func(t *testing.T, key1, value1, key2, value2 string) {
		var m Message
		m.Add(key1, value1)
		m.Add(key2, value2)
		var out bytes.Buffer
		if err := Write(&out, m); err != nil {
			if out.Len() > 0 {
				t.Errorf("an error after %d bytes", out.Len())
			}
			return
		}
		for _, b := range bytes.ReplaceAll(out.Bytes(), []byte("\n"), nil) {
			if b < 0x20 || b == 0x7f {
				t.Errorf("control byte %#x in %q", b, out.Bytes())
			}
		}
		if got := bytes.Count(out.Bytes(), []byte("\n")); got != 2 {
			t.Errorf("%d lines, want 2", got)
		}
		back, err := Read(&out)
		if err != nil {
			var syntax *SyntaxError
			if key1 == key2 && errors.As(err, &syntax) || strings.HasPrefix(key1, "\ufeff") {
				return // a second host, or the bytes of a byte order mark
			}
			t.Fatal(err)
		}
		if pairs(back) != pairs(m) {
			t.Errorf("got %q, want %q", pairs(back), pairs(m))
		}
	})
}
