// Package keyringtest starts Secret Services for tests: a real gnome-keyring,
// or a fake one that can misbehave.
//
// Each service runs on its own D-Bus message bus. The bus starts no other
// services, and programs can find it only by its address. Run a program with
// the environment of a service:
//
//	cmd.Env = append(os.Environ(), service.Env()...)
//
// The program then uses that service or none. It never uses the keyring of the
// person who runs the tests. Run code of the test process as a child too,
// because D-Bus clients often keep the first bus that they find.
//
// A service ends with Close, or when the test process ends for any reason. Its
// files are in a folder below /tmp, which Close removes.
//
// The package is empty on systems other than Linux.
package keyringtest
