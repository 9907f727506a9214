package ctips

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"

	"strowger/switch/fault"
)

// The form of a stored password: scheme, rounds, salt and sum, between dollars.
const (
	hashScheme = "pbkdf2-sha256"
	hashRounds = 600_000 // OWASP's figure for this scheme
	minRounds  = 10_000
	maxRounds  = 10_000_000
	saltBytes  = 16
	minSalt    = 8
)

// storedHash is a stored password.
type storedHash struct {
	rounds    int
	salt, sum []byte
}

// HashPassword returns what is stored in place of a password.
func HashPassword(password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fault.Wrap(fault.Internal, "ctips: password", "", err)
	}
	h := storedHash{rounds: hashRounds, salt: salt}
	sum, err := h.of(password)
	if err != nil {
		return "", err
	}
	h.sum = sum
	return h.text(), nil
}

// text is how it is stored.
func (h *storedHash) text() string {
	b := base64.RawStdEncoding
	return strings.Join([]string{hashScheme, strconv.Itoa(h.rounds), b.EncodeToString(h.salt), b.EncodeToString(h.sum)}, "$")
}

// CheckHash reports whether a text is a stored password. Its error is
// fault.Invalid and does not hold the text.
func CheckHash(text string) error {
	_, err := parseHash(text)
	return err
}

// parseHash reads a stored password. Its error is fault.Invalid and does not hold it.
func parseHash(text string) (storedHash, error) {
	refuse := func(why string) (storedHash, error) {
		return storedHash{}, fault.New(fault.Invalid, "ctips: password", "", why+"; make one by strowger ctips password")
	}
	parts := strings.Split(text, "$")
	if len(parts) != 4 || parts[0] != hashScheme {
		return refuse("the stored password is not of the form " + hashScheme + "$rounds$salt$sum")
	}
	rounds, err := strconv.Atoi(parts[1])
	if err != nil || rounds < minRounds || rounds > maxRounds {
		return refuse("the stored password has too few or too many rounds")
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[2])
	if err != nil || len(salt) < minSalt {
		return refuse("the stored password's salt cannot be read")
	}
	sum, err := base64.RawStdEncoding.DecodeString(parts[3])
	if err != nil || len(sum) != sha256.Size {
		return refuse("the stored password's sum cannot be read")
	}
	return storedHash{rounds, salt, sum}, nil
}

func (h *storedHash) of(password string) ([]byte, error) {
	return pbkdf2.Key(sha256.New, password, h.salt, h.rounds, sha256.Size)
}

// fits tells whether it is the hash of a password.
func (h *storedHash) fits(password string) bool {
	sum, err := h.of(password)
	return err == nil && subtle.ConstantTimeCompare(sum, h.sum) == 1
}
