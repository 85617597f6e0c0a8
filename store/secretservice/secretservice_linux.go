package secretservice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
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
	sessionInterface    = "org.freedesktop.Secret.Session"

	loginCollection   = servicePath + "/collection/login"
	defaultCollection = servicePath + "/aliases/default"

	none = "/" // in the place of a prompt: there is nothing to ask
)

// A Client is a connection to the Secret Service, which is made when it is
// needed and kept: KeePassXC remembers by connection what the person has
// allowed. It is for any number of goroutines, which wait for each other, since
// there is one person to ask. The zero value is ready for use.
//
// Its methods may ask the person to unlock the keyring, and wait for that until
// their context is done.
type Client struct {
	turn sync.Mutex
	bus  *bus // nil where there is none
}

// do calls f with a connection.
func (c *Client) do(ctx context.Context, f func(*secretService) error) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	kept := c.bus != nil
	err := c.try(ctx, f)
	if kept && errors.Is(err, ErrHungUp) {
		err = c.try(ctx, f) // the bus may be another one by now
	}
	return err
}

func (c *Client) try(ctx context.Context, f func(*secretService) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.bus == nil {
		b, err := dial(ctx)
		if err != nil {
			return err
		}
		c.bus = b
	}
	stop := c.bus.until(ctx)
	c.bus.signals = nil
	err := f(&secretService{c.bus})
	if !stop() || errors.Is(err, ErrHungUp) || errors.Is(err, ErrNonsense) {
		c.bus.socket.Close()
		c.bus = nil
	}
	return err
}

// Get returns the secret of the item that is filed under a service and a user.
func (c *Client) Get(ctx context.Context, service, user string) (secret string, err error) {
	err = c.do(ctx, func(s *secretService) error {
		item, err := s.find(service, user)
		if err == nil {
			err = s.unlock(item)
		}
		if err == nil {
			secret, err = s.secret(item)
		}
		return err
	})
	return secret, err
}

// Set keeps a secret under a service and a user, in place of what is there.
func (c *Client) Set(ctx context.Context, service, user, secret string) error {
	if !isText(service) || !isText(user) {
		return errors.New("a name that D-Bus cannot carry")
	}
	return c.do(ctx, func(s *secretService) error {
		collection, err := s.collection()
		if err == nil {
			err = s.create(collection, service, user, secret)
		}
		return err
	})
}

// Delete removes the item that is filed under a service and a user.
func (c *Client) Delete(ctx context.Context, service, user string) error {
	return c.do(ctx, func(s *secretService) error {
		item, err := s.find(service, user)
		if err != nil {
			return err
		}
		answer, err := s.call(item, itemInterface, "Delete", "", encoder{}, "o")
		if err == nil {
			_, err = s.prompt(answer)
		}
		return err
	})
}

// A secretService is one that is connected to.
type secretService struct{ bus *bus }

func (s *secretService) call(path, iface, member, signature string, arguments encoder, want string) (*decoder, error) {
	return s.bus.call(message{destination: serviceName, path: path, iface: iface, member: member, signature: signature}, arguments, want)
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
	if !s.bus.watches {
		var rule encoder
		rule.text("type='signal',sender='" + serviceName + "',interface='" + promptInterface + "'")
		if _, err := s.bus.call(ofBus("AddMatch", "s"), rule, ""); err != nil {
			return nil, err
		}
		s.bus.watches = true
	}
	var window encoder
	window.text("") // of none
	if _, err := s.call(path, promptInterface, "Prompt", "s", window, ""); err != nil {
		return nil, err
	}
	completed, err := s.bus.await(func(m message) bool {
		return m.path == path && m.iface == promptInterface && m.member == "Completed"
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

// session opens a session in which secrets go over the bus as they are.
func (s *secretService) session() (path string, err error) {
	var arguments encoder
	arguments.text("plain")
	arguments.signature("s")
	arguments.text("")
	answer, err := s.call(servicePath, serviceInterface, "OpenSession", "sv", arguments, "vo")
	if err != nil {
		return "", err
	}
	// There is nothing to say of it, in one type or the other.
	switch answer.signature() {
	case "s":
		answer.text()
	case "ay":
		answer.bytes()
	default:
		return "", ErrNonsense
	}
	path = answer.text()
	if answer.bad {
		return "", ErrNonsense
	}
	return path, nil
}

// end ends a session. Nobody has to wait for that.
func (s *secretService) end(session string) {
	s.bus.send(message{destination: serviceName, path: session, iface: sessionInterface, member: "Close", noReply: true}, encoder{})
}

// secret returns the secret of an item.
func (s *secretService) secret(item string) (string, error) {
	session, err := s.session()
	if err != nil {
		return "", err
	}
	defer s.end(session)
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
	defer s.end(session)
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
