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

var behaviours = []Behaviour{Works, Prompts, NoCollection, Dismissed, NeverPrompts, EmptyCompleted, BusDies, WrongTypes, Silent, NoProvider}

// Names of the Secret Service API 0.2,
// https://specifications.freedesktop.org/secret-service-spec/0.2/
const (
	busName = "org.freedesktop.secrets"

	serviceInterface    = "org.freedesktop.Secret.Service"
	collectionInterface = "org.freedesktop.Secret.Collection"
	itemInterface       = "org.freedesktop.Secret.Item"
	sessionInterface    = "org.freedesktop.Secret.Session"
	promptInterface     = "org.freedesktop.Secret.Prompt"

	servicePath     dbus.ObjectPath = "/org/freedesktop/secrets"
	loginCollection dbus.ObjectPath = servicePath + "/collection/login"

	// noPrompt is the prompt in a reply if no prompt is needed.
	noPrompt dbus.ObjectPath = "/"
)

// A Fake is a Secret Service inside the test process, on its own bus. It
// implements the part of the API for reading, writing and deleting single
// secrets in unencrypted sessions. It replies to other calls with an error.
type Fake struct {
	*Bus
	behaviour Behaviour
	conn      *dbus.Conn    // nil for NoProvider
	closed    chan struct{} // ends the calls to a silent fake

	mu      sync.Mutex
	calls   map[string]int // by member
	items   []item
	prompts map[dbus.ObjectPath][]dbus.ObjectPath // what each one unlocks
	last    int                                   // number in the path of the newest item or prompt
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

// StartFake starts a fake. If dbus-daemon is not installed, the error wraps
// exec.ErrNotFound.
func StartFake(behaviour Behaviour) (*Fake, error) {
	if !slices.Contains(behaviours, behaviour) {
		return nil, fmt.Errorf("keyringtest: no behaviour %q", behaviour)
	}
	bus, err := startBus()
	if err != nil {
		return nil, err
	}
	f := &Fake{
		Bus:       bus,
		behaviour: behaviour,
		closed:    make(chan struct{}),
		calls:     make(map[string]int),
		prompts:   make(map[dbus.ObjectPath][]dbus.ObjectPath),
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
	conn, err := dbus.Connect(f.address)
	if err != nil {
		return err
	}
	f.conn = conn
	for name, methods := range map[string]map[string]any{
		"org.freedesktop.DBus.Properties": {"Get": f.property},
		serviceInterface:                  {"OpenSession": f.openSession, "Unlock": f.unlock},
		sessionInterface:                  {"Close": f.closeSession},
		promptInterface:                   {"Prompt": f.prompt},
		collectionInterface:               {"SearchItems": f.searchItems, "CreateItem": f.createItem},
		itemInterface:                     {"GetSecret": f.getSecret, "Delete": f.delete},
	} {
		if err := conn.ExportSubtreeMethodTable(methods, servicePath, name); err != nil {
			return err
		}
	}
	_, err = conn.RequestName(busName, dbus.NameFlagDoNotQueue)
	return err
}

// Calls returns how many calls of methods the fake has received, such as
// "CreateItem". A call is counted before the reply, and also if there is no
// reply.
func (f *Fake) Calls(members ...string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, member := range members {
		n += f.calls[member]
	}
	return n
}

// Len returns the number of stored items.
func (f *Fake) Len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.items)
}

// Close ends the fake and its bus. It must be called once.
func (f *Fake) Close() {
	close(f.closed)
	f.Bus.Close()
	if f.conn != nil {
		f.conn.Close()
	}
}

// called begins a method: it counts the call, and locks f.mu until the method
// calls the function that it returns.
func (f *Fake) called(member string) (done func()) {
	f.mu.Lock()
	f.calls[member]++
	if f.behaviour == Silent {
		f.mu.Unlock()
		<-f.closed
		f.mu.Lock()
	}
	return f.mu.Unlock
}

// locked reports whether a prompt is needed to unlock the collection.
func (f *Fake) locked() bool {
	return slices.Contains([]Behaviour{Prompts, Dismissed, NeverPrompts, EmptyCompleted, BusDies}, f.behaviour)
}

func (f *Fake) property(_, name string) (dbus.Variant, *dbus.Error) {
	defer f.called("Get")()
	switch {
	case f.behaviour == WrongTypes:
		return dbus.MakeVariant("of a wrong type"), nil
	case name == "Collections" && f.behaviour == NoCollection:
		return dbus.MakeVariant([]dbus.ObjectPath{}), nil
	case name == "Collections":
		return dbus.MakeVariant([]dbus.ObjectPath{loginCollection}), nil
	case name == "Locked":
		return dbus.MakeVariant(f.locked()), nil
	}
	return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", nil)
}

func (f *Fake) openSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	defer f.called("OpenSession")()
	var output any = ""
	if f.behaviour == Prompts {
		output = []byte{}
	}
	return dbus.MakeVariant(output), servicePath + "/session/plain", nil
}

func (f *Fake) closeSession() *dbus.Error {
	f.called("Close")()
	return nil
}

func (f *Fake) unlock(objects []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	defer f.called("Unlock")()
	if f.locked() {
		prompt := f.newPath(servicePath + "/prompt")
		f.prompts[prompt] = objects
		return []dbus.ObjectPath{}, prompt, nil
	}
	if f.behaviour == NoCollection {
		objects = []dbus.ObjectPath{}
	}
	return objects, noPrompt, nil
}

func (f *Fake) prompt(m dbus.Message, _ string) *dbus.Error {
	defer f.called("Prompt")()
	prompt := pathOf(m)
	const completed = promptInterface + ".Completed"
	switch f.behaviour {
	case Prompts:
		f.conn.Emit(prompt, completed, false, dbus.MakeVariant(f.prompts[prompt]))
	case Dismissed:
		f.conn.Emit(prompt, completed, true, dbus.MakeVariant(""))
	case EmptyCompleted:
		f.conn.Emit(prompt, completed)
	case BusDies:
		// The caller must get the reply, and then see the end of the bus
		// instead of the signal. The bus delivers messages in order: when it
		// replies to GetId, the caller has the reply.
		f.conn.Send(&dbus.Message{Type: dbus.TypeMethodReply, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldDestination: m.Headers[dbus.FieldSender],
			dbus.FieldReplySerial: dbus.MakeVariant(m.Serial()),
		}}, nil)
		f.conn.BusObject().Call("org.freedesktop.DBus.GetId", 0)
		f.Bus.Close()
	}
	return nil
}

// searchItems returns the items that have all the attributes.
func (f *Fake) searchItems(attributes map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	defer f.called("SearchItems")()
	found := []dbus.ObjectPath{}
	for _, it := range f.items {
		all := maps.Clone(it.attributes)
		maps.Copy(all, attributes)
		if maps.Equal(all, it.attributes) {
			found = append(found, it.path)
		}
	}
	return found, nil
}

func (f *Fake) createItem(properties map[string]dbus.Variant, s secret, replace bool) (path, prompt dbus.ObjectPath, e *dbus.Error) {
	defer f.called("CreateItem")()
	attributes, _ := properties[itemInterface+".Attributes"].Value().(map[string]string)
	i := slices.IndexFunc(f.items, func(it item) bool { return replace && maps.Equal(it.attributes, attributes) })
	if i < 0 {
		i = len(f.items)
		f.items = append(f.items, item{path: f.newPath(loginCollection), attributes: attributes})
	}
	f.items[i].secret = s
	return f.items[i].path, noPrompt, nil
}

func (f *Fake) getSecret(m dbus.Message, session dbus.ObjectPath) (secret, *dbus.Error) {
	defer f.called("GetSecret")()
	i := f.index(m)
	if i < 0 {
		return secret{Session: noPrompt}, errNoObject
	}
	s := f.items[i].secret
	s.Session = session
	return s, nil
}

func (f *Fake) delete(m dbus.Message) (prompt dbus.ObjectPath, e *dbus.Error) {
	defer f.called("Delete")()
	i := f.index(m)
	if i < 0 {
		return noPrompt, errNoObject
	}
	f.items = slices.Delete(f.items, i, i+1)
	return noPrompt, nil
}

var errNoObject = dbus.NewError("org.freedesktop.Secret.Error.NoSuchObject", nil)

// index returns the index of the item that m is for, or -1.
func (f *Fake) index(m dbus.Message) int {
	return slices.IndexFunc(f.items, func(it item) bool { return it.path == pathOf(m) })
}

func pathOf(m dbus.Message) dbus.ObjectPath {
	path, _ := m.Headers[dbus.FieldPath].Value().(dbus.ObjectPath)
	return path
}

// newPath returns an unused path below parent.
func (f *Fake) newPath(parent dbus.ObjectPath) dbus.ObjectPath {
	f.last++
	return parent + dbus.ObjectPath(fmt.Sprintf("/n%d", f.last))
}
