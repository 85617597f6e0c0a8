// Package e2e runs the two built programs as people and Git do: with the
// installed Git, over real HTTPS, against a server that answers as GitHub does
// (githubtest), and with real keyrings and such that misbehave (keyringtest).
//
// The scripts are in testdata/script. The first word of a script's name is
// what it is about: clone, push and such for Git's own commands, get, store
// and erase for what Git asks of the helper, add, list, remove and setup for
// those of git pat, keyring for stores in trouble.
package e2e
