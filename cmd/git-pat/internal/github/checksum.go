package github

import (
	"crypto/sha256"
	"encoding/base32"
	"hash/crc32"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Checksum says whether the checksum inside a token fits the token. Only the
// server knows whether a token is valid.
type Checksum string

const (
	ChecksumGood    Checksum = "good"
	ChecksumBad     Checksum = "bad"     // the token looks mistyped or cut short
	ChecksumUnknown Checksum = "unknown" // no checksum is known for such a token
)

// ChecksumOf checks the checksum of a token, offline.
//
// Classic tokens, those of OAuth apps, and those of GitHub Apps that act for a
// user, all of 40 characters, end in six that are the CRC-32 of the 30 between
// the prefix and them. GitHub documents CRC-32, base62 and the zeros in front
// ("Behind GitHub's new authentication token formats", github.blog, April
// 2021); the alphabet and what is summed were found with tokens that their
// owners published, all of which agree.
//
// For fine-grained tokens GitHub documents nothing. That eight characters are
// the base32 of a SHA-256 is a claim of the scanner mongodb/kingfisher (pull
// request 342) that holds for the one published token it could be tried on. A
// bad checksum is worth less there.
//
// Everything else is unknown: tokens of installations, which end in no such
// checksum; the 40 hex digits of before April 2021; and what is longer than the
// known forms, or has characters that they have not.
func ChecksumOf(secret credential.Secret) Checksum {
	token := secret.Reveal()
	for _, prefix := range []string{"ghp_", "gho_", "ghu_"} {
		if body, ok := strings.CutPrefix(token, prefix); ok {
			return checkCRC(body)
		}
	}
	if body, ok := strings.CutPrefix(token, fineGrainedPrefix); ok {
		return checkFineGrained(body)
	}
	return ChecksumUnknown
}

// checkCRC checks what follows the prefix: 30 characters and their checksum.
func checkCRC(body string) Checksum {
	const random, sum = 30, 6
	switch {
	case !isAlphanumeric(body) || len(body) > random+sum:
		return ChecksumUnknown
	case len(body) < random+sum:
		return ChecksumBad
	}
	return good(body[random:] == crc(body[:random]))
}

// base62 is in the order of GitHub's checksums, which is not that of
// big.Int.Text.
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// crc returns the CRC-32 (IEEE) of a body in six digits.
func crc(body string) string {
	n := crc32.ChecksumIEEE([]byte(body))
	var digits [6]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = base62[n%62]
		n /= 62
	}
	return string(digits[:])
}

const fineGrainedPrefix = "github_pat_"

// checkFineGrained checks what follows the prefix: 22 characters, "_", and 59,
// of which the checksum is the eight before the last eight. It is taken over
// all before it, the prefix too.
func checkFineGrained(body string) Checksum {
	const first, second, sum, tail = 22, 43, 8, 8
	if len(body) < first+len("_")+second+sum+tail && isAlphanumeric(strings.Replace(body, "_", "", 1)) {
		return ChecksumBad
	}
	id, rest, ok := strings.Cut(body, "_")
	if !ok || len(id) != first || len(rest) != second+sum+tail || !isAlphanumeric(id) || !isAlphanumeric(rest) {
		return ChecksumUnknown
	}
	return good(rest[second:second+sum] == hash(fineGrainedPrefix+id+"_"+rest[:second]))
}

// hash returns the first eight characters of the base32 (RFC 4648) of SHA-256.
func hash(s string) string {
	h := sha256.Sum256([]byte(s))
	return base32.StdEncoding.EncodeToString(h[:5]) // five bytes are eight characters
}

func good(ok bool) Checksum {
	if ok {
		return ChecksumGood
	}
	return ChecksumBad
}

func isAlphanumeric(s string) bool { return strings.Trim(s, base62) == "" }
