// Package e2e runs the two built programs as people and Git do: with the
// installed Git, over real HTTPS, against a server that answers as GitHub does
// (githubtest), and with real keyrings and such that misbehave (keyringtest).
//
// The scripts are in testdata/script. The first word of a script's name is
// what it is about: clone, fetch, push, lfs and submodule for Git's own
// commands; get, store and erase for what Git asks of the helper, chain for
// other helpers beside it, ssh and readonly for where it cannot serve, keyring
// for stores in trouble, gogit for Go programs with package store/gogit;
// and a command of git pat for that.
//
// The tests called TestSoak run many programs at once, kill them, and take the
// disk and the keyring away from them. Make soak runs them whole.
package e2e
