package credential

import "testing"

// A push has a special user name. A request is known to be a fetch only if Git
// is configured to send that name for pushes.
func TestChooseByAccess(t *testing.T) {
	const gh = "github.com"
	push, fetch := Request{Username: PushLogin}, Request{Fetch: true}
	for _, test := range []struct {
		name       string
		request    Request
		path       string
		candidates []Candidate
		want       string
		outcome    Outcome
	}{
		{"not known", Request{}, "acme/x", []Candidate{reads(fine(gh, "acme")), writes(fine(gh, "acme"))}, "one of several, one of several", Ambiguous},
		{"a fetch", fetch, "acme/x", []Candidate{reads(fine(gh, "acme")), writes(fine(gh, "acme"))}, "answers, beside one for reading", Answer},
		{"a push", push, "acme/x", []Candidate{reads(fine(gh, "acme")), writes(fine(gh, "acme"))}, "only for reading, answers", Answer},
		{"a fetch with one for writing", fetch, "acme/x", []Candidate{writes(fine(gh, "acme"))}, "answers", Answer},
		{"a push with one for reading", push, "acme/x", []Candidate{reads(fine(gh, "acme"))}, "only for reading", NoToken},
		{"a push with one for reading, not known", Request{}, "acme/x", []Candidate{reads(fine(gh, "acme"))}, "answers", Answer},
		{"of no known access", push, "acme/x", []Candidate{fine(gh, "acme"), writes(fine(gh, "acme"))}, "beside one for writing, answers", Answer},
		{"of no known access alone", push, "acme/x", []Candidate{fine(gh, "acme")}, "answers", Answer},
		{"a fetch beside one of no known access", fetch, "acme/x", []Candidate{fine(gh, "acme"), reads(fine(gh, "acme"))}, "beside one for reading, answers", Answer},
		{"access before kind", fetch, "acme/x", []Candidate{reads(classic(gh, "acme")), writes(fine(gh, "acme"))}, "answers, beside one for reading", Answer},
		{"kind where access is equal", fetch, "acme/x", []Candidate{reads(classic(gh, "acme")), reads(fine(gh, "acme"))}, "classic beside fine-grained, answers", Answer},
		{"the target before access", fetch, "acme/x", []Candidate{reads(fine(gh, "acme")), writes(fine(gh, "acme/x"))}, "less specific, answers", Answer},
		{"the target of those that may push", push, "acme/x", []Candidate{writes(fine(gh, "acme")), reads(fine(gh, "acme/x"))}, "answers, only for reading", Answer},
		{"one for reading has expired", fetch, "acme/x", []Candidate{expired(reads(fine(gh, "acme"))), writes(fine(gh, "acme"))}, "expired, answers", Answer},
		{"one for writing has expired", push, "acme/x", []Candidate{reads(fine(gh, "acme")), expired(writes(fine(gh, "acme")))}, "only for reading, expired", Unusable},
		{"two for reading", fetch, "acme/x", []Candidate{reads(fine(gh, "acme")), reads(fine(gh, "acme"))}, "one of several, one of several", Ambiguous},
		{"a push without a path", push, "", []Candidate{reads(fine(gh, "acme")), writes(fine(gh, "globex"))}, "only for reading, answers", Answer},
		{"a push without a path with one for reading", push, "", []Candidate{reads(classic(gh)), reads(fine(gh, "acme"))}, "only for reading, only for reading", NoToken},
		{"a push of a gist", push, "", []Candidate{reads(classic(gh))}, "only for reading", NoToken},
		{"a push is of any login", push, "acme/x", []Candidate{of("alice", writes(fine(gh, "acme")))}, "answers", Answer},
	} {
		test.request.Host, test.request.Path = gh, test.path
		d := Choose(test.request, test.candidates, now)
		if got := verdicts(d); got != test.want || d.Outcome != test.outcome {
			t.Errorf("%s: got %q and %v, want %q and %v", test.name, got, d.Outcome, test.want, test.outcome)
		}
		if want := test.name == "not known"; d.DependsOnAccess() != want {
			t.Errorf("%s: depends on access: got %v, want %v", test.name, !want, want)
		}
	}
}
