package github

import (
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

func TestCRC(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		// Bodies of tokens that were published as expired and without scopes.
		{"published", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", "0mLq17"},
		{"published", "adE7dp8rHP6gUTuPwxLTZjZdtya3sV", "0UQzQM"},
		{"published", "H3xbiBdlzffNx7Y56iNsPw3joObj7U", "2nO29h"},
		// Made up.
		{"one letter", strings.Repeat("A", 30), "0uCPlr"},
		{"one digit", strings.Repeat("0", 30), "2C8GjS"},
		{"words", "EXAMPLEexampleEXAMPLEexample00", "2dPYoc"},
		{"two zeros in front", "TESTVECTORtestvector0000000171", "00IxPg"},
		{"nothing: six zeros", "", "000000"},
		{"the highest, ffffffff", "\xff\xff\xff\xff", "4gfFC3"},
	} {
		if got := crc(test.body); got != test.want {
			t.Errorf("%s, %q: got %q, want %q", test.name, test.body, got, test.want)
		}
	}
}

func TestChecksumOf(t *testing.T) {
	const words, id = "EXAMPLEexampleEXAMPLEexample00", "11EXAMPLE0EXAMPLE0EXAM"
	const zeros = "TESTVECTORtestvector0000000171"
	fine := strings.Repeat("Example", 6) + "0"
	const pat = "github_" + "pat_"
	join := func(parts ...string) string { return strings.Join(parts, "") }
	for _, test := range []struct {
		name, token string
		want        Checksum
	}{
		{"classic", join("ghp_", words, "2dPYoc"), ChecksumGood},
		{"classic, padded", join("ghp_", zeros, "00IxPg"), ChecksumGood},
		{"OAuth app", join("gho_", words, "2dPYoc"), ChecksumGood},
		{"app for a user", join("ghu_", words, "2dPYoc"), ChecksumGood},
		{"another checksum", join("ghp_", words, "2dPYod"), ChecksumBad},
		{"checksum in the other case", join("ghp_", words, "2DpyOC"), ChecksumBad},
		{"two characters exchanged", join("ghp_", words[1:2], words[:1], words[2:], "2dPYoc"), ChecksumBad},
		{"case of one character", join("gho_", "e", words[1:], "2dPYoc"), ChecksumBad},
		{"padding cut off", join("ghp_", zeros, "IxPg"), ChecksumBad},
		{"cut short", join("ghp_", words), ChecksumBad},
		{"one too long", join("ghp_", words, "2dPYoc", "0"), ChecksumUnknown},
		{"a character of another form", join("ghu_", "_", words[1:], "2dPYoc"), ChecksumUnknown},
		{"a newline at the end", join("ghp_", words, "2dPYo", "\n"), ChecksumUnknown},
		{"prefix in upper case", join("GHP_", words, "2dPYoc"), ChecksumUnknown},
		{"installation: no checksum", join("ghs_", words, "2dPYoc"), ChecksumUnknown},
		{"refresh token: no credential", join("ghr_", strings.Repeat("A", 70), "000000"), ChecksumUnknown},

		{"fine-grained", join(pat, id, "_", fine, "RHQIWUHJ", "tailtail"), ChecksumGood},
		{"fine-grained, any tail", join(pat, id, "_", fine, "RHQIWUHJ", "00000000"), ChecksumGood},
		{"fine-grained, another checksum", join(pat, id, "_", fine, "RHQIWUHI", "tailtail"), ChecksumBad},
		{"fine-grained, checksum in lower case", join(pat, id, "_", fine, "rhqiwuhj", "tailtail"), ChecksumBad},
		{"fine-grained, another first part", join(pat, "2", id[1:], "_", fine, "RHQIWUHJ", "tailtail"), ChecksumBad},
		{"fine-grained, another second part", join(pat, id, "_", fine[1:], "0", "RHQIWUHJ", "tailtail"), ChecksumBad},
		{"fine-grained, cut short", join(pat, id, "_", fine, "RHQIWUHJ"), ChecksumBad},
		{"fine-grained, one too long", join(pat, id, "_", fine, "RHQIWUHJ", "tailtail", "x"), ChecksumUnknown},
		{"fine-grained, _ elsewhere", join(pat, id[1:], "_x", fine, "RHQIWUHJ", "tailtail"), ChecksumUnknown},
		{"fine-grained, a second _", join(pat, id, "_", fine, "RHQIWUHJ", "tail_ail"), ChecksumUnknown},
		{"fine-grained, no _", join(pat, id, "x", fine, "RHQIWUHJ", "tailtail"), ChecksumUnknown},

		{"40 hex digits", strings.Repeat("0a", 20), ChecksumUnknown},
		{"prefix only", "ghp" + "_", ChecksumBad},
		{"longer prefix only", pat, ChecksumBad},
		{"password", "hunter2", ChecksumUnknown},
		{"nothing", "", ChecksumUnknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := ChecksumOf(credential.NewSecret(test.token)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
