// Package gitea runs the two built programs against a real Gitea, which is built
// from its released module. The server listens on the loopback interface only, with
// a certificate made at run time; users, repositories and tokens are made by Gitea's
// own API.
//
// It is a module of its own, so that the modules of Gitea are not in the go.mod of
// the product. "make forges" runs it. The scripts are in testdata/script.
package gitea
