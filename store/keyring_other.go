//go:build !linux

package store

import (
	"context"
	"errors"

	gokeyring "github.com/zalando/go-keyring"
)

// Go-keyring knows no context: whoever waits for it goes when the time is over.

func keyringGet(_ context.Context, service, user string) (string, error) {
	if absent := keyringAbsent(); absent != nil {
		return "", absent
	}
	return gokeyring.Get(service, user)
}

func keyringSet(_ context.Context, service, user, secret string) error {
	if absent := keyringAbsent(); absent != nil {
		return absent
	}
	return gokeyring.Set(service, user, secret)
}

func keyringDelete(_ context.Context, service, user string) error {
	if absent := keyringAbsent(); absent != nil {
		return absent
	}
	return gokeyring.Delete(service, user)
}

// keyringFault knows the few errors that go-keyring has of its own.
func keyringFault(err error) error {
	trouble := &Trouble{Store: "keyring", Advice: adviceOther}
	switch {
	case errors.Is(err, gokeyring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, gokeyring.ErrSetDataTooBig):
		trouble.What = "has no room for a secret of this length"
	case errors.Is(err, gokeyring.ErrUnsupportedPlatform):
		trouble.What, trouble.Absent = "is not there on this system", true
	case absent(err):
		trouble.What, trouble.Absent = "is not there: no program provides it", true
	default:
		return nil
	}
	return trouble
}
