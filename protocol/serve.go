package protocol

import (
	"context"
	"errors"
	"io"
)

// A Helper does what Git asks of a credential helper. The messages that it is
// handed have been checked as ReadRequest says.
type Helper interface {
	// Get returns the answer to a request. An empty message is no answer: Git
	// goes on to the next helper, or asks the person. It may not hold
	// protocol, host or path, since these would replace what Git asked for.
	Get(ctx context.Context, request Message) (Message, error)

	// Store takes note of a credential that a server has accepted, whoever
	// it came from. Git ignores the outcome.
	Store(ctx context.Context, request Message) error

	// Erase takes note of a credential that a server has refused, whoever it
	// came from. Git ignores the outcome.
	Erase(ctx context.Context, request Message) error
}

// capabilities are the extensions of the protocol that Serve speaks of when
// it is asked for them, as git-credential(1) describes them.
var capabilities = []string{"authtype", "state"}

// Serve runs one operation, the last argument of a helper. An operation that
// it does not know is no error and has no effect, and its input is not read:
// gitcredentials(7) asks helpers to be silent, for there may be more of them
// in the future.
func Serve(ctx context.Context, helper Helper, operation string, in io.Reader, out io.Writer) error {
	switch operation {
	case "capability":
		_, err := io.WriteString(out, capabilityText())
		return err
	case "get", "store", "erase":
	default:
		return nil
	}
	request, err := ReadRequest(in)
	if err != nil {
		return err
	}
	switch operation {
	case "store":
		return helper.Store(ctx, request)
	case "erase":
		return helper.Erase(ctx, request)
	}
	answer, err := helper.Get(ctx, request)
	if err != nil || len(answer.all()) == 0 {
		return err
	}
	for _, key := range []string{"protocol", "host", "path"} {
		if _, ok := answer.Lookup(key); ok {
			return errors.New("protocol: an answer may not hold " + key)
		}
	}
	return Write(out, answer)
}

func capabilityText() string {
	text := "version 0\n"
	for _, capability := range capabilities {
		text += "capability " + capability + "\n"
	}
	return text
}
