package credential

import (
	"reflect"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// Two records are different if any field differs. The test also covers fields
// that are added to Record later.
func TestRecordEqual(t *testing.T) {
	noon := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	r := Record{
		Target: Target{Host: "github.com", Paths: []string{"acme"}}, Name: "laptop", Username: "alice", Kind: FineGrained, Forge: forge.GitHub,
		Access: ReadAccess, Added: noon, Expires: noon.Add(time.Hour), Store: "keyring", Form: "attributes", From: "github.com/@/old", Moved: true,
	}
	same := r
	same.Paths = []string{"acme"}
	same.Added = r.Added.In(time.FixedZone("", 3600))
	if !r.Equal(same) {
		t.Errorf("%+v is not %+v", r, same)
	}
	different := func(name string, other Record) {
		if r.Equal(other) || other.Equal(r) {
			t.Errorf("%s makes no difference", name)
		}
	}
	for _, target := range []Target{{Host: "github.com"}, {Host: "ghes.example", Paths: []string{"acme"}}, {Host: "github.com", Paths: []string{"acme", "b"}}} {
		other := r
		other.Target = target
		different(target.String(), other)
	}
	for i := range reflect.TypeFor[Record]().NumField() {
		other := r
		field := reflect.ValueOf(&other).Elem().Field(i)
		if when, ok := field.Interface().(time.Time); ok {
			field.Set(reflect.ValueOf(when.Add(time.Nanosecond)))
		} else {
			field.SetZero()
		}
		different(reflect.TypeFor[Record]().Field(i).Name, other)
	}
}
