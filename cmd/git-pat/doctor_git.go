package main

// What git pat doctor finds of the programs and the environment.

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// checkGit checks the programs and the environment. It reports whether there
// is a Git to ask for more.
func (d *doctor) checkGit() bool {
	line, err := git.Line(d.ctx, "version")
	if err != nil {
		d.add(stateFault, "git-version", "git", "Git cannot be run: %s", err).do("install it, or put it into a folder that is in PATH")
		return false
	}
	text := strings.TrimPrefix(line, "git version ")
	switch {
	case !isAtLeast(text, 2, 9):
		// Before, an empty helper did not take away those before it.
		d.add(stateFault, "git-version", "git", "Git is version %s, which asks all helpers for a host, whatever git pat setup writes", plain(text)).
			do("update it to 2.9 or newer, better to the newest")
	case d.handsOnReturns():
		d.add(stateWarning, "git-version", "git", "Git is version %s, which lets a URL put a carriage return into what it asks (CVE-2024-52006); git-credential-pat refuses that, other helpers may take it for the end of a line", plain(text)).
			do("update it")
	default:
		d.add(stateOK, "git-version", "git", "Git is version %s", plain(text))
	}
	d.checkHelper()
	d.checkLFS()
	d.checkEnvironment()
	return true
}

// isAtLeast compares the numbers at the start of a version, as in 2.39.5 or
// 2.47.1.windows.1, with those wanted.
func isAtLeast(version string, want ...int) bool {
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

// handsOnReturns reports whether Git hands helpers a host with a carriage
// return. Systems mend that without changing the version, so that it is tried.
func (d *doctor) handsOnReturns() bool {
	const helper = "!cat >/dev/null; echo quit=1; :"
	_, said, _ := git.Call{
		In:   "url=https://git-pat.invalid%0d/\n\n",
		Args: []string{"-c", "credential.helper=", "-c", "credential.helper=" + helper, "credential", "fill"},
	}.RunBoth(d.ctx)
	return strings.Contains(said, "told us to quit")
}

// checkHelper checks that Git finds the helper, and of this version.
func (d *doctor) checkHelper() {
	const program = "git-credential-" + setup.Helper
	line, err := outside(d.ctx, "credential-"+setup.Helper, "--version")
	if err != nil {
		f := d.add(stateFault, "helper-path", program, "Git does not find or cannot run %s: %s", program, err).
			do("put it into a folder that is in PATH")
		if self, err := os.Executable(); err == nil {
			if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), program)); err == nil {
				f.do("it is beside git pat; put that folder into PATH:", "PATH=$PATH:"+shellWord(filepath.Dir(path)))
			}
		}
		return
	}
	where := ""
	if folder, err := git.Line(d.ctx, "--exec-path"); err == nil {
		for _, folder := range append([]string{folder}, filepath.SplitList(os.Getenv("PATH"))...) {
			if path, err := exec.LookPath(filepath.Join(folder, program)); err == nil {
				where = ", " + path
				break
			}
		}
	}
	version := strings.TrimPrefix(line, program+" version ")
	if version != versionText() {
		d.add(stateWarning, "helper-path", program, "Git finds %s%s, which is version %s, while git pat is %s", program, where, plain(version), versionText()).
			do("install both from the same release")
		return
	}
	d.add(stateOK, "helper-path", program, "Git finds %s%s, of the same version as git pat, %s", program, where, version)
}

// checkLFS looks for a Git LFS that does not end. Up to 3.5 it had no limit of
// tries, and up to 3.7.1 one that did not hold.
func (d *doctor) checkLFS() {
	line, err := outside(d.ctx, "lfs", "version")
	version, _, _ := strings.Cut(strings.TrimPrefix(line, "git-lfs/"), " ")
	if err != nil || version == "" {
		return // it is not there
	}
	if isAtLeast(version, 3, 7, 2) {
		d.add(stateOK, "git-lfs", "git-lfs", "Git LFS is version %s", plain(version))
		return
	}
	d.add(stateWarning, "git-lfs", "git-lfs", "Git LFS is version %s, which tries without end when a helper answers a refused token again; git-credential-pat does not, other helpers may", plain(version)).
		do("update it to a version after 3.7.1")
}

// checkEnvironment looks for variables that change what Git does.
func (d *doctor) checkEnvironment() {
	switch value, ok := os.LookupEnv("GIT_TRACE_REDACT"); strings.ToLower(value) {
	case "", "0", "false", "no", "off":
		if ok {
			d.add(stateWarning, "trace", "GIT_TRACE_REDACT", "GIT_TRACE_REDACT is off, so that a trace of Git's shows tokens").
				do("to have them masked again:", "unset GIT_TRACE_REDACT")
		}
	}
	value, by := os.Getenv("GIT_ASKPASS"), "GIT_ASKPASS"
	if value == "" {
		if c, err := d.r.Git.Folder(d.ctx, ""); err == nil {
			value = c.Last("core.askpass")
		}
		by = "core.askPass"
	}
	if value != "" {
		f := d.add(stateWarning, "askpass", by, "%s is %s: where no token answers, Git asks that program, and it may log in with an account of its own", by, quote(value)).
			do("if it does where a token should, add the token:", "git pat add OWNER")
		if strings.Contains(value, "/extensions/git/") || strings.Contains(value, `\extensions\git\`) {
			f.do(`VS Code sets it; to have it leave that alone, set "git.terminalAuthentication": false there`)
		}
	}
}
