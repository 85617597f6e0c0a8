// Package e2e runs the two built programs as people and Git do: with the
// installed Git, over real HTTPS, with a server that behaves like GitHub
// (githubtest), and with real and misbehaving keyrings (keyringtest).
//
// The scripts are in testdata/script. The first word of a script's name is its
// subject: clone, fetch, push, lfs and submodule for Git's own commands; get,
// store and erase for what Git asks of the helper; chain for other helpers; ssh
// and readonly for where tokens do not work; keyring for stores that fail; gogit
// for package store/gogit; or a command of git pat.
//
// The tests called TestSoak run many programs at once, kill them, and take the
// disk and the keyring away from them. "make soak" runs them with all rounds.
//
// The folder gitea is a module of its own. Its tests run the programs with a real
// Gitea. "make forges" runs them.
package e2e
