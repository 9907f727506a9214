package behalf

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"sync"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Passcode draws the digits that an agent is to type at the phone, where the
// station asks for them; it is empty where it does not.
func Passcode(cfg *callmodel.Config, who callmodel.AgentID, at callmodel.StationID) (string, error) {
	if !cfg.AsksPasscode(who, at) {
		return "", nil
	}
	most := new(big.Int).Exp(big.NewInt(10), big.NewInt(callmodel.PasscodeDigits), nil)
	n, err := rand.Int(rand.Reader, most)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "login", string(who), err)
	}
	return fmt.Sprintf("%0*d", callmodel.PasscodeDigits, n), nil
}

// maxRefusals are written down in a second; who is refused could fill the disk.
const maxRefusals = 20

// Refusals bounds how many refusals are written down. Its zero value is ready;
// safe for concurrent use.
type Refusals struct {
	mu    sync.Mutex
	since time.Time
	n     int
}

// Allow reports whether one more may be written down now.
func (r *Refusals) Allow(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.since) >= time.Second || now.Before(r.since) {
		r.since, r.n = now, 0
	}
	r.n++
	return r.n <= maxRefusals
}
