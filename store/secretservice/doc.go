// Package secretservice keeps secrets in the Secret Service, the interface that
// the keyrings of Linux desktops have in common: gnome-keyring, KWallet,
// KeePassXC. It has a client for D-Bus of its own, as far as that takes.
//
// The manuals are the "Secret Service API" and the "D-Bus Specification" of
// freedesktop.org.
//
// Items are those of go-keyring, in the same collection and with the same
// attributes, so that each finds what the other has kept. Go-keyring is what
// other systems use. On Linux it needs a whole D-Bus library and with it
// package net, which takes the helper a tenth of a millisecond at each start,
// also where there is no keyring. And a program that is handed every token had
// better not know how to open a connection to another machine: this one knows
// the sockets of its own machine.
//
// There is an implementation for Linux only; elsewhere the package is empty.
package secretservice
