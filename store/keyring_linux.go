package store

import (
	"errors"

	"github.com/git-credential-pat/git-credential-pat/store/secretservice"
)

// A keyringService is what the system's keyring is reached with.
type keyringService = secretservice.Client

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
