// Package keyringtest gives tests a Secret Service to talk to: a real
// gnome-keyring, or a fake that misbehaves on demand.
//
// Each service runs on a D-Bus message bus of its own, which can start nothing
// by itself and is reached only by its address. A program run with the
// environment of a service, for example by
//
//	cmd.Env = append(os.Environ(), service.Env()...)
//
// therefore sees that service or none, and never the keyring of the person who
// runs the tests. Code inside the test's own process is better run as a child
// too, since D-Bus clients tend to keep the first bus they found.
//
// The services end with Close, and with the test process however that ends.
//
// Only Linux has an implementation; elsewhere the package is empty.
package keyringtest
