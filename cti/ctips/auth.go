package ctips

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Limits of what clients say of themselves.
const (
	maxUserName = 256
	maxPassword = 256
	// checksAtOnce bounds the passwords that are hashed at the same time: each
	// keeps a processor busy for a moment.
	checksAtOnce = 2
)

// Rights are all rights that there are.
func Rights() []Right { return []Right{RightMonitor, RightAgent, RightCall, RightRoute, RightPanic} }

// Known reports whether there is such a right.
func (r Right) Known() bool { return slices.Contains(Rights(), r) }

// Directory knows users by another system than the configuration, as LDAP.
type Directory interface {
	// Login returns the rights of a user. Errors: fault.Denied when name or
	// password are wrong or the user has no rights, fault.Unavailable when the
	// directory cannot be asked.
	Login(ctx context.Context, user, password string) ([]Right, error)
	// Same reports whether another directory says the same of its users: who has
	// shown it a password need not show it again.
	Same(Directory) bool
}

// account is a user who has shown a password.
type account struct {
	name    string
	rights  []Right
	tenants []int32 // empty: all
	// hash is the stored password that was shown, by the directory the one that
	// has taken it; neither: none was asked for.
	hash string
	by   Directory
}

func (a *account) may(r Right) bool { return r == "" || slices.Contains(a.rights, r) }

func (a *account) serves(tenant int32) bool {
	return len(a.tenants) == 0 || slices.Contains(a.tenants, tenant)
}

// AuthStats counts what happened to passwords. All fields only grow.
type AuthStats struct {
	Wrong   atomic.Uint64 // name or password wrong
	Blocked atomic.Uint64 // not looked at: too many wrong ones from the address
	Failed  atomic.Uint64 // the directory could not be asked
}

// users are those who may open sessions, by settings. Immutable.
type users struct {
	open      bool // nobody is listed: everybody is let in
	listed    map[string]listed
	directory Directory // nil: there is none
	rounds    int       // that a wrong password costs, whoever it is for: the time does not tell who is listed
}

type listed struct {
	account
	stored storedHash
}

// newUsers takes users whose hashes Validate has read.
func newUsers(list []User, directory Directory) (*users, error) {
	out := &users{open: len(list) == 0 && directory == nil, listed: map[string]listed{}, directory: directory}
	for _, u := range list {
		h, err := parseHash(u.Hash)
		if err != nil {
			return nil, err
		}
		out.listed[u.Name] = listed{account{name: u.Name, rights: u.Rights, tenants: u.Tenants, hash: u.Hash}, h}
		out.rounds = max(out.rounds, h.rounds)
	}
	return out, nil
}

// still returns the account of somebody who has been let in before, or nil when
// they would have to show a password now, or another one. A directory's users
// keep the rights that it gave them then.
func (u *users) still(was *account) *account {
	now, there := u.listed[was.name]
	switch {
	case there && was.hash == now.hash:
		return &now.account
	case there:
		return nil
	case was.by != nil && u.directory != nil && u.directory.Same(was.by), u.open && was.hash == "" && was.by == nil:
		return was
	}
	return nil
}

// auth checks passwords.
type auth struct {
	Stats   AuthStats
	guesses soap.Guesses
	slots   chan struct{}

	// A password that was right is known again by a keyed sum, so that clients
	// which open many sessions do not cost a hash each. The key lives as long
	// as the process.
	key   []byte
	mu    sync.Mutex // guards known
	known map[string][]byte
}

func newAuth() (*auth, error) {
	a := &auth{
		slots: make(chan struct{}, checksAtOnce), key: make([]byte, sha256.Size), known: map[string][]byte{},
	}
	if _, err := rand.Read(a.key); err != nil {
		return nil, fault.Wrap(fault.Internal, "ctips: password", "", err)
	}
	return a, nil
}

// login returns who shows a name and a password. Errors: fault.Denied when they
// are wrong, fault.Busy when the address has been wrong
// too often, fault.Unavailable when the directory cannot be asked.
func (a *auth) login(ctx context.Context, among *users, peer netip.Addr, user, password string) (*account, error) {
	if err := a.blocked(peer); err != nil {
		return nil, err
	}
	switch {
	case len(user) > maxUserName || len(password) > maxPassword || user == "" || !among.open && password == "":
		a.wrong(peer)
		return nil, wrongLogin()
	case among.open:
		return &account{name: user, rights: Rights()}, nil
	}
	who, err := a.check(ctx, among, peer, user, password)
	if err != nil && !fault.Is(err, fault.Denied) && !fault.Is(err, fault.Busy) {
		a.Stats.Failed.Add(1)
	}
	return who, err
}

func wrongLogin() error {
	return fault.New(fault.Denied, "ctips: login", "", "user or password is wrong")
}

// blocked refuses an address that has been wrong too often.
func (a *auth) blocked(peer netip.Addr) error {
	if !a.guesses.Blocked(peer, time.Now()) {
		return nil
	}
	a.Stats.Blocked.Add(1)
	return fault.New(fault.Busy, "ctips: login", "", "too many wrong passwords from this address; wait a minute")
}

func (a *auth) wrong(peer netip.Addr) {
	a.Stats.Wrong.Add(1)
	a.guesses.Wrong(peer, time.Now())
}

func (a *auth) check(ctx context.Context, among *users, peer netip.Addr, user, password string) (*account, error) {
	u, there := among.listed[user]
	if !there && among.directory != nil {
		rights, err := among.directory.Login(ctx, user, password)
		if fault.Is(err, fault.Denied) {
			a.wrong(peer)
		}
		if err != nil {
			return nil, err
		}
		return &account{name: user, rights: rights, by: among.directory}, nil
	}
	if there && a.seen(&u, password) {
		return &u.account, nil
	}
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		return nil, fault.Wrap(fault.Unavailable, "ctips: login", user, ctx.Err())
	}
	if err := a.blocked(peer); err != nil { // by those that were in line before
		return nil, err
	}
	if !there || !u.stored.fits(password) {
		rest := storedHash{rounds: max(1, among.rounds-u.stored.rounds), salt: a.key}
		_ = rest.fits(password)
		a.wrong(peer) // before the next in line is looked at
		return nil, wrongLogin()
	}
	a.remember(&u, password)
	return &u.account, nil
}

// sum is of a password and what is stored of it: one that was right before it
// was changed is not known any more.
func (a *auth) sum(u *listed, password string) []byte {
	m := hmac.New(sha256.New, a.key)
	m.Write([]byte(u.hash))
	m.Write([]byte{0})
	m.Write([]byte(password))
	return m.Sum(nil)
}

func (a *auth) seen(u *listed, password string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return hmac.Equal(a.known[u.name], a.sum(u, password))
}

// remember keeps one sum for each listed user.
func (a *auth) remember(u *listed, password string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known[u.name] = a.sum(u, password)
}
