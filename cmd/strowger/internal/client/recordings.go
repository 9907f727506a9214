package client

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"time"

	"strowger/cti/rest"
)

// RecordingFilter chooses recordings; empty fields match everything.
type RecordingFilter struct {
	Call, Queue, Agent, State string
	Since                     time.Time
	Limit                     int
}

// Recordings lists recordings.
func (c *Client) Recordings(ctx context.Context, f RecordingFilter) (rest.RecordingList, error) {
	q := url.Values{}
	for k, v := range map[string]string{"call": f.Call, "queue": f.Queue, "agent": f.Agent, "state": f.State} {
		if v != "" {
			q.Set(k, v)
		}
	}
	if !f.Since.IsZero() {
		q.Set("since", f.Since.UTC().Format(time.RFC3339))
	}
	if f.Limit != 0 {
		q.Set("limit", strconv.Itoa(f.Limit))
	}
	return get[rest.RecordingList](ctx, c, "/api/v1/recordings", q)
}

// Recording returns one recording.
func (c *Client) Recording(ctx context.Context, id string) (rest.Recording, error) {
	return get[rest.Recording](ctx, c, "/api/v1/recordings/"+url.PathEscape(id), nil)
}

// VerifyRecording compares a recording's file with its hash. A file of hours
// takes as long as it takes to read.
func (c *Client) VerifyRecording(ctx context.Context, id string) (rest.RecordingVerdict, error) {
	return get[rest.RecordingVerdict](ctx, c, "/api/v1/recordings/"+url.PathEscape(id)+"/verify", nil)
}

// Audio copies the sound of a recording.
func (c *Client) Audio(ctx context.Context, id string, w io.Writer) (int64, error) {
	return c.copied(ctx, "/api/v1/recordings/"+url.PathEscape(id)+"/audio", w)
}
