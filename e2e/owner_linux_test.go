package e2e

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

const somebody = 12345 // a user who is not root

// Under sudo, HOME may be that of another user. Then nothing is created in it, in
// GIT_PAT_DIR or in XDG_DATA_HOME, and no token is asked for.
func TestOtherOwner(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can create files of another user")
	}
	secret := mint(t, githubtest.FineGrained)
	const request = "protocol=https\nhost=github.com\npath=acme/widgets\n"
	typed := request + "username=alice\npassword=" + secret + "\nstate[]=pat:asked\n"
	places := []struct {
		name string
		env  func(home string) string
		dirs string // of the other user
		at   string // the folder that is named
	}{
		{"home", func(string) string { return "" }, "", ""},
		{"home with folders", func(string) string { return "" }, ".local/share", ".local/share"},
		{"home with git-pat", func(string) string { return "" }, ".local/share/git-pat", ".local/share/git-pat"},
		{"data", func(home string) string { return "XDG_DATA_HOME=" + home + "/data" }, "data", "data"},
		{"own variable", func(home string) string { return "GIT_PAT_DIR=" + home + "/a/b" }, "a", "a"},
		{"own variable, folder there", func(home string) string { return "GIT_PAT_DIR=" + home + "/a/b" }, "a/b", "a/b"},
	}
	for _, place := range places {
		for _, line := range []string{
			"git-pat add acme", "git-pat add acme --with-token --store file", "git-pat setup", "git-pat list", "git-pat doctor",
			"git-pat edit acme --target globex", "git-pat move --all --store file --yes", "git-pat import netrc",
			"git-credential-pat get", "git-credential-pat --store file store", "git-credential-pat --save any --store file store", "git-credential-pat erase",
		} {
			t.Run(place.name+"/"+line, func(t *testing.T) {
				home := t.TempDir()
				if err := os.MkdirAll(filepath.Join(home, place.dirs), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := filepath.WalkDir(home, func(path string, _ fs.DirEntry, _ error) error { return os.Chown(path, somebody, somebody) }); err != nil {
					t.Fatal(err)
				}
				p := &person{t, home, environment(home)}
				if variable := place.env(home); variable != "" {
					p.env = append(p.env, variable)
				}
				in := secret + "\n"
				if strings.HasPrefix(line, "git-credential-pat") {
					in = typed
				}
				words := strings.Fields(line)
				got := run(t, p.program(in, words[0], words[1:]...))
				want := "git pat: " + filepath.Join(home, place.at) + " belongs to another user\nhint: with sudo, use sudo -H, or set GIT_PAT_DIR to another folder\n"
				if got.status != 1 || got.errOut != want || got.out != "" {
					t.Errorf("got %d, %q, %q, want 1, %q", got.status, got.out, got.errOut, want)
				}
				filepath.WalkDir(home, func(path string, _ fs.DirEntry, _ error) error {
					info, err := os.Lstat(path)
					if err != nil || info.Sys().(*syscall.Stat_t).Uid != somebody {
						t.Errorf("%s was created: %v", path, err)
					}
					return nil
				})
			})
		}
	}
}

// A folder that root created in the home of a user keeps the user out. The hint says
// how to get it back.
func TestFolderOfRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can run a program as another user")
	}
	dir, err := os.MkdirTemp("", "git-pat-user-") // others may enter no folder of t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	program, err := os.ReadFile(filepath.Join(programs, "git-pat"))
	home, local := filepath.Join(dir, "home"), filepath.Join(dir, "home", ".local")
	for _, err := range []error{
		err, os.Chmod(dir, 0o755), os.WriteFile(filepath.Join(dir, "git-pat"), program, 0o755),
		os.MkdirAll(local, 0o755), os.Chown(home, somebody, somebody),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name   string
		mode   fs.FileMode
		owner  int
		hint   string
		reason string
	}{
		{"closed", 0o700, 0, `sudo chown -R "$(id -un)" ` + local, "/.local/share/git-pat cannot be read: permission denied"},
		{"open", 0o755, 0, `sudo chown -R "$(id -un)" ` + local, "/.local/share/git-pat/lock cannot be written: permission denied"},
		{"own", 0o500, somebody, "chmod u+w " + local, "/.local/share/git-pat/lock cannot be written: permission denied"},
		{"own and closed", 0o600, somebody, "chmod u+rwx " + local, "/.local/share/git-pat cannot be read: permission denied"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := os.Chmod(local, test.mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chown(local, test.owner, -1); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(filepath.Join(dir, "git-pat"), "add", "acme", "--with-token", "--store", "file")
			cmd.Env, cmd.Dir, cmd.Stdin = environment(home), "/", strings.NewReader(mint(t, githubtest.FineGrained)+"\n")
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: somebody, Gid: somebody}}
			out, _ := cmd.CombinedOutput()
			if got, want := string(out), "git pat: "+home+test.reason+"\nhint: "+test.hint+"\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
