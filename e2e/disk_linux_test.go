package e2e

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// behind has another program run a program.
func behind(cmd *exec.Cmd, wrapper ...string) *exec.Cmd {
	cmd.Args = slices.Concat(wrapper, []string{cmd.Path}, cmd.Args[1:])
	cmd.Path, cmd.Err = exec.LookPath(wrapper[0])
	return cmd
}

// onFullDisk runs a program with a folder, its first argument, on a small disk
// that is full, and then puts what that holds back.
const onFullDisk = `set -e
mkdir "$1-disk"
mount -t tmpfs -o size=64k,mode=700 small "$1-disk"
cp -a "$1/." "$1-disk"
head -c 1M /dev/zero 2>/dev/null >"$1-disk/rest" || :
mount --bind "$1-disk" "$1"
dir=$1
shift
status=0
"$@" || status=$?
umount "$dir"
rm -r "$dir" "$dir-disk/rest"
cp -a "$dir-disk" "$dir"
exit $status`

// unshare is the beginning of a command in a place where it may mount.
func unshare() []string {
	if os.Geteuid() == 0 {
		return []string{"unshare", "--mount"}
	}
	return []string{"unshare", "--mount", "--map-root-user"}
}

// Whatever is wrong with the disk, or with what somebody did to the files: what
// cannot be done is said, with the path and the way out, and changes nothing.
// All else goes on.
func TestSoakDisk(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	secrets := map[string]string{}
	for _, owner := range []string{"acme", "globex"} {
		secrets[owner] = mint(t, githubtest.FineGrained)
		works(t, p.add(owner, secrets[owner], "file"))
	}
	made, _, _ := p.files()
	fresh := mint(t, githubtest.FineGrained)

	commands := []struct {
		name string
		do   func(p *person, site string) *exec.Cmd
	}{
		{"get", func(p *person, _ string) *exec.Cmd { return p.program(about("acme", ""), "git-credential-pat", "get") }},
		{"get another", func(p *person, _ string) *exec.Cmd {
			return p.program(about("globex", ""), "git-credential-pat", "get")
		}},
		{"store", func(p *person, _ string) *exec.Cmd { return p.store("acme", fresh, "file") }},
		{"store another", func(p *person, _ string) *exec.Cmd { return p.store("initech", fresh, "file") }},
		{"erase", func(p *person, _ string) *exec.Cmd {
			return p.program(about("acme", secrets["acme"]), "git-credential-pat", "erase")
		}},
		{"add", func(p *person, _ string) *exec.Cmd { return p.add("acme", fresh, "file") }},
		{"add another", func(p *person, _ string) *exec.Cmd { return p.add("initech", fresh, "file") }},
		{"rotate", func(p *person, _ string) *exec.Cmd {
			return p.program(fresh+"\n", "git-pat", "rotate", "acme", "--with-token", "--offline")
		}},
		{"move", func(p *person, site string) *exec.Cmd {
			return p.program("", "git-pat", "move", "acme", "--store", "git:store --file="+site+"-moved", "--yes")
		}},
		{"edit", func(p *person, _ string) *exec.Cmd {
			return p.program("", "git-pat", "edit", "acme", "--target", "acme/widgets")
		}},
		{"remove", func(p *person, _ string) *exec.Cmd { return p.program("", "git-pat", "remove", "acme", "--yes") }},
	}
	all := "get, get another, store, store another, erase, add, add another, rotate, move, edit, remove"
	const (
		record = "tokens/github.com/acme/@/alice.record"
		secret = "secrets/github.com/acme/@/alice"

		folder = "; use a folder of your own, or set GIT_PAT_DIR to another folder$"
		again  = "; move it away, then add the token again$"
	)
	chmod := func(path string, mode fs.FileMode) func(string) error {
		return func(site string) error { return os.Chmod(filepath.Join(site, path), mode) }
	}
	link := func(path string) func(string) error {
		return func(site string) error {
			path := filepath.Join(site, path)
			return errors.Join(os.Rename(path, site+"-elsewhere"), os.Symlink(site+"-elsewhere", path))
		}
	}
	edit := func(change func(string) string) func(string) error {
		return func(site string) error {
			path := filepath.Join(site, record)
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, []byte(change(string(data))), 0o600)
		}
	}
	// A token whose refusal cannot be noted may be good: none is said to be removed.
	const refused = `(; to replace it:;   git pat rotate acme --name alice)?`
	for _, fault := range []struct {
		name       string
		spoil      func(site string) error
		wrapper    func(site string) []string
		restrained bool

		fails string // the commands that cannot do their work
		says  string // what they say: a line, with the hint behind a semicolon
		warns string // the commands that say it and answer nothing
		keeps bool   // that no command changes anything that is there
	}{
		{
			name: "full disk",
			wrapper: func(site string) []string {
				return append(unshare(), "sh", "-c", onFullDisk, "sh", site)
			},
			fails: "store another, erase, add, add another, rotate, move, edit",
			says:  `SITE/tokens/\S+/@/[a-z.-]+ cannot be written: no space left on device; free space on that disk and try again` + refused + `$`,
		},
		{
			name:    "limit on the size of files",
			wrapper: func(string) []string { return []string{"prlimit", "--fsize=100"} },
			fails:   "store another, erase, add, add another, rotate, move, edit",
			says:    `SITE/tokens/\S+/@/alice\.[a-z]+ cannot be written: file too large; raise the file size limit, ulimit -f, and try again` + refused + `$`,
		},
		{
			name: "read-only folders", restrained: true,
			spoil: func(site string) error {
				return exec.Command("find", site, "-type", "d", "-exec", "chmod", "500", "{}", "+").Run()
			},
			fails: "store another, erase, add, add another, rotate, move, edit, remove",
			says:  `SITE/\S+/@/[a-z.-]+ cannot be (written|removed): permission denied; chmod u\+w SITE/\S+` + refused + `$`,
		},
		{
			name: "no lock in a read-only folder", restrained: true,
			spoil: func(site string) error {
				return errors.Join(os.Remove(filepath.Join(site, "lock")), os.Chmod(site, 0o500))
			},
			fails: "store, store another, add, add another, rotate, move, edit, remove",
			says:  `^git pat: SITE/lock cannot be written: permission denied; chmod u\+w SITE$`,
		},
		{name: "folder that others can change", spoil: chmod("", 0o777), fails: all,
			says: `^git pat: SITE can be changed by other users; chmod go-w SITE$`},
		{name: "records that others can list", spoil: chmod("tokens", 0o755), fails: all,
			says: `^git pat: SITE/tokens is accessible to other users; chmod 700 SITE/tokens$`},
		{name: "secrets that others can list", spoil: chmod("secrets", 0o755), fails: all,
			says: `the store "file" cannot be used: SITE/secrets is accessible to other users; chmod 700 SITE/secrets$`},
		{name: "secret that others can read", spoil: chmod(secret, 0o644), fails: "get, store, erase, rotate, move, edit",
			says: `the store "file" cannot be used: SITE/` + secret + ` is accessible to other users; chmod 600 SITE/` + secret + `$`},
		{name: "link to records", spoil: link("tokens"), fails: all,
			says: `^git pat: SITE/tokens is a symbolic link` + folder},
		{name: "link to secrets", spoil: link("secrets"), fails: all,
			says: `the store "file" cannot be used: SITE/secrets is a symbolic link` + folder},
		{name: "link to a record", spoil: link(record), fails: "rotate, move, edit", warns: "get",
			says: `SITE/` + record + ` is a symbolic link` + again},
		{name: "link to a secret", spoil: link(secret), fails: "get, store, erase, rotate, move, edit",
			says: `the store "file" cannot be used: SITE/` + secret + ` is a symbolic link` + again},
		{
			name: "file in the place of the folder",
			spoil: func(site string) error {
				tokens := filepath.Join(site, "tokens")
				return errors.Join(os.Rename(tokens, site+"-elsewhere"), os.WriteFile(tokens, nil, 0o600))
			},
			fails: all,
			says:  `^git pat: SITE/tokens is not a folder` + folder,
		},
		{name: "damaged record", spoil: edit(func(was string) string { return was[:len(was)/2] }),
			fails: "rotate, move, edit", warns: "get",
			says: `SITE/` + record + ` is damaged` + again},
		{
			name:  "record of a newer format",
			spoil: edit(func(was string) string { return strings.Replace(was, "format=1", "format=2", 1) }),
			fails: "add, rotate, move, edit, remove", warns: "get", keeps: true,
			says: `SITE/` + record + ` was written by a newer version of this program; install that version$`,
		},
	} {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			if fault.restrained {
				runtime.LockOSThread() // for good: the thread ends with the test
				if err := restrain(); err != nil {
					t.Fatal(err)
				}
			}
			if fault.wrapper != nil && fault.wrapper("")[0] == "unshare" {
				probe := append(unshare(), "mount", "-t", "tmpfs", "small", p.home)
				if out, err := exec.Command(probe[0], probe[1:]...).CombinedOutput(); err != nil {
					t.Skipf("no mounts of our own: %v: %s", err, out)
				}
			}
			tried := 0
			for _, command := range commands {
				site := filepath.Join(t.TempDir(), "pat")
				if out, err := exec.Command("cp", "-a", made, site).CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				if fault.spoil != nil {
					if err := fault.spoil(site); err != nil {
						t.Fatal(err)
					}
				}
				if fault.restrained { // or it could not be removed
					t.Cleanup(func() { exec.Command("find", site, "-type", "d", "-exec", "chmod", "700", "{}", "+").Run() })
				}
				before := contents(t, filepath.Dir(site))
				person := &person{t, p.home, append(slices.Clip(p.env), "GIT_PAT_DIR="+site)}
				cmd := command.do(person, site)
				if fault.wrapper != nil {
					cmd = behind(cmd, fault.wrapper(site)...)
				}
				got := run(t, cmd)
				after := contents(t, filepath.Dir(site))

				is := func(commands string) bool {
					return slices.Contains(strings.Split(commands, ", "), command.name)
				}
				said := strings.ReplaceAll(strings.TrimSuffix(got.errOut, "\n"), "\nhint: ", "; ")
				says := regexp.MustCompile(strings.ReplaceAll(fault.says, "SITE", regexp.QuoteMeta(site))).MatchString(said)
				stuck := is(fault.fails) || is(fault.warns)
				quits := strings.HasPrefix(command.name, "get") && got.out == "quit=1\n" // Git asks no other program
				if want := is(fault.fails) && !quits; want != (got.status == 1) || !want && got.status != 0 || says != stuck {
					t.Errorf("%s: exit status %d: %s\nwant it to fail %v, and to say so %v", command.name, got.status, got.errOut, want, stuck)
				}
				if answers := value(got.out, "password") != ""; answers != (strings.HasPrefix(command.name, "get") && !stuck) {
					t.Errorf("%s: it answers %v", command.name, answers)
				}
				for _, secret := range []string{secrets["acme"], secrets["globex"], fresh} {
					if strings.Contains(got.errOut, secret) {
						t.Errorf("%s: it shows a token", command.name)
					}
				}
				for name, was := range before {
					if (stuck || fault.keeps || strings.Contains(name, "/globex/")) && after[name] != was {
						t.Errorf("%s: %s is not what it was", command.name, name)
					}
				}
				for name := range after {
					if _, ok := before[name]; stuck && !ok && filepath.Base(name) != "helper.lock" && filepath.Base(filepath.Dir(name)) != "asked" {
						t.Errorf("%s: %s is new", command.name, name)
					}
				}
				if stuck {
					tried++
				}
			}
			if want := len(strings.Split(fault.fails, ", ")); tried < want {
				t.Errorf("%d commands were tried of %q", tried, fault.fails)
			}
		})
	}
}

// contents returns the mode and content of each file in a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		var data []byte
		if info.Mode().IsRegular() {
			data, err = os.ReadFile(path)
		}
		files[path] = info.Mode().String() + string(data)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return files
}
