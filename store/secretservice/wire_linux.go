package secretservice

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"
)

// The types of a message.
const (
	methodCall   = 1
	methodReturn = 2
	errorReply   = 3
	signal       = 4
)

// The fields of a header.
const (
	pathField        = 1
	interfaceField   = 2
	memberField      = 3
	errorField       = 4
	replyField       = 5
	destinationField = 6
	signatureField   = 8
)

const (
	fixedHeader = 16       // bytes, with the length of the fields
	maxMessage  = 16 << 20 // bytes; D-Bus allows eight times that
)

// A message is one of D-Bus, in either direction.
type message struct {
	kind        byte
	serial      uint32 // of a call
	replyTo     uint32 // the serial of the call that is answered
	noReply     bool   // to a call
	destination string // of a call
	path        string
	iface       string
	member      string
	errorName   string
	signature   string // of the body
	body        decoder
}

// encode returns a message as it goes over the wire.
func (m message) encode(body []byte) []byte {
	var e encoder
	flags := byte(0)
	if m.noReply {
		flags = 1
	}
	e.data = append(e.data, 'l', m.kind, flags, 1)
	e.uint32(uint32(len(body)))
	e.uint32(m.serial)
	e.array(8, func() {
		for _, field := range []struct {
			code  byte
			kind  string
			value string
		}{
			{pathField, "o", m.path},
			{interfaceField, "s", m.iface},
			{memberField, "s", m.member},
			{destinationField, "s", m.destination},
			{signatureField, "g", m.signature},
		} {
			if field.value == "" {
				continue
			}
			e.align(8)
			e.data = append(e.data, field.code)
			e.signature(field.kind)
			if field.kind == "g" {
				e.signature(field.value)
			} else {
				e.text(field.value)
			}
		}
	})
	e.align(8)
	return append(e.data, body...)
}

// messageSize returns how long a message is of which there is the fixed part of
// the header, or 0 if it can be none.
func messageSize(fixed []byte) int {
	d := decoder{data: fixed, order: byteOrder(fixed[0])}
	if d.order == nil || fixed[3] != 1 {
		return 0
	}
	d.at = 4
	body := uint64(d.uint32())
	d.at = 12
	fields := uint64(d.uint32())
	size := (fixedHeader+fields+7)/8*8 + body
	if size > maxMessage {
		return 0
	}
	return int(size)
}

func byteOrder(mark byte) binary.ByteOrder {
	switch mark {
	case 'l':
		return binary.LittleEndian
	case 'B':
		return binary.BigEndian
	}
	return nil
}

// parse reads a message whose length is as messageSize has it. Fields that
// nothing here uses are passed over.
func parse(data []byte) (m message, ok bool) {
	if len(data) < fixedHeader || messageSize(data) != len(data) {
		return m, false
	}
	d := decoder{data: data, order: byteOrder(data[0])}
	m.kind = data[1]
	d.at = 12
	for end := d.array(8); d.at < end && !d.bad; {
		d.align(8)
		code, signature := d.byte(), d.signature()
		switch signature {
		case "u":
			if n := d.uint32(); code == replyField {
				m.replyTo = n
			}
			continue
		case "g":
			if s := d.signature(); code == signatureField {
				m.signature = s
			}
			continue
		case "s", "o":
		default:
			return m, false // no field has another type
		}
		text := d.text()
		switch code {
		case pathField:
			m.path = text
		case interfaceField:
			m.iface = text
		case memberField:
			m.member = text
		case errorField:
			m.errorName = text
		}
	}
	d.align(8)
	if d.bad {
		return m, false
	}
	m.body = decoder{data: data[d.at:], order: d.order}
	return m, true
}

// An encoder writes values one after the other, in little-endian order.
type encoder struct{ data []byte }

// align adds zeroes up to a multiple of n.
func (e *encoder) align(n int) {
	for len(e.data)%n != 0 {
		e.data = append(e.data, 0)
	}
}

func (e *encoder) uint32(n uint32) {
	e.align(4)
	e.data = binary.LittleEndian.AppendUint32(e.data, n)
}

func (e *encoder) bool(b bool) {
	n := uint32(0)
	if b {
		n = 1
	}
	e.uint32(n)
}

// text writes a string or the path of an object.
func (e *encoder) text(s string) {
	e.uint32(uint32(len(s)))
	e.data = append(append(e.data, s...), 0)
}

func (e *encoder) signature(s string) {
	e.data = append(append(append(e.data, byte(len(s))), s...), 0)
}

func (e *encoder) bytes(b []byte) {
	e.uint32(uint32(len(b)))
	e.data = append(e.data, b...)
}

// array writes what elements does, each of which begins at a multiple of
// alignment.
func (e *encoder) array(alignment int, elements func()) {
	e.uint32(0)
	length := len(e.data) - 4
	e.align(alignment)
	start := len(e.data)
	elements()
	binary.LittleEndian.PutUint32(e.data[length:], uint32(len(e.data)-start))
}

// strings writes an a{ss}, in the order of the keys.
func (e *encoder) strings(dictionary map[string]string) {
	keys := make([]string, 0, len(dictionary))
	for key := range dictionary {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	e.array(8, func() {
		for _, key := range keys {
			e.align(8)
			e.text(key)
			e.text(dictionary[key])
		}
	})
}

// isText reports whether D-Bus can carry a string.
func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// A decoder reads values one after the other. When something is not as it must
// be it is bad, and returns nothing but zeroes from then on.
type decoder struct {
	data  []byte
	at    int
	order binary.ByteOrder
	bad   bool
}

// take returns the next n bytes.
func (d *decoder) take(n int) []byte {
	if d.bad || n < 0 || n > len(d.data)-d.at {
		d.bad = true
		return nil
	}
	d.at += n
	return d.data[d.at-n : d.at]
}

func (d *decoder) align(n int) {
	for _, b := range d.take((n - d.at%n) % n) {
		d.bad = d.bad || b != 0
	}
}

func (d *decoder) byte() byte {
	b := d.take(1)
	if b == nil {
		return 0
	}
	return b[0]
}

func (d *decoder) uint32() uint32 {
	d.align(4)
	b := d.take(4)
	if b == nil {
		return 0
	}
	return d.order.Uint32(b)
}

func (d *decoder) bool() bool {
	n := d.uint32()
	d.bad = d.bad || n > 1
	return n == 1
}

func (d *decoder) text() string { return d.terminated(int(d.uint32())) }

func (d *decoder) signature() string { return d.terminated(int(d.byte())) }

// terminated returns the next n bytes, behind which there is a zero.
func (d *decoder) terminated(n int) string {
	s := string(d.take(n))
	if d.byte() != 0 || !isText(s) {
		d.bad = true
	}
	if d.bad {
		return ""
	}
	return s
}

func (d *decoder) bytes() []byte { return d.take(int(d.uint32())) }

// array returns where an array ends, whose first element comes next.
func (d *decoder) array(alignment int) (end int) {
	length := int(d.uint32())
	d.align(alignment)
	if d.bad || length < 0 || length > len(d.data)-d.at {
		d.bad = true
		return d.at
	}
	return d.at + length
}

// paths returns an ao.
func (d *decoder) paths() []string {
	var list []string
	for end := d.array(4); d.at < end && !d.bad; {
		list = append(list, d.text())
	}
	if d.bad {
		return nil
	}
	return list
}
