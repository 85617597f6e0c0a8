package git

import (
	"regexp"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/store"
)

// HelperProgram returns the name of the program that a value of credential.helper
// runs, such as git-credential-store. It is a guess for a line that only a shell can
// read.
func HelperProgram(value string) string {
	word, rest, isCommand := HelperWord(value)
	if !isCommand {
		return "git-credential-" + word
	}
	word = strings.TrimSuffix(word[strings.LastIndexAny(word, `/\`)+1:], ".exe")
	if word == "git" {
		word, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
		word = "git-" + word
	}
	return word
}

// HelperWord returns the first word of a value of credential.helper and what
// follows it. It reports whether the word is a command, and not the part of a name
// after git-credential-. gitcredentials(7), CUSTOM HELPERS.
func HelperWord(value string) (word, rest string, isCommand bool) {
	line, isCommand := strings.CutPrefix(strings.TrimSpace(value), "!")
	line = strings.TrimSpace(line)
	if line != "" && strings.ContainsRune(`'"`, rune(line[0])) {
		word, rest, _ = strings.Cut(line[1:], line[:1])
	} else {
		word, rest, _ = strings.Cut(line, " ")
	}
	return word, rest, isCommand || IsAbs(word)
}

// RunsPat reports whether a value of credential.helper runs git-credential-pat.
func RunsPat(value string) bool { return HelperProgram(value) == "git-credential-pat" }

// HideArguments returns a value of credential.helper without its arguments, which
// may have a password, and a pattern that matches the value.
func HideArguments(value string) (shown, pattern string) {
	word, _, more := strings.Cut(value, " ")
	if name, _, ok := strings.Cut(word, "="); ok { // a variable before the program
		return name + "=...", "^" + regexp.QuoteMeta(name+"=")
	}
	if more {
		return word + " ...", "^" + regexp.QuoteMeta(word+" ")
	}
	return word, Exactly(word)
}

// IsAbs reports whether a path is absolute for Git. For Git for Windows, this is also
// a path of its own shell, such as /mingw64/bin/helper.
func IsAbs(path string) bool { return store.IsAbs(path) }
