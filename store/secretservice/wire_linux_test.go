package secretservice

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/godbus/dbus/v5"
)

// What is written here godbus reads.
func TestEncode(t *testing.T) {
	t.Parallel()
	var body encoder
	body.array(8, func() {
		body.align(8)
		body.text("label")
		body.signature("s")
		body.text("ä")
		body.align(8)
		body.text("attributes")
		body.signature("a{ss}")
		body.strings(map[string]string{"service": "s", "a": "", "username": "u/v"})
	})
	body.align(8)
	body.text("/session")
	body.bytes(nil)
	body.bytes([]byte("\x00\xff="))
	body.text("text/plain")
	body.bool(true)
	body.array(4, func() { body.text("/a"); body.text("/b/c") })
	call := message{kind: methodCall, serial: 7, destination: "a.b", path: "/c/d", iface: "e.f", member: "G", signature: "a{sv}(oayays)bao"}
	data := call.encode(body.data)
	if got := messageSize(data[:fixedHeader]); got != len(data) {
		t.Errorf("the size is %d, want %d", got, len(data))
	}
	m, err := dbus.DecodeMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.IsValid(); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[dbus.HeaderField]any{
		dbus.FieldDestination: "a.b", dbus.FieldPath: dbus.ObjectPath("/c/d"),
		dbus.FieldInterface: "e.f", dbus.FieldMember: "G",
	} {
		if got := m.Headers[field].Value(); got != want {
			t.Errorf("field %d: got %v, want %v", field, got, want)
		}
	}
	var properties map[string]dbus.Variant
	var secret struct {
		Session           dbus.ObjectPath
		Parameters, Value []byte
		ContentType       string
	}
	var replace bool
	var paths []dbus.ObjectPath
	if err := dbus.Store(m.Body, &properties, &secret, &replace, &paths); err != nil {
		t.Fatal(err)
	}
	if got := properties["label"].Value(); got != "ä" {
		t.Errorf("got the label %v", got)
	}
	if got := properties["attributes"].String(); got != `{"a": "", "service": "s", "username": "u/v"}` {
		t.Errorf("got the attributes %s", got)
	}
	if secret.Session != "/session" || len(secret.Parameters) > 0 || string(secret.Value) != "\x00\xff=" || secret.ContentType != "text/plain" {
		t.Errorf("got the secret %+v", secret)
	}
	if !replace || !slices.Equal(paths, []dbus.ObjectPath{"/a", "/b/c"}) {
		t.Errorf("got %v and %v", replace, paths)
	}
}

// fromGodbus returns a message that godbus has written.
func fromGodbus(t testing.TB, order binary.ByteOrder, kind dbus.Type, headers map[dbus.HeaderField]dbus.Variant, body ...any) []byte {
	t.Helper()
	m := &dbus.Message{Type: kind, Headers: headers, Body: body}
	if len(body) > 0 {
		m.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(body...))
	}
	var out bytes.Buffer
	if err := m.EncodeTo(&out, order); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What godbus writes is read here, in either order of bytes.
func TestParse(t *testing.T) {
	t.Parallel()
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		data := fromGodbus(t, order, dbus.TypeSignal, map[dbus.HeaderField]dbus.Variant{
			dbus.FieldPath:      dbus.MakeVariant(dbus.ObjectPath("/p")),
			dbus.FieldInterface: dbus.MakeVariant("i.j"),
			dbus.FieldMember:    dbus.MakeVariant("Completed"),
			dbus.FieldSender:    dbus.MakeVariant(":1.2"),
			dbus.FieldUnixFDs:   dbus.MakeVariant(uint32(0)),
		}, true, dbus.MakeVariant([]dbus.ObjectPath{"/a", "/b"}))
		m, ok := parse(data)
		if !ok || m.kind != signal || m.path != "/p" || m.iface != "i.j" || m.member != "Completed" || m.signature != "bv" {
			t.Errorf("got %+v, %v", m, ok)
		}
		d := &m.body
		if yes, signature, paths := d.bool(), d.signature(), d.paths(); !yes || signature != "ao" || !slices.Equal(paths, []string{"/a", "/b"}) || d.bad {
			t.Errorf("got %v, %q, %q, bad %v", yes, signature, paths, d.bad)
		}

		data = fromGodbus(t, order, dbus.TypeError, map[dbus.HeaderField]dbus.Variant{
			dbus.FieldReplySerial: dbus.MakeVariant(uint32(9)),
			dbus.FieldErrorName:   dbus.MakeVariant("a.Failed"),
			dbus.FieldDestination: dbus.MakeVariant(":1.3"),
		}, "no luck")
		m, ok = parse(data)
		if !ok || m.kind != errorReply || m.replyTo != 9 || m.fault().Error() != "no luck" {
			t.Errorf("got %+v, %v", m, ok)
		}
		for n := range len(data) {
			if _, ok := parse(data[:n]); ok {
				t.Errorf("the first %d bytes of %d are a message", n, len(data))
			}
		}
	}
}

func TestMessageSize(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fixed string
		want  int
	}{
		{"nothing but the header", "l\x01\x00\x01\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00", 16},
		{"fields and a body", "l\x01\x00\x01\x03\x00\x00\x00\x01\x00\x00\x00\x09\x00\x00\x00", 35},
		{"the other order", "B\x01\x00\x01\x00\x00\x00\x03\x00\x00\x00\x01\x00\x00\x00\x09", 35},
		{"no order", "x\x01\x00\x01\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00", 0},
		{"another version", "l\x01\x00\x02\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00", 0},
		{"too large", "l\x01\x00\x01\x01\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00", 0},
		{"as large as can be", "l\x01\x00\x01\xff\xff\xff\xff\x01\x00\x00\x00\xff\xff\xff\xff", 0},
	} {
		if got := messageSize([]byte(test.fixed)); got != test.want {
			t.Errorf("%s: got %d, want %d", test.name, got, test.want)
		}
	}
}

// FuzzParse hands parse whatever there may be, and reads the body as each of
// the answers that are expected. What is read godbus reads too, though it lets
// more pass: it does not look at the zero behind a text.
func FuzzParse(f *testing.F) {
	reply := func() map[dbus.HeaderField]dbus.Variant {
		return map[dbus.HeaderField]dbus.Variant{dbus.FieldReplySerial: dbus.MakeVariant(uint32(1))}
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		f.Add(fromGodbus(f, order, dbus.TypeMethodReply, reply(), []dbus.ObjectPath{"/a"}, dbus.ObjectPath("/")))
		f.Add(fromGodbus(f, order, dbus.TypeMethodReply, reply(), dbus.MakeVariant([]dbus.ObjectPath{"/a", "/b"})))
		f.Add(fromGodbus(f, order, dbus.TypeMethodReply, reply(), struct {
			Session           dbus.ObjectPath
			Parameters, Value []byte
			Type              string
		}{"/s", nil, []byte("x"), "text"}))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, ok := parse(data)
		if !ok {
			return
		}
		for _, read := range []func(d *decoder){
			func(d *decoder) { d.paths(); d.text() },
			func(d *decoder) { d.signature(); d.paths() },
			func(d *decoder) { d.signature(); d.text(); d.text() },
			func(d *decoder) { d.text(); d.bytes(); d.bytes(); d.text() },
			func(d *decoder) { d.bool(); d.signature(); d.paths() },
		} {
			d := m.body
			if read(&d); d.at > len(d.data) {
				t.Fatalf("%q: read up to %d of %d", data, d.at, len(d.data))
			}
		}
		theirs, err := dbus.DecodeMessage(bytes.NewReader(data))
		if err != nil || theirs.IsValid() != nil {
			return
		}
		for field, got := range map[dbus.HeaderField]string{
			dbus.FieldPath: m.path, dbus.FieldInterface: m.iface, dbus.FieldMember: m.member,
			dbus.FieldErrorName: m.errorName, dbus.FieldSignature: m.signature,
		} {
			var want string
			switch value := theirs.Headers[field].Value().(type) {
			case string:
				want = value
			case dbus.ObjectPath:
				want = string(value)
			case dbus.Signature:
				want = value.String()
			}
			if got != want {
				t.Errorf("%q: field %d: got %q, want %q", data, field, got, want)
			}
		}
		if m.signature == "aoo" {
			paths, last := m.body.paths(), m.body.text()
			if m.body.bad {
				return
			}
			var want []dbus.ObjectPath
			var wantLast dbus.ObjectPath
			if err := dbus.Store(theirs.Body, &want, &wantLast); err != nil {
				t.Fatalf("%q: %v", data, err)
			}
			for i, path := range paths {
				if dbus.ObjectPath(path) != want[i] {
					t.Errorf("%q: got %q, want %q", data, paths, want)
				}
			}
			if len(paths) != len(want) || dbus.ObjectPath(last) != wantLast {
				t.Errorf("%q: got %q, %q, want %q, %q", data, paths, last, want, wantLast)
			}
		}
	})
}
