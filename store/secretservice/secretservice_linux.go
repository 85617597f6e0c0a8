package secretservice

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// The errors that a caller has to tell apart.
var (
	// ErrNotFound is for an item that is not there.
	ErrNotFound = errors.New("no such item")

	// ErrNoBus is for where nothing names a session bus.
	ErrNoBus = errors.New("no D-Bus session bus")

	// ErrNoService is for a bus that is gone, or knows no program that would
	// be the Secret Service.
	ErrNoService = errors.New("no program provides it")

	// ErrLocked is for where the person did not unlock what would have to be,
	// and where there has never been a keyring.
	ErrLocked = errors.New("locked")

	// ErrHungUp is for a connection that the bus ended.
	ErrHungUp = errors.New("the session bus hung up")

	// ErrNonsense is for an answer of a form that it may not have.
	ErrNonsense = errors.New("an answer that makes no sense")
)

// A CallError is what the Secret Service or the bus said to a call.
type CallError struct {
	Name string // as in org.freedesktop.DBus.Error.AccessDenied
	Text string // for people
}

func (e *CallError) Error() string {
	if e.Text == "" {
		return e.Name
	}
	return e.Text
}

const (
	serviceName = "org.freedesktop.secrets"
	servicePath = "/org/freedesktop/secrets"

	serviceInterface    = "org.freedesktop.Secret.Service"
	collectionInterface = "org.freedesktop.Secret.Collection"
	itemInterface       = "org.freedesktop.Secret.Item"
	promptInterface     = "org.freedesktop.Secret.Prompt"

	loginCollection   = servicePath + "/collection/login"
	defaultCollection = servicePath + "/aliases/default"

	none = "/" // in the place of a prompt: there is nothing to ask
)

// Get returns the secret of the item that is filed under a service and a user.
// It may ask the person to unlock the keyring, and waits for that until ctx is
// done.
func Get(ctx context.Context, service, user string) (string, error) {
	s, err := open(ctx)
	if err != nil {
		return "", err
	}
	defer s.close()
	item, err := s.find(service, user)
	if err != nil {
		return "", err
	}
	if err := s.unlock(item); err != nil {
		return "", err
	}
	return s.secret(item)
}

// Set keeps a secret under a service and a user, in place of what is there. It
// may wait as Get does.
func Set(ctx context.Context, service, user, secret string) error {
	s, err := open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if !isText(service) || !isText(user) {
		return errors.New("a name that D-Bus cannot carry")
	}
	collection, err := s.collection()
	if err != nil {
		return err
	}
	return s.create(collection, service, user, secret)
}

// Delete removes the item that is filed under a service and a user. It may
// wait as Get does.
func Delete(ctx context.Context, service, user string) error {
	s, err := open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	item, err := s.find(service, user)
	if err != nil {
		return err
	}
	answer, err := s.call(item, itemInterface, "Delete", "", encoder{}, "o")
	if err != nil {
		return err
	}
	_, err = s.prompt(answer)
	return err
}

// A secretService is a connection to one.
type secretService struct{ bus *bus }

func open(ctx context.Context) (*secretService, error) {
	b, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	return &secretService{b}, nil
}

func (s *secretService) close() { s.bus.close() }

func (s *secretService) call(path, iface, member, signature string, arguments encoder, want string) (*decoder, error) {
	return s.bus.call(serviceName, path, iface, member, signature, arguments, want)
}

// attributes are those of go-keyring.
func attributes(service, user string) map[string]string {
	return map[string]string{"service": service, "username": user}
}

// find returns the item of a service and a user.
func (s *secretService) find(service, user string) (item string, err error) {
	if !isText(service) || !isText(user) {
		return "", ErrNotFound
	}
	collection, err := s.collection()
	if err != nil {
		return "", err
	}
	var arguments encoder
	arguments.strings(attributes(service, user))
	answer, err := s.call(collection, collectionInterface, "SearchItems", "a{ss}", arguments, "ao")
	if err != nil {
		return "", err
	}
	items := answer.paths()
	switch {
	case answer.bad:
		return "", ErrNonsense
	case len(items) == 0:
		return "", ErrNotFound
	}
	return items[0], nil
}

// collection returns the collection that is unlocked at log-in, or else the
// default one, and unlocks it: what is in a locked one not every keyring knows.
func (s *secretService) collection() (path string, err error) {
	var arguments encoder
	arguments.text(serviceInterface)
	arguments.text("Collections")
	path = defaultCollection
	answer, err := s.call(servicePath, "org.freedesktop.DBus.Properties", "Get", "ss", arguments, "v")
	var fault *CallError
	switch {
	case errors.As(err, &fault):
		// The next call may say more.
	case err != nil:
		return "", err
	default:
		if answer.signature() != "ao" {
			return "", ErrNonsense
		}
		if slices.Contains(answer.paths(), loginCollection) {
			path = loginCollection
		}
		if answer.bad {
			return "", ErrNonsense
		}
	}
	return path, s.unlock(path)
}

// unlock unlocks a collection or an item.
func (s *secretService) unlock(path string) error {
	var arguments encoder
	arguments.array(4, func() { arguments.text(path) })
	answer, err := s.call(servicePath, serviceInterface, "Unlock", "ao", arguments, "aoo")
	if err != nil {
		return err
	}
	unlocked := answer.paths()
	more, err := s.prompt(answer)
	if err != nil {
		return err
	}
	// The default collection is another one by its own name.
	if unlocked = append(unlocked, more...); slices.Contains(unlocked, path) || path == defaultCollection && len(unlocked) > 0 {
		return nil
	}
	return ErrLocked
}

// prompt reads the path of a prompt, the last value of an answer, and has the
// person asked, if need be. It returns what was unlocked.
func (s *secretService) prompt(answer *decoder) (unlocked []string, err error) {
	path := answer.text()
	switch {
	case answer.bad:
		return nil, ErrNonsense
	case path == none:
		return nil, nil
	}
	var rule, window encoder
	rule.text("type='signal',sender='" + serviceName + "',interface='" + promptInterface + "',path='" + path + "'")
	if _, err := s.bus.call(busName, busPath, busName, "AddMatch", "s", rule, ""); err != nil {
		return nil, err
	}
	window.text("") // of none
	if _, err := s.call(path, promptInterface, "Prompt", "s", window, ""); err != nil {
		return nil, err
	}
	completed, err := s.bus.await(func(m message) bool {
		return m.kind == signal && m.path == path && m.iface == promptInterface && m.member == "Completed"
	})
	if err != nil {
		return nil, err
	}
	if completed.signature != "bv" {
		return nil, ErrNonsense
	}
	body := &completed.body
	dismissed := body.bool()
	if body.signature() == "ao" {
		unlocked = body.paths()
	}
	switch {
	case body.bad:
		return nil, ErrNonsense
	case dismissed:
		return nil, ErrLocked
	}
	return unlocked, nil
}

// session opens a session in which secrets go over the bus as they are. The
// end of the connection ends it.
func (s *secretService) session() (path string, err error) {
	var arguments encoder
	arguments.text("plain")
	arguments.signature("s")
	arguments.text("")
	answer, err := s.call(servicePath, serviceInterface, "OpenSession", "sv", arguments, "vo")
	if err != nil {
		return "", err
	}
	if answer.signature() != "s" {
		return "", ErrNonsense
	}
	answer.text()
	path = answer.text()
	if answer.bad {
		return "", ErrNonsense
	}
	return path, nil
}

// secret returns the secret of an item.
func (s *secretService) secret(item string) (string, error) {
	session, err := s.session()
	if err != nil {
		return "", err
	}
	var arguments encoder
	arguments.text(session)
	answer, err := s.call(item, itemInterface, "GetSecret", "o", arguments, "(oayays)")
	if err != nil {
		return "", err
	}
	answer.text()
	answer.bytes() // the parameters of the session's algorithm
	secret := string(answer.bytes())
	answer.text() // the type of the content
	if answer.bad {
		return "", ErrNonsense
	}
	return secret, nil
}

// create makes an item, or replaces the one with the same attributes.
func (s *secretService) create(collection, service, user, secret string) error {
	session, err := s.session()
	if err != nil {
		return err
	}
	var arguments encoder
	arguments.array(8, func() {
		arguments.align(8)
		arguments.text(itemInterface + ".Label")
		arguments.signature("s")
		arguments.text(fmt.Sprintf("Password for '%s' on '%s'", user, service))
		arguments.align(8)
		arguments.text(itemInterface + ".Attributes")
		arguments.signature("a{ss}")
		arguments.strings(attributes(service, user))
	})
	arguments.align(8)
	arguments.text(session)
	arguments.bytes(nil)
	arguments.bytes([]byte(secret))
	arguments.text("text/plain; charset=utf8")
	arguments.bool(true) // replace
	answer, err := s.call(collection, collectionInterface, "CreateItem", "a{sv}(oayays)b", arguments, "oo")
	if err != nil {
		return err
	}
	answer.text()
	_, err = s.prompt(answer)
	return err
}
