package homefile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	large, err := os.Create(at("large"))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		os.WriteFile(at("file"), []byte("text"), 0o600),
		os.Symlink("file", at("link")),
		os.Symlink("/dev/zero", at("device")),
		syscall.Mkfifo(at("pipe"), 0o600),
		large.Truncate(maxSize + 1),
		large.Close(),
		os.WriteFile(at("largest"), make([]byte, maxSize), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		path string
		size int
		err  string // its end
	}{
		{at("file"), 4, ""},
		{at("link"), 4, ""},
		{at("largest"), maxSize, ""},
		{"/proc/self/mounts", -1, ""}, // whose size is 0
		{at("pipe"), 0, "/pipe is a pipe or a device, not a file"},
		{at("device"), 0, "/device is a pipe or a device, not a file"},
		{"/dev/zero", 0, "/dev/zero is a pipe or a device, not a file"},
		{"/dev/null", 0, "/dev/null is a pipe or a device, not a file"},
		{dir, 0, " is a folder, not a file"},
		{at("large"), 0, "/large is larger than 4 MiB"},
		{at("none"), 0, "no such file or directory"},
	} {
		data, _, err := Read(test.path)
		switch {
		case test.err != "":
			if err == nil || !strings.HasSuffix(err.Error(), test.err) {
				t.Errorf("%s: got error %v, want one that ends in %q", test.path, err, test.err)
			}
		case err != nil || test.size >= 0 && len(data) != test.size || len(data) == 0:
			t.Errorf("%s: got %d bytes, %v, want %d", test.path, len(data), err, test.size)
		}
	}
	for path, want := range map[string]bool{"file": true, "pipe": true, "device": true, "none": false} {
		if got := Readable(at(path)); got != want {
			t.Errorf("%s: readable %v, want %v", path, got, want)
		}
	}
}
