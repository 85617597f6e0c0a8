package store

import (
	"context"
	"errors"

	"github.com/git-credential-pat/git-credential-pat/store/secretservice"
)

func keyringGet(ctx context.Context, service, user string) (string, error) {
	return secretservice.Get(ctx, service, user)
}

func keyringSet(ctx context.Context, service, user, secret string) error {
	return secretservice.Set(ctx, service, user, secret)
}

func keyringDelete(ctx context.Context, service, user string) error {
	return secretservice.Delete(ctx, service, user)
}

// keyringFault tells the errors of the Secret Service apart.
func keyringFault(err error) error {
	trouble := &Trouble{Store: "keyring", Advice: adviceOther}
	switch {
	case errors.Is(err, secretservice.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, secretservice.ErrNoBus):
		trouble.What, trouble.Absent = "is not there: no D-Bus session bus", true
	case errors.Is(err, secretservice.ErrNoService):
		trouble.What, trouble.Absent = "is not there: no program provides it", true
	case errors.Is(err, secretservice.ErrLocked):
		trouble.What, trouble.Advice = "is locked", adviceUnlock
	case errors.Is(err, secretservice.ErrHungUp):
		trouble.What = "did not answer: the D-Bus session bus hung up"
	case errors.Is(err, secretservice.ErrNonsense):
		trouble.What = "gave an answer that makes no sense"
	default:
		return nil
	}
	return trouble
}
