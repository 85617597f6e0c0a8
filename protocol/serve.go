package protocol

import (
	"context"
	"errors"
	"io"
)

// A Helper is a credential helper. Its methods receive requests that
// ReadRequest has accepted.
type Helper interface {
	// Get returns the credential for a request. If it returns an empty message,
	// Git asks the next helper, or prompts. The message must not contain
	// protocol, host or path, because they would replace those of the request.
	Get(ctx context.Context, request Message) (Message, error)

	// Store handles a credential that a server has accepted. It may come from
	// another helper or from a prompt. Git ignores the error.
	Store(ctx context.Context, request Message) error

	// Erase handles a credential that a server has rejected. It may come from
	// another helper or from a prompt. Git ignores the error.
	Erase(ctx context.Context, request Message) error
}

// capabilities is the answer to the operation "capability", git-credential(1).
const capabilities = "version 0\ncapability authtype\ncapability state\n"

// Serve runs one operation, which Git gives as the last argument of a helper.
// It ignores an unknown operation and does not read its input.
// gitcredentials(7) asks for this, because new operations may be added.
func Serve(ctx context.Context, helper Helper, operation string, in io.Reader, out io.Writer) error {
	switch operation {
	case "capability":
		_, err := io.WriteString(out, capabilities)
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
			return errors.New("protocol: an answer must not contain " + key)
		}
	}
	return Write(out, answer)
}
