package term

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

func TestWaiting(t *testing.T) {
	for _, test := range []struct {
		name  string
		takes time.Duration
		links bool
		say   bool
		want  string
	}{
		{"a short wait", waitingAfter - 1, true, false, ""},
		{"a long wait", waitingAfter + 1, true, false, "\r\x1b[Kasking github.com ...\r\x1b[K"},
		{"a long wait with a message", waitingAfter + 1, true, true, "\r\x1b[Kasking github.com ...\r\x1b[Kgit pat: hello\n"},
		{"no terminal", waitingAfter + 1, false, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var errOut bytes.Buffer
				u := &Terminal{Err: &errOut, Links: test.links}
				done := u.Waiting("asking github.com")
				time.Sleep(test.takes)
				synctest.Wait()
				if test.say {
					u.Say("hello")
				}
				done()
				time.Sleep(waitingAfter)
				synctest.Wait()
				if errOut.String() != test.want {
					t.Errorf("got %q, want %q", &errOut, test.want)
				}
			})
		})
	}
}
