package ctips

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"strowger/cti/soap"
)

// SessionState is where a session stands.
type SessionState uint8

// The states of a session.
const (
	SessionOpening SessionState = iota // its client is being called
	SessionOpened                      // not online yet
	SessionOnline                      // asks everything and hears events
	SessionOffline                     // was online
	SessionClosed
)

// String names a state for people.
func (s SessionState) String() string {
	switch s {
	case SessionOpening:
		return "opening"
	case SessionOpened:
		return "opened"
	case SessionOnline:
		return "online"
	case SessionOffline:
		return "offline"
	case SessionClosed:
		return "closed"
	}
	return "unknown"
}

// Lengths of a session's id.
const (
	idBytes   = 16 // 128 bits: it is all that a request shows
	shownOfID = 8  // characters that logs may have
)

// session is a client between OpenConnection and CloseConnection. Fields before
// mu do not change.
type session struct {
	number int64 // for operators, who are not shown the id
	id     string
	user   string // name
	tenant int32  // TenantId
	peer   netip.Addr
	ns     Namespaces // of its client, for callbacks
	action func(*Operation) string
	url    string // of callbacks
	since  time.Time
	jar    http.CookieJar // of its callback
	ctx    context.Context
	cancel context.CancelFunc

	with atomic.Pointer[footing] // replaced under mu

	sent, lost atomic.Uint64
	missed     atomic.Int64 // heartbeats in a row
	away       atomic.Bool  // its client could not be reached for the latest event
	underWay   atomic.Int64 // requests
	troubles   troubles

	mu       sync.Mutex // guards what follows
	state    SessionState
	last     time.Time // of its latest request
	wishes   interests
	silence  context.CancelFunc // ends the heartbeats; nil: there are none
	lastBeat time.Time          // answered
	waiting  *atomic.Int64      // events; a new counter with every time online
}

// footing is what the settings say of a session. Immutable, but for the clients,
// which come from [Server.reach].
type footing struct {
	account *account
	tenant  *Tenant
	events  *soap.Client
	beats   *soap.Client // its own connection: a slow event must not keep a heartbeat waiting
}

// now returns the session's footing at this moment.
func (s *session) now() *footing { return s.with.Load() }

// close ends idle connections.
func (f *footing) close() {
	f.events.Close()
	f.beats.Close()
}

// newID makes what a client shows with every request.
func newID() (string, error) {
	raw := make([]byte, idBytes)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw), nil
}

// is reports whether the session is in a state now.
func (s *session) is(state SessionState) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == state
}

// end breaks off what is under way to the client, and its connections.
func (s *session) end() {
	s.cancel()
	s.now().close()
}

// short is as much of the id as logs may have.
func (s *session) short() string { return s.id[:min(len(s.id), shownOfID)] }

// wants reports whether an event is to be sent now. mine: see [interests.wants].
func (s *session) wants(ev Event, mine bool) bool {
	h := ev.base()
	if h.TenantID != 0 && h.TenantID != s.tenant {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == SessionOnline && s.wishes.wants(ev, mine)
}

// sessions is the table of all sessions. Ids are found by their sums, so that
// how long a look-up takes says nothing about them.
type sessions struct {
	mu      sync.RWMutex // guards what follows
	most    int
	byID    map[[sha256.Size]byte]*session
	opening int // slots that are taken while their clients are being called
	number  int64
	closed  bool // no more
}

func newSessions(most int) *sessions {
	return &sessions{most: most, byID: map[[sha256.Size]byte]*session{}}
}

// reserve takes a slot, and a number for operators. It fails when all are
// taken: nobody is sent away for somebody new.
func (t *sessions) reserve() (number int64, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || len(t.byID)+t.opening >= t.most {
		return 0, false
	}
	t.opening++
	t.number++
	return t.number, true
}

// allow changes how many slots there are; who has one keeps it.
func (t *sessions) allow(most int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.most = most
}

// release gives a slot back.
func (t *sessions) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.opening--
}

// enter puts a session into the slot that was reserved; false: there are to be
// no more.
func (t *sessions) enter(s *session) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.opening--
	if t.closed {
		return false
	}
	t.byID[sha256.Sum256([]byte(s.id))] = s
	return true
}

func (t *sessions) find(id string) *session {
	sum := sha256.Sum256([]byte(id))
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.byID[sum]
}

// remove takes a session out; false: somebody else has.
func (t *sessions) remove(s *session) bool {
	sum := sha256.Sum256([]byte(s.id))
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byID[sum] != s {
		return false
	}
	delete(t.byID, sum)
	return true
}

// all are the sessions by number.
func (t *sessions) all() []*session {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := make([]*session, 0, len(t.byID))
	for _, s := range t.byID {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *session) int { return cmp.Compare(a.number, b.number) })
	return out
}

// close lets nobody in any more.
func (t *sessions) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
}
