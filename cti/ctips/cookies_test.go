package ctips

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// A callback that sets new cookies with every answer has a few of them kept, and
// its session goes on.
func TestTooManyCookies(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	s := newSink(t)
	n := 0
	flood := func(w http.ResponseWriter) bool {
		for range 100 {
			n++
			http.SetCookie(w, &http.Cookie{Name: "c" + strconv.Itoa(n), Value: strings.Repeat("v", 400), Path: "/"})
		}
		return false
	}
	s.onStart = flood
	s.onEvent = func(_ Event, w http.ResponseWriter) bool { return flood(w) }
	c := r.opened(s)
	c.all()
	c.must("OnLine", &OnLineArgs{c.head()})
	for i := range int32(3) {
		c.hold(1, i+1, 1)
		c.next(t)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, got := range s.cookies[1:] {
		if size, count := len(got), strings.Count(got, "="); size > maxCookieBytes+4*maxCookies || count > maxCookies || count == 0 {
			t.Errorf("%d cookies of %d bytes are sent", count, size)
		}
	}
}

// The limits hold over all answers; a cookie that is set again takes its own
// place, and one that the client takes back leaves it.
func TestJar(t *testing.T) {
	t.Parallel()
	j, err := newJar()
	if err != nil {
		t.Fatal(err)
	}
	at := request(t, "http://127.0.0.1/x").URL
	j.SetCookies(at, []*http.Cookie{{Name: "large", Value: strings.Repeat("v", maxCookieBytes)}})
	for i := range 2 * maxCookies {
		j.SetCookies(at, []*http.Cookie{{Name: "c" + strconv.Itoa(i), Value: "1"}})
		j.SetCookies(at, []*http.Cookie{{Name: "c0", Value: strconv.Itoa(i)}})
	}
	got := j.Cookies(at)
	if len(got) != maxCookies || got[0].Name != "c0" || got[0].Value != strconv.Itoa(2*maxCookies-1) {
		t.Errorf("%d cookies, %v", len(got), got[0])
	}
	j.SetCookies(at, []*http.Cookie{{Name: "c1", MaxAge: -1}, {Name: "late", Value: "1"}})
	names := map[string]bool{}
	for _, c := range j.Cookies(at) {
		names[c.Name] = true
	}
	if len(names) != maxCookies || names["c1"] || !names["late"] {
		t.Errorf("%v", names)
	}
}

func request(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
