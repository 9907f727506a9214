package client

import (
	"net/http"
	"testing"
)

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestWhoTakesAListAwayWaits: a long list takes longer than other requests may.
func TestWhoTakesAListAwayWaits(t *testing.T) {
	t.Parallel()
	c, limited := New("none"), map[string]bool{}
	c.http.Transport = tripper(func(r *http.Request) (*http.Response, error) {
		_, limited[r.URL.Path] = r.Context().Deadline()
		return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
	})
	if err := c.RemoveList(t.Context(), "spring", true); err != nil || limited["/api/v1/lists/spring"] {
		t.Errorf("limited %v: %v", limited, err)
	}
	if err := c.Unblock(t.Context(), "+49301", "tenant"); err != nil || !limited["/api/v1/dnc"] {
		t.Errorf("limited %v: %v", limited, err)
	}
}
