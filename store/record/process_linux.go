package record

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// maxAncestors limits the number of parent processes that are read. A shell and
// git may be between the helper and git-remote-http.
const maxAncestors = 8

// remoteProcess identifies the process in which Git speaks HTTP, by its number
// and start time. Git starts one for each remote. It returns "" if Git does not
// ask for such a process, for example if Git LFS runs git credential.
func remoteProcess() string {
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
		if bytes.HasPrefix(stat[name+1:rest], []byte("git-remote-http")) { // the system cuts it to 15 bytes
			return fmt.Sprintf("%d-%s", pid, fields[19])
		}
		if pid, err = strconv.Atoi(string(fields[1])); err != nil {
			return ""
		}
	}
	return ""
}
