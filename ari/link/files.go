package link

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// StoredTracks lists the tracks of ours whose file lies at Asterisk, those that
// are just being recorded left out.
func (l *Link) StoredTracks(ctx context.Context) ([]callmodel.RecordName, error) {
	list, err := l.rest().RecordingsListStored(ctx)
	if err != nil {
		return nil, err
	}
	var out []callmodel.RecordName
	for i := range list {
		n := callmodel.RecordName(list[i].Name)
		if !n.Ours() {
			continue
		}
		switch _, err := l.rest().RecordingsGetLive(ctx, string(n)); {
		case fault.Is(err, fault.NotFound):
			out = append(out, n)
		case err != nil:
			return nil, err
		}
	}
	return out, nil
}

// DeleteTrack removes a track's file at Asterisk. One that is not there is fine.
func (l *Link) DeleteTrack(ctx context.Context, n callmodel.RecordName) error {
	if !n.Ours() {
		return fault.New(fault.Invalid, "ari delete track", string(n), "only recordings of ours are deleted")
	}
	if err := l.rest().RecordingsDeleteStored(ctx, string(n)); !fault.Is(err, fault.NotFound) {
		return err
	}
	return nil
}

// FetchTrack writes a track's file to w. It has a connection of its own, because
// a file of hours neither fits the limits of a request nor should wait for them.
// Errors: NotFound, Unavailable, Invalid for one of more than limit bytes.
func (l *Link) FetchTrack(ctx context.Context, n callmodel.RecordName, w io.Writer, limit int64) (err error) {
	const op = "ari fetch track"
	if !n.Ours() {
		return fault.New(fault.Invalid, op, string(n), "only recordings of ours are fetched")
	}
	at := strings.TrimSuffix(l.opt.Stream.URL, "/") + "/recordings/stored/" + url.PathEscape(string(n)) + "/file"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return fault.Wrap(fault.Invalid, op, string(n), err)
	}
	req.Header.Set("Authorization", arispec.BasicAuth(l.opt.Stream.User, l.opt.Stream.Password))
	transport := &http.Transport{Proxy: nil, DisableKeepAlives: true, DisableCompression: true, ResponseHeaderTimeout: l.opt.Timeout}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return fault.Wrap(fault.Unavailable, op, string(n), err)
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return fault.New(fault.NotFound, op, string(n), "Asterisk has no such recording")
	default:
		return fault.Newf(fault.Unavailable, op, string(n), "Asterisk answers %s", resp.Status)
	}
	got, err := io.Copy(w, io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil:
		return fault.Wrap(fault.Unavailable, op, string(n), err)
	case got > limit:
		return fault.Newf(fault.Invalid, op, string(n), "it has more than %d bytes", limit)
	case resp.ContentLength >= 0 && got != resp.ContentLength:
		return fault.Newf(fault.Unavailable, op, string(n), "%d of %d bytes came", got, resp.ContentLength)
	}
	return nil
}
