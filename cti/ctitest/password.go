package ctitest

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// StoredPassword is a password as a user of CTIPS has it in the configuration,
// with as few rounds as are taken: with the race detector one of those that
// [strowger/cti/ctips.HashPassword] makes costs a second.
func StoredPassword(password string) string {
	const salt, rounds = "saltsalt", 10_000
	sum, err := pbkdf2.Key(sha256.New, password, []byte(salt), rounds, sha256.Size)
	if err != nil {
		panic(err) // of these fixed sizes it has none
	}
	b := base64.RawStdEncoding
	return fmt.Sprintf("pbkdf2-sha256$%d$%s$%s", rounds, b.EncodeToString([]byte(salt)), b.EncodeToString(sum))
}
