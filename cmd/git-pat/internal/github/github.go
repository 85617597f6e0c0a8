// Package github answers what only GitHub knows: whether a token is valid, what
// it may do, and why GitHub refused it.
//
// It also knows the checksums inside GitHub's tokens and the addresses of the
// pages where a person creates, sees and deletes them. It returns data and typed
// errors. The sentences for people are in package main of git-pat. The helper
// that Git runs does not link this package, and nothing here decides which token
// answers Git: package credential does.
package github
