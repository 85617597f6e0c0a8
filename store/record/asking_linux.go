package record

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// maxAncestors is how many processes are looked at: a shell and git may stand
// between the helper and the one that asks.
const maxAncestors = 8

// asking identifies the process by which Git speaks HTTP, one for each remote, by
// its number and the time of its start. It is empty if something else asks, as
// Git LFS by way of git credential.
func asking() string {
	pid := os.Getppid()
	for range maxAncestors {
		// "1234 (git-remote-http) S 1233 ...", proc_pid_stat(5)
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		name, rest := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
		if err != nil || name < 0 || rest < name {
			return ""
		}
		fields := bytes.Fields(stat[rest+1:])
		if len(fields) < 20 {
			return ""
		}
		if bytes.HasPrefix(stat[name+1:rest], []byte("git-remote-http")) { // cut to 15 bytes
			return fmt.Sprintf("%d-%s", pid, fields[19])
		}
		if pid, err = strconv.Atoi(string(fields[1])); err != nil {
			return ""
		}
	}
	return ""
}
