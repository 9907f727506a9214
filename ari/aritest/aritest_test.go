package aritest

import (
	"net/url"
	"strings"
	"testing"

	"strowger/ari/arispec"
	"strowger/switch/fault"
)

// TestEveryOperationIsRouted fills each path with arguments and looks for the operation again.
func TestEveryOperationIsRouted(t *testing.T) {
	for _, op := range arispec.Operations() {
		d, ok := arispec.Describe(op)
		if !ok {
			t.Fatalf("%s has no description", op)
		}
		path := d.Path
		for strings.Contains(path, "{") {
			from, to := strings.Index(path, "{"), strings.Index(path, "}")
			path = path[:from] + url.PathEscape("id/"+path[from+1:to]) + path[to+1:]
		}
		r := parse(d.Method, path, nil, nil)
		if r.Op != op {
			t.Errorf("%s %s is taken for %q", d.Method, path, r.Op)
		}
		for name, v := range r.Args {
			if v != "id/"+name {
				t.Errorf("%s: argument %s is %q", op, name, v)
			}
		}
		if status, _, _ := defaultReply(r).encode(); (status < 200 || status > 299) && !(status == 404 && d.Method == "GET") {
			t.Errorf("%s: default status %d", op, status)
		}
	}
	if r := parse("GET", "/nonsense", nil, nil); r.Op != "" {
		t.Errorf("nonsense is taken for %s", r.Op)
	}
}

func TestExpectChecksTheOrder(t *testing.T) {
	s := Start(t)
	s.Ignore(arispec.OpAsteriskPing)
	for _, op := range []arispec.Op{arispec.OpAsteriskPing, arispec.OpChannelsAnswer, arispec.OpChannelsRing} {
		s.reply(Request{Op: op})
	}
	if _, err := s.Expect(t.Context(), arispec.OpChannelsAnswer); err != nil {
		t.Error(err)
	}
	if _, err := s.Expect(t.Context(), arispec.OpChannelsAnswer); !fault.Is(err, fault.Conflict) {
		t.Errorf("ring instead of answer: %v", err)
	}
	if n := len(s.Requests()); n != 3 {
		t.Errorf("%d requests are recorded", n)
	}
	s.Close()
	if _, err := s.Next(t.Context()); !fault.Is(err, fault.Stopped) {
		t.Errorf("after Close: %v", err)
	}
}

func TestOnceComesBeforeOn(t *testing.T) {
	s := Start(t)
	s.On(arispec.OpChannelsAnswer, func(Request) Reply { return Error(409, "on") })
	s.Once(arispec.OpChannelsAnswer, Error(500, "once"))
	for i, want := range []int{500, 409, 409} {
		if got := s.reply(Request{Op: arispec.OpChannelsAnswer}).Status; got != want {
			t.Errorf("answer %d: %d, want %d", i, got, want)
		}
	}
}

func TestEncodeFillsTypeAndTime(t *testing.T) {
	text, err := Encode(&arispec.ChannelDestroyed{Cause: 17, Channel: arispec.Channel{ID: "c"}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := arispec.DecodeEvent(text)
	if err != nil {
		t.Fatal(err)
	}
	d, ok := e.(*arispec.ChannelDestroyed)
	if !ok || d.Cause != 17 || d.Channel.ID != "c" || d.Timestamp.IsZero() || d.Type != arispec.TypeChannelDestroyed {
		t.Errorf("got %+v", e)
	}
}
