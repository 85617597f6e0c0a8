package store

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

func TestAppendRecord(t *testing.T) {
	r := credential.Record{
		Scope: credential.Scope{Host: "github.com", Paths: []string{"acme/gadgets", "acme/widgets"}}, Name: "my \"laptop\" \\ \x01", Username: "alice",
		Kind: credential.FineGrained, Access: credential.ReadAccess, Added: noon().Add(time.Nanosecond), Expires: noon().Add(time.Nanosecond),
		Store: "git:store <&>", Copy: "file", Form: attributesForm,
	}
	want := strings.ReplaceAll(`{
  "format": 1,
  "host": "github.com",
  "paths": [
    "acme/gadgets",
    "acme/widgets"
  ],
  "name": "my \"laptop\" \\ \u0001",
  "username": "alice",
  "kind": "fine-grained",
  "access": "read",
  "added": "NANO",
  "expires": "NANO",
  "store": "git:store <&>",
  "copy": "file",
  "form": "attributes"
}
`, "NANO", noon().Add(time.Nanosecond).Format(time.RFC3339Nano))
	got := appendRecord(nil, r)
	if string(got) != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	back, written, ok := parseRecord(got)
	if !ok || written != format {
		t.Errorf("back: got format %d and %v", written, ok)
	}
	sameRecord(t, "back", back, r)
	if !json.Valid(got) {
		t.Error("it is no JSON")
	}
}

func TestParseRecordBad(t *testing.T) {
	for _, text := range []string{
		``, `[]`, `"x"`, `{`, `{}x`, `{"a"}`, `{"a":1,}`, `{a:1}`, `{"a":01}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":+1}`, `{"a":"\x"}`, `{"a":"\u12"}`,
		"{\"a\":\"\n\"}", "{\"a\":\"\xff\"}", `{"a":tru}`, `{"a":[1,]}`, `{"a":[1 2]}`, `{"a":{"b":1}`, `{"a":"`, strings.Repeat(`{"a":`, 10_000),
		`{"host":1}`, `{"paths":"a"}`, `{"paths":[1]}`, `{"paths":["a",1]}`, `{"paths":{}}`, `{"added":"today"}`, `{"added":""}`, `{"format":"1"}`, `{"format":1.5}`, `{"format":99999999999999999999}`,
	} {
		if r, _, ok := parseRecord([]byte(text)); ok {
			t.Errorf("%s: got %+v, want an error", text, r)
		}
	}
	// What a newer format has made of the members does not matter.
	if _, written, _ := parseRecord([]byte(`{"paths":{"a":[{}]},"format":2}`)); written != 2 {
		t.Errorf("got the format %d, want 2", written)
	}
}

// FuzzParseObject compares with encoding/json, which takes the same texts for
// an object, but for those that are not UTF-8 or too deep, and has the same
// values.
func FuzzParseObject(f *testing.F) {
	for _, seed := range []string{
		string(appendRecord(nil, credential.Record{Scope: credential.Scope{Host: "h", Paths: []string{"a", "b"}}, Name: "n", Added: noon()})),
		string(appendAside(nil, credential.Aside{Time: noon(), Reason: "refused"})),
		`{"a":"\u00e4\ud83d\ude00\ud83d\ud83dx\udc00\/\b","b":[],"c":["",null],"d":-0.5e+3,"e":{"f":[[{}]]},"a":null}`,
		" {\t\"a\" : [ \"b\" , \"c\" ]\r\n, \"d\" : true } ", `{"\u0061":1,"a":2}`, `{"a":0,"b":-0,"c":0.0,"d":1E-2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, ok := parseObject(data)
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		var want map[string]any
		err := decoder.Decode(&want)
		if err == nil {
			if _, err = decoder.Token(); err == io.EOF {
				err = nil
			} else {
				want = nil
			}
		}
		valid := want != nil && err == nil && utf8.Valid(data)
		if ok && !valid || !ok && valid && bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) < deepest {
			t.Fatalf("%q: got %v, want %v (%v)", data, ok, valid, err)
		}
		if !ok {
			return
		}
		for key, value := range want {
			v, there := got.member(key)
			switch value := value.(type) {
			case nil:
				if there {
					t.Errorf("%q is there, though it is null", key)
				}
			case string:
				if v.kind != '"' || v.text != value {
					t.Errorf("%q: got %+v, want %q", key, v, value)
				}
			case json.Number:
				if v.kind != '0' || v.text != value.String() {
					t.Errorf("%q: got %+v, want %s", key, v, value)
				}
			case []any:
				var list []string
				strs := true
				for _, element := range value {
					s, isString := element.(string)
					strs = strs && isString
					list = append(list, s)
				}
				if strs != (v.kind == '[') || strs && !slices.Equal(v.list, list) {
					t.Errorf("%q: got %+v, want %q", key, v, value)
				}
			default:
				if !there || v.kind != 0 {
					t.Errorf("%q: got %+v, want one of no use", key, v)
				}
			}
		}
		for _, m := range got {
			if _, there := want[m.name]; !there {
				t.Errorf("%q is not there", m.name)
			}
		}
	})
}

func FuzzAppendString(f *testing.F) {
	f.Add("a\"\\\x00\x1f\u2028\U0001f600")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		var back string
		if err := json.Unmarshal(appendString(nil, s), &back); err != nil || back != s {
			t.Errorf("%q: encoding/json reads %q, %v", s, back, err)
		}
		o, ok := parseObject(append(appendMember([]byte(`{"x":1`), "k", s), '}'))
		if got := o.text("k", &ok); !ok || got != s {
			t.Errorf("%q: read %q, %v", s, got, ok)
		}
	})
}
