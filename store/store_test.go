package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// isStoreError returns err as a *Error. It fails the test if err is not a *Error,
// or wraps ErrNotFound too.
func isStoreError(t *testing.T, what string, err error) *Error {
	t.Helper()
	var failed *Error
	if !errors.As(err, &failed) || errors.Is(err, ErrNotFound) {
		t.Errorf("%s: got error %v, want a *Error", what, err)
		return &Error{}
	}
	if failed.Store == "" || failed.What == "" || strings.HasSuffix(failed.What, ".") {
		t.Errorf("%s: got %+v, which makes no sentence", what, *failed)
	}
	return failed
}

func TestError(t *testing.T) {
	t.Parallel()
	got := (&Error{Store: "git:x\x1b[2J", What: "is locked"}).Error()
	if want := `the store "git:x\x1b[2J" is locked`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "tree")
	for _, test := range []struct {
		name     string
		ok       bool
		readOnly bool
	}{
		{name: "keyring", ok: true},
		{name: "file", ok: true},
		{name: "git:store", ok: true},
		{name: "git:cache --timeout=3600", ok: true},
		{name: "git:/usr/lib/helper --flag", ok: true},
		{name: "git:!f() { :; }; f", ok: true},
		{name: "git:options", ok: true},
		{name: "env:TOKEN", ok: true, readOnly: true},
		{name: "env:_T0", ok: true, readOnly: true},

		{name: ""},
		{name: "Keyring"},
		{name: "keyring:"},
		{name: "file:/etc"},
		{name: "git"},
		{name: "git:"},
		{name: "git: "},
		{name: "git:pat"}, // this program
		{name: "git: pat"},
		{name: "git:pat --store file"},
		{name: "git:store\nx"},
		{name: "git:store\x7f"},
		{name: "env:", readOnly: true},
		{name: "env:A B", readOnly: true},
		{name: "env:0A", readOnly: true},
		{name: "env:A=B", readOnly: true},
		{name: "env:\u00c4", readOnly: true},
		{name: "vault"},
	} {
		s, err := Open(test.name, dir, Options{})
		if (err == nil) != test.ok || (s != nil) != test.ok {
			t.Errorf("%q: got %T and error %v, want a store: %v", test.name, s, err, test.ok)
		}
		if got := ReadOnly(test.name); got != test.readOnly {
			t.Errorf("%q: read-only: got %v, want %v", test.name, got, test.readOnly)
		}
	}
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening stores made %s", dir)
	}
}

// The tests run in a bubble of package synctest, so they take no time.
func TestOptions(t *testing.T) {
	t.Parallel()
	errOwn := errors.New("an error of the store's")
	for _, test := range []struct {
		name     string
		somebody bool
		limit    time.Duration
		takes    time.Duration // the time of the call, which ignores its context
		err      error
		panics   bool

		want     string        // the value, or
		wantErr  error         // the error, or
		wantWhat string        // the field What of a *Error
		wantTook time.Duration // the time of wait
		wantTold int
	}{
		{name: "at once", want: "value"},
		{name: "an error of its own", err: errOwn, wantErr: errOwn},
		{name: "not found", err: ErrNotFound, wantErr: ErrNotFound},
		{name: "just within the second", takes: 999 * time.Millisecond, want: "value", wantTook: 999 * time.Millisecond},
		{name: "slow", takes: 2 * time.Second, want: "value", wantTook: 2 * time.Second},
		{name: "nobody is there", takes: time.Hour, wantWhat: "did not answer within 3s", wantTook: 3 * time.Second},
		{name: "somebody is there", somebody: true, takes: 59 * time.Second, want: "value", wantTook: 59 * time.Second, wantTold: 1},
		{name: "somebody leaves", somebody: true, takes: time.Hour, wantWhat: "did not answer within 1m0s", wantTook: time.Minute, wantTold: 1},
		{name: "somebody, and a limit", somebody: true, limit: 2 * time.Second, takes: time.Hour, wantWhat: "did not answer within 2s", wantTook: 2 * time.Second, wantTold: 1},
		{name: "a limit below the second", limit: 10 * time.Millisecond, takes: time.Hour, wantWhat: "did not answer within 10ms", wantTook: 10 * time.Millisecond},
		{name: "a panic", panics: true, wantWhat: "sent an invalid reply"},
		{name: "a late panic", takes: 2 * time.Second, panics: true, wantWhat: "sent an invalid reply", wantTook: 2 * time.Second},
		{name: "a panic after the limit", takes: time.Hour, panics: true, wantWhat: "did not answer within 3s", wantTook: 3 * time.Second},
		{name: "not found after the limit", takes: time.Hour, err: ErrNotFound, wantWhat: "did not answer within 3s", wantTook: 3 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var told atomic.Int32
				options := Options{Interactive: func() bool { return test.somebody }, Limit: test.limit, Waiting: func(name string) {
					if name != "slowstore" {
						t.Errorf("told of %q, want %q", name, "slowstore")
					}
					told.Add(1)
				}}
				start := time.Now()
				got, err := options.wait(t.Context(), "slowstore", func(context.Context) (string, error) {
					time.Sleep(test.takes)
					if test.panics {
						panic("as go-keyring does")
					}
					return "value", test.err
				})
				if took := time.Since(start); took != test.wantTook {
					t.Errorf("took %v, want %v", took, test.wantTook)
				}
				switch {
				case test.wantWhat != "":
					if failed := isStoreError(t, "", err); failed.What != test.wantWhat || failed.Store != "slowstore" || failed.Absent {
						t.Errorf("got %+v, want %q", *failed, test.wantWhat)
					}
				case !errors.Is(err, test.wantErr), test.wantErr == nil && (got != test.want || err != nil):
					t.Errorf("got %q and error %v, want %q and %v", got, err, test.want, test.wantErr)
				}
				// The call ends later and has no effect.
				time.Sleep(2 * time.Hour)
				if got := int(told.Load()); got != test.wantTold {
					t.Errorf("told %d times, want %d", got, test.wantTold)
				}
			})
		})
	}
}

// After a timeout, calls of this store fail at once. Other stores still work.
func TestOptionsLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		sleepy := func(context.Context) (string, error) {
			calls.Add(1)
			time.Sleep(time.Minute)
			return "", nil
		}
		options := Options{Session: new(Session)}
		for _, call := range []struct {
			store string
			took  time.Duration
			calls int32
		}{{"one", 3 * time.Second, 1}, {"one", 0, 1}, {"another", 3 * time.Second, 2}, {"one", 0, 2}} {
			start := time.Now()
			_, err := options.wait(t.Context(), call.store, sleepy)
			failed := isStoreError(t, call.store, err)
			if made := call.took > 0; failed.Late != made {
				t.Errorf("late %v, want %v", failed.Late, made)
			}
			if took := time.Since(start); took != call.took || calls.Load() != call.calls || failed.Store != call.store || failed.What != "did not answer within 3s" {
				t.Errorf("got %+v after %v and %d calls, want %v and %d", *failed, took, calls.Load(), call.took, call.calls)
			}
		}
		time.Sleep(time.Hour) // the calls end meanwhile
	})
}

func TestOptionsCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			time.Sleep(time.Second / 2)
			cancel()
		}()
		start := time.Now()
		options := Options{Session: new(Session)}
		_, err := options.wait(ctx, "store", func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ErrNotFound // like a call that gives up
		})
		if failed := isStoreError(t, "cancelled", err); !errors.Is(err, context.Canceled) || failed.What != "did not answer: context canceled" {
			t.Errorf("got %v, want that it was cancelled", err)
		}
		if value, err := options.wait(t.Context(), "store", func(context.Context) (string, error) { return "value", nil }); value != "value" || err != nil {
			t.Errorf("the next call: got %q, %v", value, err)
		}
		if took := time.Since(start); took != time.Second/2 {
			t.Errorf("took %v, want half a second", took)
		}
	})
}
