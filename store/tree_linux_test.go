package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// unprivileged calls f as somebody whom the modes of files hold back, which
// root is not. What f starts in other goroutines is not held back.
func unprivileged(t *testing.T, f func()) {
	t.Helper()
	// From linux/capability.h; capabilities are a thread's.
	type header struct {
		version uint32
		pid     int32
	}
	type data struct{ sets [3]uint32 } // effective, permitted, inheritable
	const (
		version3 = 0x20080522
		override = 1<<1 | 1<<2 | 1<<3 // CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
	)
	h := &header{version: version3}
	var now [2]data
	call := func(number uintptr, d *[2]data) {
		t.Helper()
		if _, _, errno := syscall.RawSyscall(number, uintptr(unsafe.Pointer(h)), uintptr(unsafe.Pointer(d)), 0); errno != 0 {
			t.Fatal(errno)
		}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	call(syscall.SYS_CAPGET, &now)
	less := now
	less[0].sets[0] &^= override
	call(syscall.SYS_CAPSET, &less)
	defer call(syscall.SYS_CAPSET, &now)
	f()
}

// frozen makes folders that cannot be changed, until the test ends.
func frozen(t *testing.T, mode fs.FileMode, dirs ...string) (thaw func()) {
	t.Helper()
	for _, dir := range dirs {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
	}
	thaw = func() {
		for _, dir := range dirs {
			os.Chmod(dir, 0o700)
		}
	}
	t.Cleanup(thaw)
	return thaw
}

// A lookup goes down to its folders and lists nothing but the records there.
// Here none of the others can be listed.
func TestLookupListsNoSiblings(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	put(t, tree, record("whole"), record("owner", "acme"), record("repo", "acme/widgets"), record("other", "umbrella"), record("other", "acme/gadgets"))
	folder := func(name string) string { return filepath.Join(tree.Dir(), filepath.FromSlash(name)) }
	frozen(t, 0o300, folder("tokens/github.com/acme"), folder("tokens/github.com"), folder("tokens"), tree.Dir())
	frozen(t, 0, folder("tokens/github.com/umbrella"), folder("tokens/github.com/acme/gadgets"))
	unprivileged(t, func() {
		if _, err := os.ReadDir(folder("tokens/github.com")); !errors.Is(err, fs.ErrPermission) {
			t.Fatalf("got error %v, want fs.ErrPermission", err)
		}
		for path, want := range map[string][]string{
			"":                          {"whole"},
			"acme":                      {"whole", "owner"},
			"acme/widgets":              {"whole", "owner", "repo"},
			"acme/widgets.git/info/lfs": {"whole", "owner", "repo"},
			"acme/unknown":              {"whole", "owner"},
		} {
			if got := names(lookup(t, tree, "github.com", path)); !slices.Equal(got, want) {
				t.Errorf("%q: got %q, want %q", path, got, want)
			}
		}
		// Adding and removing records there needs no more.
		if err := errors.Join(tree.Put(record("second", "acme/widgets")), tree.Remove("github.com/acme/widgets/@/second")); err != nil {
			t.Error(err)
		}
		// What cannot be entered is not taken for empty.
		if found, err := tree.Lookup("github.com", "umbrella/x"); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("umbrella: got %q and error %v, want fs.ErrPermission", names(found), err)
		}
		for _, err := range tree.Host("github.com") {
			if err != nil && !errors.Is(err, fs.ErrPermission) {
				t.Error(err)
			}
		}
	})
}

// A mark that may not be read counts as well, and a record is named.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	r, s := record("laptop", "acme"), record("other", "acme")
	put(t, tree, r, s)
	if err := tree.SetAside(Key(r), credential.Aside{Time: noon(), Reason: "refused"}); err != nil {
		t.Fatal(err)
	}
	frozen(t, 0, tree.path(Key(r), asideEnding), tree.path(Key(s), recordEnding))
	unprivileged(t, func() {
		found := lookup(t, tree, "github.com", "acme")
		if found[0].Aside == nil || found[0].Damaged != nil {
			t.Errorf("mark: got %v and %v", found[0].Aside, found[0].Damaged)
		}
		if !errors.Is(found[1].Damaged, fs.ErrPermission) || !strings.Contains(found[1].Damaged.Error(), tree.path(Key(s), recordEnding)) {
			t.Errorf("record: got %v, want fs.ErrPermission and its path", found[1].Damaged)
		}
	})
}

// inNamespace runs the test that calls it in a child with mounts of its own.
func inNamespace(t *testing.T) {
	t.Helper()
	cmd := childOf(t)
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	probe := childOf(t)
	probe.SysProcAttr = cmd.SysProcAttr
	probe.Args = []string{probe.Args[0], "-test.run=^$"}
	if err := probe.Run(); err != nil {
		t.Skipf("no mounts of our own: %v", err)
	}
	finish(t, cmd)
}

// small mounts a file system with room for little and returns its folder.
func small(t *testing.T) (dir string, remount func(flags uintptr)) {
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
	if !isChild() {
		inNamespace(t)
		return
	}
	dir, _ := small(t)
	tree := NewTree(filepath.Join(dir, "git-pat"))
	secrets := &file{tree}
	r, secret := record("laptop", "acme"), newToken(credential.FineGrained)
	put(t, tree, r)
	if err := secrets.Set(t.Context(), Key(r), secret); err != nil {
		t.Fatal(err)
	}
	rest := make([]byte, 1<<20)
	if err := os.WriteFile(filepath.Join(dir, "rest"), rest, 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got error %v, want ENOSPC", err)
	}
	keepsAll(t, tree, r, secret, syscall.ENOSPC)
}

// keepsAll tries to write, which must fail with the error, and then finds all
// as it was.
func keepsAll(t *testing.T, tree *Tree, r credential.Record, secret credential.Secret, want error) {
	t.Helper()
	secrets := &file{tree}
	before := snapshot(t, tree.Dir())
	changed := r
	changed.Username = strings.Repeat("alice", 1000)
	for what, err := range map[string]error{
		"put":           tree.Put(changed),
		"put elsewhere": tree.Put(record("another", "umbrella")),
		"create":        tree.Create(record("another", "acme")),
	} {
		if !errors.Is(err, want) || !strings.Contains(err.Error(), tree.Dir()) {
			t.Errorf("%s: got error %v, want %v and the path", what, err, want)
		}
		var file *FileError
		if !errors.As(err, &file) || file.Advice == "" || strings.Contains(err.Error(), temporary) {
			t.Errorf("%s: got error %v, want a *FileError that names the file and the way out", what, err)
		}
	}
	trouble := isTrouble(t, "set", secrets.Set(t.Context(), Key(r), newSecret(4096)))
	if !strings.Contains(trouble.What, want.Error()) || !strings.Contains(trouble.What, tree.Dir()) {
		t.Errorf("set: got %+v, want %v and the path", *trouble, want)
	}
	is := snapshot(t, tree.Dir())
	for name := range is {
		// An empty folder may have been made.
		if _, ok := before[name]; !ok && strings.HasSuffix(name, "/") {
			before[name] = is[name]
		}
	}
	unchanged(t, "could not write", tree.Dir(), before)
	found := lookup(t, tree, "github.com", "acme/widgets")
	if len(found) != 1 || found[0].Damaged != nil {
		t.Fatalf("got %q", names(found))
	}
	sameRecord(t, "could not write", found[0].Record, r)
	got, err := secrets.Get(t.Context(), Key(r))
	if err != nil {
		t.Error(err)
	}
	same(t, "could not write", got, secret)
}

// A write that ends in the middle, here for a limit on the size of files,
// leaves the old content and no half of the new.
func TestFileSizeLimit(t *testing.T) {
	t.Parallel()
	if !isChild() {
		inChild(t)
		return
	}
	tree := newTree(t)
	r, secret := record("laptop", "acme"), newToken(credential.FineGrained)
	put(t, tree, r)
	if err := (&file{tree}).Set(t.Context(), Key(r), secret); err != nil {
		t.Fatal(err)
	}
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

// A home that is mounted read-only: tokens answer. That a refusal cannot be noted
// is said.
func TestReadOnlyDisk(t *testing.T) {
	if !isChild() {
		t.Parallel()
		inNamespace(t)
		return
	}
	dir, remount := small(t)
	tree := NewTree(filepath.Join(dir, "git-pat"))
	secrets := &file{tree}
	r, secret := record("laptop", "acme"), newToken(credential.FineGrained)
	put(t, tree, r)
	if err := secrets.Set(t.Context(), Key(r), secret); err != nil {
		t.Fatal(err)
	}
	remount(syscall.MS_RDONLY)
	keepsAll(t, tree, r, secret, syscall.EROFS)

	v := &Vault{
		Tree:         tree,
		Open:         func(name string) (Store, error) { return Open(name, tree, Patience{}) },
		DefaultStore: nil, // not to be called
		Save:         SaveTokens,
		Now:          noon,
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

	// A mark that is there cannot be removed.
	remount(0)
	if err := tree.SetAside(Key(r), credential.Aside{Time: noon()}); err != nil {
		t.Fatal(err)
	}
	remount(syscall.MS_RDONLY)
	if err := tree.Restore(Key(r)); !errors.Is(err, syscall.EROFS) {
		t.Errorf("restore: got error %v, want EROFS", err)
	}
	if err := tree.Remove(Key(r)); !errors.Is(err, syscall.EROFS) {
		t.Errorf("remove: got error %v, want EROFS", err)
	}
}

// Where a refusal can be noted nowhere, that is said, and the token named.
func TestRejectMarkError(t *testing.T) {
	b := newBench(t, SaveTokens)
	secret := newToken(credential.FineGrained)
	r := b.add(record("laptop", "acme"), secret)
	frozen(t, 0o500, filepath.Dir(b.Tree.path(Key(r), recordEnding)))
	before := b.snapshot()
	var err error
	unprivileged(t, func() { _, err = b.Reject(t.Context(), typed(at("acme/widgets"), secret)) })
	var mark *MarkError
	if !errors.As(err, &mark) || !errors.Is(err, fs.ErrPermission) {
		t.Fatalf("got error %v, want a *MarkError", err)
	}
	sameRecord(t, "in the error", mark.Record, r)
	if strings.Contains(err.Error(), secret.Reveal()) {
		t.Error("the error has the secret")
	}
	b.unchanged("refused", before)
	// A success is as good as ever.
	unprivileged(t, func() {
		if a := b.approve(typed(at("acme/widgets"), secret)); !a.known {
			t.Errorf("approve: got %+v", a)
		}
	})
	b.unchanged("accepted", before)
}
