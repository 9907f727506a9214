package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"strowger/switch/objects"
)

// Apply brings a file of configuration objects into force. Who asks is known
// by the socket.
func (c *Client) Apply(ctx context.Context, a objects.Apply) (objects.Result, error) {
	q := url.Values{}
	for name, set := range map[string]bool{"dry_run": a.DryRun, "prune": a.Prune} {
		if set {
			q.Set(name, "true")
		}
	}
	if a.File != "" {
		q.Set("file", a.File)
	}
	if a.Expect != 0 {
		q.Set("expect", strconv.FormatInt(a.Expect, 10))
	}
	return exchange[objects.Result](ctx, c, http.MethodPost, "/api/v1/objects?"+q.Encode(), a.YAML)
}

// Objects returns the objects of a kind, or of all with an empty kind; ids
// choose among those of the kind.
func (c *Client) Objects(ctx context.Context, kind objects.Kind, ids []string) (objects.Listing, error) {
	if kind == "" {
		kind = "all"
	}
	return get[objects.Listing](ctx, c, "/api/v1/objects/"+url.PathEscape(string(kind)), url.Values{"id": ids})
}
