package protocol

import (
	"errors"
	"io"
	"os"
	"time"
)

// Standstill is how long a reader of Within waits for the next byte.
const Standstill = 10 * time.Second

// ErrStandstill is the error of a reader that has waited so long.
var ErrStandstill = errors.New("the request was not finished: nothing came for ten seconds")

// Within returns a reader of a file that fails with ErrStandstill if nothing
// arrives within a time. It is not to be used after that.
func Within(limit time.Duration, f *os.File) io.Reader { return &within{f, limit} }

type within struct {
	file  *os.File
	limit time.Duration
}
