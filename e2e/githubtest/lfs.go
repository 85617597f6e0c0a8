package githubtest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// serveLFS answers requests of Git LFS. path is the path of the repository.
func (s *Server) serveLFS(w http.ResponseWriter, r *http.Request, host, path, call string) {
	to := s.find(host, path)
	if oid, ok := strings.CutPrefix(call, "storage/"); ok {
		s.serveObject(w, r, to.dir+" "+oid, oid)
		return
	}
	var batch struct {
		Operation string   `json:"operation"`
		Objects   []object `json:"objects"`
	}
	// A batch of Git LFS has at most 100 objects, about 10 KiB.
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&batch)
	switch {
	case call == "locks/verify":
		s.admit(w, r, s.judge(r, to, true), refuseLFS, func(w http.ResponseWriter, _ *http.Request) {
			writeLFS(w, http.StatusOK, object{"ours": []any{}, "theirs": []any{}})
		})
	case call != "objects/batch" || err != nil:
		writeLFS(w, http.StatusNotFound, object{"message": "Not Found"})
	default:
		s.admit(w, r, s.judge(r, to, batch.Operation == "upload"), refuseLFS, func(w http.ResponseWriter, _ *http.Request) {
			for _, o := range batch.Objects {
				s.offer(o, "https://"+host+"/"+path, to.dir, batch.Operation)
			}
			writeLFS(w, http.StatusOK, object{"transfer": "basic", "objects": batch.Objects})
		})
	}
}

// offer adds the URL to download or upload an object. For an upload of an
// object that is stored already, it adds none; the client then skips the
// upload.
func (s *Server) offer(o object, url, dir, operation string) {
	oid, _ := o["oid"].(string)
	s.mu.Lock()
	_, stored := s.objects[dir+" "+oid]
	s.mu.Unlock()
	switch {
	case stored && operation == "upload":
	case !stored && operation == "download":
		o["error"] = object{"code": http.StatusNotFound, "message": "Object does not exist on the server."}
	default:
		o["authenticated"] = true
		o["actions"] = object{operation: object{
			"href":   url + "/info/lfs/storage/" + oid,
			"header": object{"Authorization": s.lfsTicket},
		}}
	}
}

// serveObject stores or returns an object. It accepts only the ticket, so a
// client has no reason to send a token there.
func (s *Server) serveObject(w http.ResponseWriter, r *http.Request, key, oid string) {
	if r.Header.Get("Authorization") != s.lfsTicket {
		writeText(w, http.StatusForbidden, "No ticket.")
		return
	}
	if r.Method != http.MethodPut {
		s.mu.Lock()
		data := s.objects[key]
		s.mu.Unlock()
		w.Write(data)
		return
	}
	data, err := io.ReadAll(r.Body)
	if sum := sha256.Sum256(data); err != nil || hex.EncodeToString(sum[:]) != oid {
		writeText(w, http.StatusUnprocessableEntity, "Not the object of that ID.")
		return
	}
	s.mu.Lock()
	s.objects[key] = data
	s.mu.Unlock()
	w.WriteHeader(http.StatusOK)
}

func refuseLFS(w http.ResponseWriter, no *refusal) {
	if no.status == http.StatusUnauthorized {
		w.Header().Set("LFS-Authenticate", `Basic realm="GitHub"`)
	}
	writeLFS(w, no.status, object{"message": no.text})
}

func writeLFS(w http.ResponseWriter, status int, body object) {
	w.Header().Set("Content-Type", "application/vnd.git-lfs+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}
