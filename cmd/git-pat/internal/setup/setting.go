package setup

import (
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Helper is the value of credential.helper by which Git runs git-credential-pat.
const Helper = "pat"

// IsOurs reports whether a value of credential.helper names git-credential-pat.
func IsOurs(value string) bool {
	return value == Helper || strings.HasPrefix(value, Helper+" ")
}

// A setting is one key of Git's configuration with the values that setup adds.
// They are a block of their own, beside what others wrote: a value that the
// person had before is added again, so that undoing leaves theirs.
type setting struct {
	key      string
	block    []string
	marker   int  // the index in block of the value that tells it
	distinct bool // nobody else would set this key to that value
}

// settings are those of a host.
func settings(host, line string) []setting {
	list := []setting{
		{key: "credential.https://" + host + ".helper", block: []string{"", line}, marker: 1},
		{key: "credential.https://" + host + ".useHttpPath", block: []string{"true"}},
		{key: "credential.ssh://" + host + ".helper", block: []string{line}},
		{key: "credential.http://" + host + ".helper", block: []string{line}},
	}
	if name := credential.WithoutPort(host); name != host {
		// An SSH URL has a port of its own, or none.
		list = append(list, setting{key: "credential.ssh://" + name + ".helper", block: []string{line}})
	}
	return list
}

// pushSetting is the one that has Git say which requests are pushes.
func pushSetting(host string) setting {
	key, value := git.PushSetting(host)
	return setting{key: key, block: []string{value}, distinct: true}
}

// namesUs reports whether the block names the helper, or is otherwise nobody
// else's.
func (s setting) namesUs() bool { return s.distinct || IsOurs(s.block[s.marker]) }

// find returns where the block begins in values, or -1. What does not name the
// helper has one value, the last.
func (s setting) find(values []string) int {
	for i := len(values) - 1; i >= 0; i-- {
		ours := values[i] == s.block[s.marker]
		switch {
		case s.distinct:
		case s.namesUs():
			ours = IsOurs(values[i])
		default:
			ours = ours && i == len(values)-1
		}
		start := i - s.marker
		if ours && start >= 0 && slices.Equal(values[start:i], s.block[:s.marker]) {
			return start
		}
	}
	return -1
}

// keep makes the helper's options those that values has for it.
func (s setting) keep(values []string) {
	if start := s.find(values); start >= 0 {
		s.block[s.marker] = values[start+s.marker]
	}
}

// with returns the values with the block among them.
func (s setting) with(values []string) []string {
	start := s.find(values)
	if start < 0 {
		return append(slices.Clone(values), s.block...)
	}
	return slices.Concat(values[:start], s.block, values[start+len(s.block):])
}

// without returns the values but for the block.
func (s setting) without(values []string) []string {
	start := s.find(values)
	if start < 0 {
		return values
	}
	return slices.Concat(values[:start], values[start+len(s.block):])
}
