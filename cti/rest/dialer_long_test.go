package rest_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"strowger/cti/rest"
)

// slowLists are lists for which a file, or to be taken away, is much work.
type slowLists struct {
	dialLists
	work time.Duration
	over chan error // the context's error, when all is done
}

func (l slowLists) Import(ctx context.Context, r rest.ImportRequest, from io.Reader) (rest.Import, error) {
	time.Sleep(l.work)
	return l.dialLists.Import(ctx, r, from)
}

func (l slowLists) ImportBlocked(ctx context.Context, r rest.BlockedImport, from io.Reader) (rest.BlockedResult, error) {
	time.Sleep(l.work)
	return l.dialLists.ImportBlocked(ctx, r, from)
}

func (l slowLists) CloseList(ctx context.Context, _ string, _ bool) error {
	time.Sleep(l.work)
	l.over <- ctx.Err()
	return ctx.Err()
}

// served asks a server with time limits, and hands over the open connection.
func served(t *testing.T, l rest.Lists, request string) net.Conn {
	t.Helper()
	f := newFixture(t, func(o *rest.Options) { o.Dialer = (&dials{}).dialer(); o.Dialer.Lists = l })
	server, client := net.Pipe()
	srv := &http.Server{Handler: f.srv.Handler(rest.RoleAdmin, "test"), ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second}
	go func() { _ = srv.Serve(&oneConn{conn: server, done: make(chan struct{})}) }()
	t.Cleanup(func() { _ = client.Close(); _ = srv.Close(); synctest.Wait() })
	if _, err := client.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	return client
}

// TestLongAnswersArrive: what takes longer than other requests may is answered all the same.
func TestLongAnswersArrive(t *testing.T) {
	t.Parallel()
	for path, status := range map[string]int{"POST /api/v1/lists/spring/import": 200, "POST /api/v1/dnc/import?scope=system": 200, "DELETE /api/v1/lists/spring?remove=true": 204} {
		synctest.Test(t, func(t *testing.T) {
			l := slowLists{dialLists: dialLists{&dials{}}, work: 10 * time.Minute, over: make(chan error, 1)}
			const file = "+49301\n"
			c := served(t, l, path+" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: "+strconv.Itoa(len(file))+"\r\n\r\n"+file)
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatalf("%s: no answer: %v", path, err)
			}
			if _ = resp.Body.Close(); resp.StatusCode != status {
				t.Errorf("%s: %s", path, resp.Status)
			}
		})
	}
}

// TestListGoesWhole: a list that is taken away goes whole, though who has asked has gone.
func TestListGoesWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := slowLists{dialLists: dialLists{&dials{}}, work: time.Minute, over: make(chan error, 1)}
		c := served(t, l, "DELETE /api/v1/lists/spring?remove=true HTTP/1.1\r\nHost: localhost\r\n\r\n")
		synctest.Wait()
		_ = c.Close()
		if err := <-l.over; err != nil {
			t.Errorf("it was stopped half way: %v", err)
		}
	})
}
