//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// calls is what one get asks of the system.
type calls struct {
	Missing  string   `json:"missing,omitempty"` // how to install what counts them
	All      int      `json:"all"`
	Ours     []string `json:"ours"` // files and folders of ours that it opens
	Writes   []string `json:"writes"`
	Locks    []string `json:"locks"`
	Children int      `json:"children"`
	Threads  int      `json:"threads"` // beside the first
}

var (
	openCall  = regexp.MustCompile(`^open(?:at)?\((?:AT_FDCWD, )?"([^"]*)", ([A-Z_|]+)`)
	writeCall = regexp.MustCompile(`^(?:p?write(?:v|64)?|mkdir|mkdirat|unlink|unlinkat|rename|renameat2?|link|linkat|symlink|symlinkat|truncate|ftruncate|chmod|fchmod|fchmodat|chown|fchown|fchownat|utime|utimes|utimensat|futimesat)\((?:(\d+),)?`)
	lockCall  = regexp.MustCompile(`^(?:flock\(|fcntl\(\d+, F_(?:OFD_)?SETLKW?)`)
)

// calls counts those of a get from the most tokens with strace, which follows
// threads and children. Whatever writes is counted but for the answer itself.
func (b *bench) calls(ctx context.Context, candidates []*candidate) (*calls, error) {
	if _, err := exec.LookPath("strace"); err != nil {
		return &calls{Missing: "sudo apt-get install strace"}, nil
	}
	key := fmt.Sprintf("file-%d", b.most)
	found := &calls{Ours: []string{}, Writes: []string{}, Locks: []string{}}
	for _, c := range candidates {
		if c.key != key {
			continue
		}
		log := filepath.Join(b.dir, "strace.log")
		out, err := b.output(ctx, c.env, c.getInput, "strace", append([]string{"-f", "-qq", "-o", log}, append(c.argv, "get")...)...)
		if err != nil {
			return nil, err
		}
		if err := wants(c.answer)(out); err != nil {
			return nil, err
		}
		text, err := os.ReadFile(log)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			found.count(line, b.patDir(key))
		}
	}
	return found, nil
}

// count counts a line of strace: a process's number, and a call with its
// outcome.
func (c *calls) count(line, ours string) {
	_, call, _ := strings.Cut(line, " ")
	call = strings.TrimSpace(call)
	if strings.HasPrefix(call, "<... ") || strings.HasPrefix(call, "+++") || strings.HasPrefix(call, "---") {
		return // the rest of a call that was counted, or no call
	}
	c.All++
	name, _, _ := strings.Cut(call, "(")
	switch {
	case name == "execve" && c.All > 1, name == "fork", name == "vfork":
		c.Children++
	case strings.HasPrefix(name, "clone"):
		if strings.Contains(call, "CLONE_THREAD") {
			c.Threads++
		} else {
			c.Children++
		}
	case lockCall.MatchString(call):
		c.Locks = append(c.Locks, call)
	}
	if open := openCall.FindStringSubmatch(call); open != nil {
		if path, ok := strings.CutPrefix(open[1], ours); ok {
			c.Ours = append(c.Ours, strings.TrimPrefix(path, "/"))
		}
		if strings.Contains(open[2], "O_WRONLY") || strings.Contains(open[2], "O_RDWR") || strings.Contains(open[2], "O_CREAT") {
			c.Writes = append(c.Writes, "open "+open[1])
		}
	}
	if write := writeCall.FindStringSubmatch(call); write != nil && write[1] != "1" {
		c.Writes = append(c.Writes, name)
	}
}
