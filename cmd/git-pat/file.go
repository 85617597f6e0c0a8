package main

import (
	"io"
	"io/fs"
	"os"
)

// maxFile is more than any file has that git pat reads: those of log-ins, and of
// certificates.
const maxFile = 4 << 20 // bytes

// readFile reads a file that others made, up to maxFile. A pipe or a device in
// its place, which may never end or never begin, is an error and not waited for.
func readFile(path string) (string, fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", nil, err
	}
	if !info.Mode().IsRegular() {
		return "", nil, notAFile(path, info)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = &fault{text: path + " is larger than any such file"}
	}
	return string(data), info, err
}

// notAFile is the error for what is there in the place of a file.
func notAFile(path string, info fs.FileInfo) error {
	if info.IsDir() {
		return &fault{text: path + " is a folder, and not a file"}
	}
	return &fault{text: path + " is a pipe or a device, and not a file", hint: "if a program writes to it, have that write to a file first"}
}

// readable reports whether a file can be opened for reading, which is how Git
// finds out that it is there.
func readable(path string) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return false
	}
	f.Close()
	return true
}
