package keeper

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// addToFile adds a token, with its secret in a plain file.
func addToFile(t *testing.T, tree *record.Tree) (credential.Record, credential.Secret) {
	t.Helper()
	r, secret := storetest.Record("laptop", "acme"), storetest.NewToken(credential.FineGrained)
	put(t, tree, r)
	if err := openStore(t, "file", tree).Set(t.Context(), record.Key(r), secret); err != nil {
		t.Fatal(err)
	}
	return r, secret
}

// keepsAll checks that a write fails with the error and changes nothing.
func keepsAll(t *testing.T, tree *record.Tree, r credential.Record, secret credential.Secret, want error) {
	t.Helper()
	secrets := openStore(t, "file", tree)
	before := storetest.Snapshot(t, tree.Dir())
	changed := r
	changed.Username = strings.Repeat("alice", 1000)
	for what, err := range map[string]error{
		"put":           tree.Put(changed),
		"put elsewhere": tree.Put(storetest.Record("another", "umbrella")),
		"create":        tree.Create(storetest.Record("another", "acme")),
	} {
		if !errors.Is(err, want) || !strings.Contains(err.Error(), tree.Dir()) {
			t.Errorf("%s: got error %v, want %v and the path", what, err, want)
		}
		var file *disk.FileError
		if !errors.As(err, &file) || file.Advice == "" || strings.Contains(err.Error(), disk.Temporary) {
			t.Errorf("%s: got error %v, want a *disk.FileError that names the file and the way out", what, err)
		}
	}
	trouble := isStoreError(t, "set", secrets.Set(t.Context(), record.Key(r), storetest.NewSecret(4096)))
	if !strings.Contains(trouble.What, want.Error()) || !strings.Contains(trouble.What, tree.Dir()) {
		t.Errorf("set: got %+v, want %v and the path", *trouble, want)
	}
	is := storetest.Snapshot(t, tree.Dir())
	for name := range is {
		// An empty folder may have been made.
		if _, ok := before[name]; !ok && strings.HasSuffix(name, "/") {
			before[name] = is[name]
		}
	}
	storetest.Unchanged(t, "could not write", tree.Dir(), before)
	found, err := tree.Lookup("github.com", "acme/widgets")
	if err != nil || len(found) != 1 || found[0].Damaged != nil {
		t.Fatalf("got %q and %v", names(found), err)
	}
	storetest.SameRecord(t, "could not write", found[0].Record, r)
	got, err := secrets.Get(t.Context(), record.Key(r))
	if err != nil {
		t.Error(err)
	}
	storetest.Same(t, "could not write", got, secret)
}

// inNamespace runs the calling test again in a process with separate mounts.
func inNamespace(t *testing.T) {
	t.Helper()
	cmd := storetest.ChildOf(t)
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	probe := storetest.ChildOf(t)
	probe.SysProcAttr = cmd.SysProcAttr
	probe.Args = []string{probe.Args[0], "-test.run=^$"}
	if err := probe.Run(); err != nil {
		t.Skipf("no mounts of our own: %v", err)
	}
	storetest.Finish(t, cmd)
}

// smallDisk mounts a file system of 64 KiB and returns its folder.
func smallDisk(t *testing.T) (dir string, remount func(flags uintptr)) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("small", dir, "tmpfs", 0, "size=64k,mode=700"); err != nil {
		t.Skipf("no mounts of our own: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, func(flags uintptr) {
		t.Helper()
		if err := syscall.Mount("small", dir, "tmpfs", syscall.MS_REMOUNT|flags, "size=64k,mode=700"); err != nil {
			t.Fatal(err)
		}
	}
}

// On a full disk everything stays as it was and can still be read.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if !storetest.IsChild() {
		inNamespace(t)
		return
	}
	dir, _ := smallDisk(t)
	tree := record.NewTree(filepath.Join(dir, "git-pat"))
	r, secret := addToFile(t, tree)
	rest := make([]byte, 1<<20)
	if err := os.WriteFile(filepath.Join(dir, "rest"), rest, 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got error %v, want ENOSPC", err)
	}
	keepsAll(t, tree, r, secret, syscall.ENOSPC)
}

// A write that fails in the middle, here because of a limit on the file size, leaves
// the old content.
func TestFileSizeLimit(t *testing.T) {
	t.Parallel()
	if !storetest.IsChild() {
		storetest.InChild(t)
		return
	}
	tree := newTree(t)
	r, secret := addToFile(t, tree)
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 30, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	keepsAll(t, tree, r, secret, syscall.EFBIG)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
}

// If the home is read-only, tokens still answer. A rejection that cannot be noted
// is an error.
func TestReadOnlyDisk(t *testing.T) {
	if !storetest.IsChild() {
		t.Parallel()
		inNamespace(t)
		return
	}
	dir, remount := smallDisk(t)
	tree := record.NewTree(filepath.Join(dir, "git-pat"))
	r, secret := addToFile(t, tree)
	remount(syscall.MS_RDONLY)
	keepsAll(t, tree, r, secret, syscall.EROFS)

	v := &Keeper{
		Tree:         tree,
		Open:         func(name string) (store.Store, error) { return store.Open(name, tree.Dir(), store.Options{}) },
		DefaultStore: nil, // not to be called
		Save:         SaveTokens,
		Now:          storetest.Noon,
	}
	request := credential.Request{Host: "github.com", Path: "acme/widgets"}
	report := Report{Request: request, Login: Login{Password: &secret}}
	answers := func(what string, want credential.Outcome) {
		t.Helper()
		d, _, err := v.Fill(t.Context(), request)
		if err != nil || d.Outcome != want {
			t.Errorf("%s: got the outcome %v and error %v, want %v", what, d.Outcome, err, want)
		}
	}
	answers("read-only", credential.Answer)
	if a, err := v.Approve(t.Context(), report); err != nil || !a.known {
		t.Errorf("approve: got %+v and error %v", a, err)
	}
	var mark *MarkError
	if _, err := v.Reject(t.Context(), report); !errors.As(err, &mark) || !errors.Is(err, syscall.EROFS) {
		t.Errorf("reject: got error %v, want a *MarkError", err)
	}
	answers("refused", credential.Answer)

	// An existing mark cannot be removed.
	remount(0)
	if err := tree.SetAside(record.Key(r), credential.Aside{Time: storetest.Noon()}); err != nil {
		t.Fatal(err)
	}
	remount(syscall.MS_RDONLY)
	if err := tree.Restore(record.Key(r)); !errors.Is(err, syscall.EROFS) {
		t.Errorf("restore: got error %v, want EROFS", err)
	}
	if err := tree.Remove(record.Key(r)); !errors.Is(err, syscall.EROFS) {
		t.Errorf("remove: got error %v, want EROFS", err)
	}
}

// If a token cannot be set aside, the error names it.
func TestRejectMarkError(t *testing.T) {
	b := newBench(t, SaveTokens)
	secret := storetest.NewToken(credential.FineGrained)
	r := b.add(storetest.Record("laptop", "acme"), secret)
	storetest.Frozen(t, 0o500, filepath.Dir(recordFile(b.Tree, record.Key(r))))
	before := b.snapshot()
	var err error
	storetest.Unprivileged(t, func() { _, err = b.Reject(t.Context(), typed(at("acme/widgets"), secret)) })
	var mark *MarkError
	if !errors.As(err, &mark) || !errors.Is(err, fs.ErrPermission) {
		t.Fatalf("got error %v, want a *MarkError", err)
	}
	storetest.SameRecord(t, "in the error", mark.Record, r)
	if strings.Contains(err.Error(), secret.Reveal()) {
		t.Error("the error has the secret")
	}
	b.unchanged("refused", before)
	// An accepted token is no error.
	storetest.Unprivileged(t, func() {
		if a := b.approve(typed(at("acme/widgets"), secret)); !a.known {
			t.Errorf("approve: got %+v", a)
		}
	})
	b.unchanged("accepted", before)
}
