package term

import (
	"strings"
	"testing"
)

// What is typed or pasted at the prompt for a secret.
func TestSecretLine(t *testing.T) {
	for _, test := range []struct {
		name, typed, want, received string
		err                         error
	}{
		{name: "typed", typed: "abc\n", want: "abc", received: "received 3 characters"},
		{name: "typed, with Enter as a carriage return", typed: "abc\r", want: "abc", received: "received 3 characters"},
		{name: "one", typed: "a\n", want: "a", received: "received 1 character"},
		{name: "nothing", typed: "\n"},
		{name: "spaces", typed: "  \n"},
		{name: "spaces around", typed: " \tabc \n", want: "abc", received: "received 3 characters"},
		{name: "corrected", typed: "abx\x7fcy\b\n", want: "abc", received: "received 3 characters"},
		{name: "more corrected than there was", typed: "a\x7f\x7f\x7fb\n", want: "b", received: "received 1 character"},
		{name: "corrected by a whole character", typed: "aé\x7fb\n", want: "ab", received: "received 2 characters"},
		{name: "begun again", typed: "xyz\x15abc\n", want: "abc", received: "received 3 characters"},
		{name: "Ctrl-Z and Ctrl-\\", typed: "a\x1ab\x1cc\n", want: "abc", received: "received 3 characters"},
		{name: "pasted", typed: "\x1b[200~abc\x1b[201~\n", want: "abc", received: "received 3 characters"},
		{name: "pasted with a newline", typed: "\x1b[200~abc\r\n\x1b[201~\n", want: "abc", received: "received 3 characters"},
		{name: "pasted in two parts", typed: "\x1b[200~ab\x1b[201~\x1b[200~c\x1b[201~\n", want: "abc", received: "received 3 characters"},
		{name: "pasted with two lines", typed: "\x1b[200~ab\nc\x1b[201~\n", want: "ab\nc", received: "received 4 characters"},
		{name: "an arrow key", typed: "\x1b[A\n", want: "\x1b[A", received: "received 3 characters"},
		{name: "64 KiB", typed: strings.Repeat("x", 64<<10) + "\n", want: strings.Repeat("x", 64<<10), received: "received 65536 characters"},
		{name: "Ctrl-D", typed: "\x04", err: ErrCancelled},
		{name: "Ctrl-D in the middle", typed: "abc\x04", err: ErrCancelled},
		{name: "Ctrl-C", typed: "abc\x03", err: errInterrupted},
		{name: "Ctrl-C in a paste without an end", typed: "\x1b[200~abc\n\x03", err: errInterrupted},
	} {
		t.Run(test.name, func(t *testing.T) {
			var s secretLine
			var done bool
			var err error
			for i := 0; i < len(test.typed) && !done && err == nil; i++ {
				done, err = s.add(test.typed[i])
			}
			if err != test.err || done != (test.err == nil) {
				t.Fatalf("got %v, %v, want %v", done, err, test.err)
			}
			if err == nil && (string(s.text) != test.want || s.received() != test.received) {
				t.Errorf("got %q, %q, want %q, %q", s.text, s.received(), test.want, test.received)
			}
		})
	}
}
