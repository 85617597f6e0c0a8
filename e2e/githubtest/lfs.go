package githubtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const (
	lfsPrefix = "info/lfs/"
	lfsType   = "application/vnd.git-lfs+json"

	// lfsScheme is the Authorization scheme of tickets. A ticket gives access
	// to the LFS store, so a client has no reason to send a token there.
	lfsScheme = "RemoteAuth"
)

// lfsObject is an object in a batch request or its answer.
type lfsObject struct {
	OID           string               `json:"oid"`
	Size          int64                `json:"size"`
	Authenticated bool                 `json:"authenticated,omitempty"`
	Actions       map[string]lfsAction `json:"actions,omitempty"`
	Error         *lfsError            `json:"error,omitempty"`
}

type lfsAction struct {
	Href   string            `json:"href"`
	Header map[string]string `json:"header"`
}

type lfsError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// serveLFS answers requests below info/lfs/ of a repository.
func (f *forge) serveLFS(w http.ResponseWriter, r *http.Request, path, call string) {
	to := f.find(path)
	oid, storage := strings.CutPrefix(call, "storage/")
	switch {
	case storage:
		f.serveObject(w, r, to, oid)
	case r.Method == http.MethodPost && call == "objects/batch":
		f.serveBatch(w, r, path, to)
	case r.Method == http.MethodPost && call == "locks/verify":
		f.serveLocks(w, r, path, to)
	default:
		writeLFS(w, http.StatusNotFound, lfsMessage("Not Found"))
	}
}

// admitLFS reports whether a request is accepted and not redirected. If not, it
// has answered the request.
func (f *forge) admitLFS(w http.ResponseWriter, r *http.Request, path string, to target, write bool) bool {
	if !f.admit(w, r, to, write, f.refuseLFS) {
		return false
	}
	if to.moved {
		f.redirect(w, r, path, to)
		return false
	}
	return true
}

func (f *forge) refuseLFS(w http.ResponseWriter, no *refusal) {
	if no.status == http.StatusUnauthorized {
		w.Header().Set("LFS-Authenticate", fmt.Sprintf("Basic realm=%q", f.realm))
	}
	writeLFS(w, no.status, lfsMessage(no.text))
}

func (f *forge) serveBatch(w http.ResponseWriter, r *http.Request, path string, to target) {
	var batch struct {
		Operation string      `json:"operation"`
		Objects   []lfsObject `json:"objects"`
	}
	// A batch of Git LFS has at most 100 objects, about 10 KiB.
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&batch)
	if err != nil || batch.Operation != "download" && batch.Operation != "upload" {
		writeLFS(w, http.StatusUnprocessableEntity, lfsMessage("Not a batch."))
		return
	}
	if !f.admitLFS(w, r, path, to, batch.Operation == "upload") {
		return
	}
	for i := range batch.Objects {
		f.offer(&batch.Objects[i], r.Host, path, to, batch.Operation)
	}
	writeLFS(w, http.StatusOK, map[string]any{
		"transfer": "basic",
		"objects":  batch.Objects,
	})
}

// offer adds the URL to download or upload an object. For an upload of an
// object that the store already has, it adds none; the client then skips the
// upload.
func (f *forge) offer(o *lfsObject, host, path string, to target, operation string) {
	file, err := f.s.objectFile(to, o.OID)
	if err != nil {
		o.Error = &lfsError{http.StatusUnprocessableEntity, "Not an object ID."}
		return
	}
	_, err = os.Stat(file)
	there := err == nil
	switch {
	case there && operation == "upload":
		return
	case !there && operation == "download":
		o.Error = &lfsError{http.StatusNotFound, "Object does not exist on the server."}
		return
	}
	o.Authenticated = true
	o.Actions = map[string]lfsAction{operation: {
		Href:   "https://" + host + "/" + path + "/" + lfsPrefix + "storage/" + o.OID,
		Header: map[string]string{"Authorization": lfsScheme + " " + f.s.ticket(operation, to.dir, o.OID)},
	}}
}

func (f *forge) serveLocks(w http.ResponseWriter, r *http.Request, path string, to target) {
	c := credentialOf(r)
	if no := f.judge(c, to, true); no != nil && no.status == http.StatusForbidden && f.judge(c, to, false) == nil {
		writeLFS(w, no.status, lfsMessage("You must have push access to verify locks"))
		return
	}
	if f.admitLFS(w, r, path, to, true) {
		writeLFS(w, http.StatusOK, map[string]any{"ours": []any{}, "theirs": []any{}})
	}
}

// serveObject serves the LFS store. It accepts only tickets.
func (f *forge) serveObject(w http.ResponseWriter, r *http.Request, to target, oid string) {
	operation := "download"
	if r.Method == http.MethodPut {
		operation = "upload"
	}
	file, err := f.s.objectFile(to, oid)
	want := lfsScheme + " " + f.s.ticket(operation, to.dir, oid)
	if err != nil || !hmac.Equal([]byte(r.Header.Get("Authorization")), []byte(want)) {
		writeText(w, http.StatusForbidden, "No ticket.")
		return
	}
	refuse := func(w http.ResponseWriter, no *refusal) { writeText(w, no.status, no.text) }
	if f.s.meetFault(w, r, f.name, refuse) {
		return
	}
	if operation == "download" {
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeFile(w, r, file)
		return
	}
	switch err := storeObject(file, oid, r.Body); {
	case errors.Is(err, errWrongObject):
		writeText(w, http.StatusUnprocessableEntity, "Not the object of that ID.")
	case err != nil:
		f.s.errorLogger().Print(err)
		writeText(w, http.StatusInternalServerError, "Not stored.")
	default:
		w.WriteHeader(http.StatusOK)
	}
}

var errWrongObject = errors.New("object does not match its ID")

// storeObject writes an object atomically: the file is complete or does not
// exist.
func storeObject(file, oid string, body io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), "upload-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(tmp, sum), body)
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != oid {
		return errWrongObject
	}
	return os.Rename(tmp.Name(), file)
}

var objectID = regexp.MustCompile(`^[0-9a-f]{64}$`)

// objectFile returns the file of an object of a repository.
func (s *Server) objectFile(to target, oid string) (string, error) {
	if !to.known || !objectID.MatchString(oid) {
		return "", fs.ErrNotExist
	}
	return filepath.Join(s.dir, "lfs", filepath.Base(to.dir), oid), nil
}

// ticket returns a ticket for one operation on one object. It is valid as long
// as the server runs.
func (s *Server) ticket(operation, dir, oid string) string {
	mac := hmac.New(sha256.New, s.ticketKey)
	fmt.Fprintf(mac, "%s %s %s", operation, filepath.Base(dir), oid)
	return hex.EncodeToString(mac.Sum(nil))
}

// isTicket reports whether a request sends a ticket to the LFS store. Such a
// ticket does not count as a secret; anywhere else it does. The caller holds
// s.mu.
func (s *Server) isTicket(r *http.Request, host string) bool {
	return s.hosts[host] != nil &&
		strings.Contains(r.URL.Path, "/"+lfsPrefix+"storage/") &&
		strings.HasPrefix(r.Header.Get("Authorization"), lfsScheme+" ")
}

func lfsMessage(text string) map[string]string { return map[string]string{"message": text} }

func writeLFS(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", lfsType)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(answer)
}
