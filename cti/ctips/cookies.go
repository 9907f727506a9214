package ctips

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"

	"strowger/switch/fault"
)

// Limits of what a callback may have us remember for a session, and send with
// every event.
const (
	maxCookies     = 32
	maxCookieBytes = 8 << 10 // names and values of all
)

// jar keeps the cookies that a session's callback sets, and no more than the
// limits: it is the client who decides how many there are. One that runs out by
// time counts on.
type jar struct {
	mu  sync.Mutex // guards its limits; in has a lock of its own
	in  *cookiejar.Jar
	own map[string]int // bytes by name, domain and path
	all int
}

var _ http.CookieJar = (*jar)(nil)

func newJar() (*jar, error) {
	in, err := cookiejar.New(nil)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "ctips: callback", "", err)
	}
	return &jar{in: in, own: map[string]int{}}, nil
}

// SetCookies implements http.CookieJar.
func (j *jar) SetCookies(from *url.URL, list []*http.Cookie) {
	j.mu.Lock()
	defer j.mu.Unlock()
	kept := make([]*http.Cookie, 0, min(len(list), maxCookies))
	for _, c := range list {
		key, size := c.Name+";"+c.Domain+";"+c.Path, len(c.Name)+len(c.Value)
		before, there := j.own[key]
		if c.MaxAge < 0 { // it is to be forgotten
			delete(j.own, key)
			j.all -= before
			kept = append(kept, c)
			continue
		}
		if j.all-before+size > maxCookieBytes || !there && len(j.own) >= maxCookies {
			continue
		}
		j.own[key], j.all = size, j.all-before+size
		kept = append(kept, c)
	}
	j.in.SetCookies(from, kept)
}

// Cookies implements http.CookieJar.
func (j *jar) Cookies(to *url.URL) []*http.Cookie { return j.in.Cookies(to) }
