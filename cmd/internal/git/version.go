package git

import (
	"strconv"
	"strings"
)

// IsAtLeast compares the numbers at the start of a version, such as 2.39.5 or
// 2.47.1.windows.1, with the wanted ones.
func IsAtLeast(version string, want ...int) bool {
	parts := strings.Split(version, ".")
	for i := range want {
		have := 0
		if i < len(parts) {
			digits := strings.TrimRight(parts[i], strings.TrimLeft(parts[i], "0123456789"))
			have, _ = strconv.Atoi(digits)
		}
		if have != want[i] {
			return have > want[i]
		}
	}
	return true
}
