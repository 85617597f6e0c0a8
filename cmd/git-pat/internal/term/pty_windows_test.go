package term

import (
	"os"
	"testing"

	"golang.org/x/sys/windows"
)

// A pipe of mintty is known by its name.
func TestIsHidden(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		`msys-1888ae32e00d56aa-pty0-from-master`:       true,
		`msys-1888ae32e00d56aa-pty12-to-master`:        true,
		`cygwin-e022582115c10879-pty4-from-master`:     true,
		`msys-1888ae32e00d56aa-pty0-to-master-nat`:     true,
		`msys-1888ae32e00d56aa-echoloop`:               false,
		`git-pat-msys-1888ae32e00d56aa-pty0-to-master`: false,
	} {
		path, err := windows.UTF16PtrFromString(`\\.\pipe\` + name)
		if err != nil {
			t.Fatal(err)
		}
		handle, err := windows.CreateNamedPipe(path, windows.PIPE_ACCESS_DUPLEX, windows.PIPE_TYPE_BYTE, 1, 512, 512, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		pipe := os.NewFile(uintptr(handle), name)
		defer pipe.Close()
		if got := isHidden(pipe); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	file, err := os.Create(t.TempDir() + `\msys-1888ae32e00d56aa-pty0-to-master`)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if isHidden(file) {
		t.Error("a file: got true, want false")
	}
}
