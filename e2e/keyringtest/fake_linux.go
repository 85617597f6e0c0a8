package keyringtest

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"
)

// A Behaviour says what a [Fake] does. The text can be used as the name of a
// test and as an argument in a script.
type Behaviour string

// The behaviours. Each one differs from Works only as its comment says.
const (
	// Works stores items in memory, in an unlocked collection named login.
	Works Behaviour = "works"

	// Prompts is locked, and the person unlocks it at every prompt. It behaves
	// like services other than gnome-keyring: it completes the prompt before it
	// replies to the call, and its OpenSession returns an empty array as
	// output.
	Prompts Behaviour = "prompts"

	// NoCollection has no collection yet.
	NoCollection Behaviour = "no-collection"

	// Dismissed is locked, and the person dismisses the prompt.
	Dismissed Behaviour = "dismissed"

	// NeverPrompts is locked, and its prompt is never completed.
	NeverPrompts Behaviour = "never-prompts"

	// EmptyCompleted is locked, and the signal that completes its prompt lacks
	// the arguments that the API requires.
	EmptyCompleted Behaviour = "empty-completed"

	// BusDies is locked, and its bus ends after the call for the prompt, while
	// the program waits for the result.
	BusDies Behaviour = "bus-dies"

	// WrongTypes returns a value of the wrong type for every property.
	WrongTypes Behaviour = "wrong-types"

	// Silent owns the name of the Secret Service and replies to no call.
	Silent Behaviour = "silent"

	// NoProvider is a bus on which nobody owns that name.
	NoProvider Behaviour = "no-provider"
)

// locked reports whether a prompt is needed to unlock the collection.
func (b Behaviour) locked() bool {
	switch b {
	case Prompts, Dismissed, NeverPrompts, EmptyCompleted, BusDies:
		return true
	}
	return false
}

// A Fake is a Secret Service inside the test process, on its own bus. It
// implements the part of the API for reading, writing and deleting single
// secrets in unencrypted sessions. It replies to other calls with an error.
type Fake struct {
	bus       *Bus
	behaviour Behaviour
	conn      *dbus.Conn    // nil for NoProvider
	done      chan struct{} // closed when serve has returned; nil for NoProvider

	// Only serve uses these fields.
	sessions map[dbus.ObjectPath]bool
	unlocks  map[dbus.ObjectPath][]dbus.ObjectPath // by prompt
	last     int                                   // number in the path of the newest session, item or prompt

	mu    sync.Mutex
	calls map[string]int // by member
	items []item
}

type item struct {
	path       dbus.ObjectPath
	attributes map[string]string
	secret     secret
}

// secret is a secret in a message. The API defines the order of the fields.
type secret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

// StartFake starts a fake. The files of its bus are inside dir, see [StartBus].
// If dbus-daemon is not installed, the error wraps exec.ErrNotFound.
func StartFake(dir string, behaviour Behaviour) (*Fake, error) {
	switch behaviour {
	case Works, Prompts, NoCollection, Dismissed, NeverPrompts, EmptyCompleted, BusDies, WrongTypes, Silent, NoProvider:
	default:
		return nil, fmt.Errorf("keyringtest: no behaviour %q", behaviour)
	}
	bus, err := StartBus(dir)
	if err != nil {
		return nil, err
	}
	f := &Fake{
		bus:       bus,
		behaviour: behaviour,
		sessions:  make(map[dbus.ObjectPath]bool),
		unlocks:   make(map[dbus.ObjectPath][]dbus.ObjectPath),
		calls:     make(map[string]int),
	}
	if behaviour == NoProvider {
		return f, nil
	}
	if err := f.start(); err != nil {
		f.Close()
		return nil, fmt.Errorf("keyringtest: %w", err)
	}
	return f, nil
}

func (f *Fake) start() error {
	conn, err := dbus.Connect(f.bus.Address)
	if err != nil {
		return err
	}
	f.conn = conn
	reply, err := conn.RequestName(busName, dbus.NameFlagDoNotQueue)
	if err != nil {
		return err
	}
	if reply != dbus.RequestNameReplyPrimaryOwner {
		return fmt.Errorf("%s is taken", busName)
	}
	// Exported methods would not keep the order of the messages and would
	// always reply, so take the raw messages. A message that does not fit the
	// channel is lost, but the channel is larger than the number of clients
	// that dbus-daemon allows. No client knows the bus before this function
	// returns, so no message is missed.
	messages := make(chan *dbus.Message, 4096)
	conn.Eavesdrop(messages)
	f.done = make(chan struct{})
	go f.serve(messages)
	return nil
}

// Env returns the environment variables with which a program uses the fake, see
// [Bus.Env].
func (f *Fake) Env() []string { return f.bus.Env() }

// Calls returns how many method calls the fake has received: all calls, or
// calls of the given members of any interface, such as "Unlock". A call is
// counted before the reply, and also if there is no reply.
func (f *Fake) Calls(members ...string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for member, calls := range f.calls {
		if len(members) == 0 || slices.Contains(members, member) {
			n += calls
		}
	}
	return n
}

// Len returns the number of stored items.
func (f *Fake) Len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.items)
}

// Close ends the fake and its bus. It may be called more than once.
func (f *Fake) Close() {
	// Close the bus first. Its end closes the connection. If the connection
	// were closed here while messages arrive, godbus would send on a closed
	// channel.
	f.bus.Close()
	if f.done != nil {
		<-f.done
	} else if f.conn != nil {
		_ = f.conn.Close()
	}
}

// serve handles the messages in order until the connection closes.
func (f *Fake) serve(messages <-chan *dbus.Message) {
	defer close(f.done)
	for m := range messages {
		switch m.Type {
		case dbus.TypeMethodCall:
			f.mu.Lock()
			f.calls[header(m, dbus.FieldMember)]++
			f.mu.Unlock()
			if f.behaviour != Silent {
				f.answer(m)
			}
		case dbus.TypeMethodReply:
			// The reply to GetId, which prompt calls.
			f.bus.Close()
		}
	}
}

func (f *Fake) answer(m *dbus.Message) {
	path, _ := m.Headers[dbus.FieldPath].Value().(dbus.ObjectPath)
	isCollection := (path == loginCollection || path == defaultAlias) && f.behaviour != NoCollection

	switch header(m, dbus.FieldInterface) + "." + header(m, dbus.FieldMember) {
	case "org.freedesktop.DBus.Properties.Get":
		f.property(m)

	case serviceInterface + ".OpenSession":
		var algorithm string
		var input dbus.Variant
		if !f.arguments(m, &algorithm, &input) {
			return
		}
		if algorithm != "plain" {
			f.fail(m, "org.freedesktop.DBus.Error.NotSupported", "only plain sessions")
			return
		}
		session := f.newPath(servicePath + "/session")
		f.sessions[session] = true
		var output any = ""
		if f.behaviour == Prompts {
			output = []byte{}
		}
		f.reply(m, dbus.MakeVariant(output), session)

	case sessionInterface + ".Close":
		delete(f.sessions, path)
		f.reply(m)

	case serviceInterface + ".Unlock":
		var objects []dbus.ObjectPath
		if !f.arguments(m, &objects) {
			return
		}
		if f.behaviour.locked() {
			prompt := f.newPath(servicePath + "/prompt")
			f.unlocks[prompt] = objects
			f.reply(m, []dbus.ObjectPath{}, prompt)
			return
		}
		f.reply(m, slices.DeleteFunc(objects, func(o dbus.ObjectPath) bool { return !f.exists(o) }), noPrompt)

	case promptInterface + ".Prompt":
		f.prompt(m, path)

	case collectionInterface + ".SearchItems":
		var attributes map[string]string
		switch {
		case !isCollection:
			f.noObject(m)
		case f.arguments(m, &attributes):
			f.reply(m, f.search(attributes))
		}

	case collectionInterface + ".CreateItem":
		var properties map[string]dbus.Variant
		var s secret
		var replace bool
		switch {
		case !isCollection:
			f.noObject(m)
		case f.arguments(m, &properties, &s, &replace):
			f.create(m, properties, s, replace)
		}

	case itemInterface + ".GetSecret":
		var session dbus.ObjectPath
		if !f.arguments(m, &session) {
			return
		}
		i := f.index(path)
		switch {
		case i < 0:
			f.noObject(m)
		case !f.sessions[session]:
			f.noSession(m)
		default:
			s := f.items[i].secret
			s.Session = session
			f.reply(m, s)
		}

	case itemInterface + ".Delete":
		i := f.index(path)
		if i < 0 {
			f.noObject(m)
			return
		}
		f.mu.Lock()
		f.items = slices.Delete(f.items, i, i+1)
		f.mu.Unlock()
		f.reply(m, noPrompt)

	default:
		f.fail(m, "org.freedesktop.DBus.Error.UnknownMethod", "no such method")
	}
}

func (f *Fake) property(m *dbus.Message) {
	var of, name string
	if !f.arguments(m, &of, &name) {
		return
	}
	if f.behaviour == WrongTypes {
		f.reply(m, dbus.MakeVariant("of a wrong type"))
		return
	}
	switch of + "." + name {
	case serviceInterface + ".Collections":
		collections := []dbus.ObjectPath{}
		if f.behaviour != NoCollection {
			collections = append(collections, loginCollection)
		}
		f.reply(m, dbus.MakeVariant(collections))
	case collectionInterface + ".Locked", itemInterface + ".Locked":
		f.reply(m, dbus.MakeVariant(f.behaviour.locked()))
	default:
		f.fail(m, "org.freedesktop.DBus.Error.UnknownProperty", "no such property")
	}
}

func (f *Fake) prompt(m *dbus.Message, path dbus.ObjectPath) {
	if f.behaviour == Prompts {
		_ = f.conn.Emit(path, promptInterface+".Completed", false, dbus.MakeVariant(f.unlocks[path]))
		f.reply(m)
		return
	}
	f.reply(m)
	var arguments []any
	switch f.behaviour {
	case Dismissed:
		arguments = []any{true, dbus.MakeVariant("")}
	case EmptyCompleted:
	case BusDies:
		// The caller must get the reply, and then see the end of the bus
		// instead of the signal. The bus delivers messages in order: when it
		// replies to GetId, the caller has the reply.
		f.conn.BusObject().Go("org.freedesktop.DBus.GetId", 0, nil)
		return
	default:
		return
	}
	// If the connection is closed, nobody receives the signal.
	_ = f.conn.Emit(path, promptInterface+".Completed", arguments...)
}

func (f *Fake) create(m *dbus.Message, properties map[string]dbus.Variant, s secret, replace bool) {
	if !f.sessions[s.Session] {
		f.noSession(m)
		return
	}
	attributes, ok := properties[itemInterface+".Attributes"].Value().(map[string]string)
	if !ok {
		f.fail(m, "org.freedesktop.DBus.Error.InvalidArgs", "no attributes")
		return
	}
	i := -1
	if replace {
		i = slices.IndexFunc(f.items, func(it item) bool { return maps.Equal(it.attributes, attributes) })
	}
	f.mu.Lock()
	if i < 0 {
		i = len(f.items)
		f.items = append(f.items, item{path: f.newPath(loginCollection), attributes: attributes})
	}
	f.items[i].secret = s
	f.mu.Unlock()
	f.reply(m, f.items[i].path, noPrompt)
}

// search returns the items that have all the attributes.
func (f *Fake) search(attributes map[string]string) []dbus.ObjectPath {
	found := []dbus.ObjectPath{}
next:
	for _, it := range f.items {
		for name, value := range attributes {
			if got, ok := it.attributes[name]; !ok || got != value {
				continue next
			}
		}
		found = append(found, it.path)
	}
	return found
}

// index returns the index of an item, or -1.
func (f *Fake) index(path dbus.ObjectPath) int {
	return slices.IndexFunc(f.items, func(it item) bool { return it.path == path })
}

func (f *Fake) exists(path dbus.ObjectPath) bool {
	if path == loginCollection || path == defaultAlias {
		return f.behaviour != NoCollection
	}
	return f.index(path) >= 0
}

// newPath returns an unused path below parent.
func (f *Fake) newPath(parent dbus.ObjectPath) dbus.ObjectPath {
	f.last++
	return parent + dbus.ObjectPath(fmt.Sprintf("/n%d", f.last))
}

// arguments stores the arguments of a call in into. If they do not fit, it
// replies with an error and returns false.
func (f *Fake) arguments(m *dbus.Message, into ...any) bool {
	err := dbus.Store(m.Body, into...)
	if err != nil {
		f.fail(m, "org.freedesktop.DBus.Error.InvalidArgs", err.Error())
	}
	return err == nil
}

func (f *Fake) noObject(m *dbus.Message) {
	f.fail(m, "org.freedesktop.Secret.Error.NoSuchObject", "no such object")
}

func (f *Fake) noSession(m *dbus.Message) {
	f.fail(m, "org.freedesktop.Secret.Error.NoSession", "no such session")
}

func (f *Fake) reply(m *dbus.Message, values ...any) {
	f.send(m, &dbus.Message{Type: dbus.TypeMethodReply, Body: values})
}

func (f *Fake) fail(m *dbus.Message, name, text string) {
	f.send(m, &dbus.Message{
		Type:    dbus.TypeError,
		Headers: map[dbus.HeaderField]dbus.Variant{dbus.FieldErrorName: dbus.MakeVariant(name)},
		Body:    []any{text},
	})
}

// send completes a reply to m and sends it. It does not wait, and does not fail
// if the caller has gone.
func (f *Fake) send(m, answer *dbus.Message) {
	if answer.Headers == nil {
		answer.Headers = make(map[dbus.HeaderField]dbus.Variant)
	}
	answer.Headers[dbus.FieldDestination] = m.Headers[dbus.FieldSender]
	answer.Headers[dbus.FieldReplySerial] = dbus.MakeVariant(m.Serial())
	if len(answer.Body) > 0 {
		answer.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(answer.Body...))
	}
	f.conn.Send(answer, nil)
}

// header returns a text field of the header of m, or "" if it is missing.
func header(m *dbus.Message, field dbus.HeaderField) string {
	text, _ := m.Headers[field].Value().(string)
	return text
}
