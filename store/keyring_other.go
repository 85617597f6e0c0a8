//go:build !linux

package store

import (
	"context"
	"errors"

	gokeyring "github.com/zalando/go-keyring"
)

// A keyringService is what the system's keyring is reached with: go-keyring. It
// knows no context, so that whoever waits for it has to go when the time is
// over.
type keyringService struct{}

func (*keyringService) Get(_ context.Context, service, user string) (string, error) {
	if absent := keyringAbsent(); absent != nil {
		return "", absent
	}
	return gokeyring.Get(service, user)
}

func (*keyringService) Set(_ context.Context, service, user, secret string) error {
	if absent := keyringAbsent(); absent != nil {
		return absent
	}
	return gokeyring.Set(service, user, secret)
}

func (*keyringService) Delete(_ context.Context, service, user string) error {
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
