package rest

import (
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Token lets whoever knows its secret act in a role.
type Token struct {
	Name   string            // who it is, for the audit
	Role   Role              //
	Agent  callmodel.AgentID // required for RoleAgent: the only line it may act on
	Secret string            // at least MinSecret characters
}

// MinSecret is the shortest secret of a [Token], in bytes.
const MinSecret = 16

const (
	maxTokens    = 1000
	maxTokenName = 64
	maxSecret    = 512
	strikesLimit = 10 // failures of one peer in strikesTime, after which it must wait
	strikesTime  = time.Minute
	maxPeers     = 4096 // peers whose failures are remembered
)

// LogValue keeps the secret out of logs.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// String names the token without its secret.
func (t Token) String() string { return t.Name + " (" + t.Role.String() + ")" }

// GoString is String, so that %#v does not show the secret.
func (t Token) GoString() string { return t.String() }

// keys are the tokens as the server keeps them: hashes only.
type keys struct {
	list []key

	mu      sync.Mutex // guards what follows
	strikes map[netip.Prefix]*strike
}

type key struct {
	hash [sha256.Size]byte
	who  caller
}

type strike struct {
	count int
	since time.Time
}

func newKeys(tokens []Token) (*keys, error) {
	k := &keys{strikes: map[netip.Prefix]*strike{}}
	names := map[string]bool{}
	if len(tokens) > maxTokens {
		return nil, fault.Newf(fault.Invalid, "rest: tokens", "", "there are more than %d", maxTokens)
	}
	for _, t := range tokens {
		bad := func(reason string) (*keys, error) {
			return nil, fault.New(fault.Invalid, "rest: tokens", t.Name, reason)
		}
		hash := sha256.Sum256([]byte(t.Secret))
		switch {
		case t.Name == "" || names[t.Name] || checkText("name", t.Name, maxTokenName, false) != nil:
			return bad("a token needs a name of its own, with 1 to 64 printable bytes")
		case t.Role == 0 || t.Role.String() == roleNames[0]:
			return bad("a token needs a role: reader, agent, supervisor, integrator or admin")
		case (t.Role == RoleAgent) != (t.Agent != ""):
			return bad("a token names an agent where its role is agent, and only there")
		case len(t.Secret) < MinSecret || len(t.Secret) > maxSecret || strings.TrimSpace(t.Secret) != t.Secret:
			return bad("a secret has 16 to 512 bytes without space around them")
		case k.find(hash) != nil:
			return bad("another token has the same secret")
		}
		names[t.Name] = true
		agent := callmodel.AgentID(strings.ToLower(string(t.Agent)))
		k.list = append(k.list, key{hash: hash, who: caller{role: t.Role, by: t.String(), agent: agent}})
	}
	return k, nil
}

// find compares with every key, so that the time taken tells nothing.
func (k *keys) find(hash [sha256.Size]byte) *caller {
	var found *caller
	for i := range k.list {
		if subtle.ConstantTimeCompare(hash[:], k.list[i].hash[:]) == 1 {
			found = &k.list[i].who
		}
	}
	return found
}

// blocked reports for how long a peer must wait.
func (k *keys) blocked(peer netip.Prefix, now time.Time) time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.strikes[peer]
	if s == nil || s.count < strikesLimit {
		return 0
	}
	return max(strikesTime-now.Sub(s.since), 0)
}

// failed counts a wrong secret of a peer. The oldest peer is forgotten where
// there are too many.
func (k *keys) failed(peer netip.Prefix, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.strikes[peer]
	if s == nil {
		if len(k.strikes) >= maxPeers {
			k.forget(now)
		}
		s = &strike{since: now}
		k.strikes[peer] = s
	}
	if now.Sub(s.since) >= strikesTime {
		*s = strike{since: now}
	}
	s.count++
}

func (k *keys) forget(now time.Time) {
	var oldest netip.Prefix
	for p, s := range k.strikes {
		if now.Sub(s.since) >= strikesTime {
			delete(k.strikes, p)
		} else if o := k.strikes[oldest]; o == nil || s.since.Before(o.since) {
			oldest = p
		}
	}
	if len(k.strikes) >= maxPeers {
		delete(k.strikes, oldest)
	}
}

// peerOf is the address that failures are counted by: an IPv6 peer owns at
// least the last 64 bits of its address.
func peerOf(remote string) netip.Prefix {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{} // the unix socket
	}
	bits := 32
	if addr = addr.Unmap().WithZone(""); addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// authenticate says who sends a request: the owner of the token that it
// carries, or else whoever the listener says. A wrong token is refused, also
// where nothing more than reading is asked for.
func (s *Server) authenticate(r *http.Request) (caller, *Problem) {
	who := callerOf(r.Context())
	auth := r.Header.Get("Authorization")
	if auth == "" {
		return who, nil
	}
	now, peer := s.opts.Clock.Now(), peerOf(r.RemoteAddr)
	if wait := s.keys.blocked(peer, now); wait > 0 {
		s.stats.authBlocked.Add(1)
		p := newProblem(http.StatusTooManyRequests, fault.Busy, "too many wrong tokens have come from this address: wait a minute, then use the right one")
		p.retryAfter = int(wait/time.Second) + 1
		return caller{}, p
	}
	scheme, secret, _ := strings.Cut(auth, " ")
	if found := s.keys.find(sha256.Sum256([]byte(secret))); strings.EqualFold(scheme, "Bearer") && found != nil {
		owner := *found
		owner.local = who.local
		return owner, nil
	}
	s.keys.failed(peer, now)
	s.stats.authFailed.Add(1)
	s.opts.Logger.Warn("rest: a wrong token was refused", "peer", r.RemoteAddr)
	p := newProblem(http.StatusUnauthorized, fault.Denied, "this token is not known: send 'Authorization: Bearer' and a secret of rest.tokens")
	p.challenge = true
	return caller{}, p
}
