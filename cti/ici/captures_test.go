package ici

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"strowger/cti/soap"
)

func capture(t *testing.T, name string) string {
	t.Helper()
	a, err := txtar.ParseFile("testdata/captures.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	t.Fatalf("no capture %s", name)
	return ""
}

// TestCaptures: messages in the forms that real peers have sent are understood
// to the last value, and written again they are the same.
func TestCaptures(t *testing.T) {
	t.Parallel()
	t.Run("an event of another product", func(t *testing.T) {
		t.Parallel()
		doc := capture(t, "action-item-changed.xml")
		got, err := DecodeEvent(envelope(t, doc))
		if err != nil {
			t.Fatal(err)
		}
		e, ok := got.(*ActionItemChanged)
		if !ok || e.ActionSession.ActionStatus != (TextElement{"3", "Alerting"}) || e.ActionSession.ProcessingStatus.ID != "2" ||
			!reflect.DeepEqual(e.ActionSession.CapabilityList, []int{1, 2, 6, 7, 8, 403}) || len(e.UserIDs) != 0 || e.ActionItemID != "0007abc" ||
			!strings.Contains(e.ActionSession.AttachedData, `<Application id="OTHER-CAD">`) || len(e.ItemData.ActionItemAttributes) != 2 {
			t.Errorf("%+v", got)
		}
		again, err := EncodeEvent(e, false)
		if err != nil {
			t.Fatal(err)
		}
		if have, want := sortedLeaves(t, string(again)), sortedLeaves(t, doc); !reflect.DeepEqual(have, want) {
			t.Errorf("written again:\n%v\nwant\n%v", have, want)
		}
	})
	t.Run("a request of a CRM", func(t *testing.T) {
		t.Parallel()
		doc := capture(t, "route.xml")
		req, err := DecodeRequest(Meta{Path: "/OII/OII.asmx", Action: ServiceActionItem.Action()}, envelope(t, doc), Style{})
		if err != nil || req.Op != OpRoute || req.User != "BATCH" || req.Language != "EN" || req.Mismatch {
			t.Fatalf("%+v, %v", req, err)
		}
		p, ok := req.Params.(*Routing)
		if !ok || p.ItemData.RequestID != "000000000042" || len(p.ItemData.ActionItemAttributes) != 2 || len(p.ItemData.CapabilityList) != 0 || len(p.RoutingAttributes) != 0 {
			t.Errorf("%+v", req.Params)
		}
		k := newScene(t, "default")
		post := httptest.NewRequestWithContext(t.Context(), http.MethodPost, k.s.now().BasePath, bytes.NewReader([]byte(doc)))
		post.Header.Set("Content-Type", "text/xml; charset=utf-8")
		post.Header.Set("SOAPAction", ServiceActionItem.Action()) // not in quotes
		post.RemoteAddr = "127.0.0.1:1"
		w := httptest.NewRecorder()
		k.s.end.ServeHTTP(w, post)
		env, err := soap.ReadEnvelope(w.Body.Bytes(), "", soap.Limits{}, nil)
		if err != nil || env.Fault() == nil {
			t.Fatalf("%v in %s", err, w.Body)
		}
		if code, _, known := CodeOf(env.Fault()); !known || code.String() != "8/3" {
			t.Errorf("answered with %s", w.Body)
		}
	})
	t.Run("a receiver's refusal", func(t *testing.T) {
		t.Parallel()
		f := envelope(t, capture(t, "fault.xml")).Fault()
		if f == nil {
			t.Fatal("no fault")
		}
		code, text, known := CodeOf(f)
		if !known || code.String() != "5/2" || code.Retry || !strings.Contains(text, "+1234567890") {
			t.Errorf("%+v %q", code, text)
		}
	})
}

// sortedLeaves lists the values of a message; the order of id and description
// is the peer's business.
func sortedLeaves(t *testing.T, doc string) map[string]int {
	t.Helper()
	out := map[string]int{}
	for line := range strings.SplitSeq(leaves(envelope(t, doc).Body[0]), "\n") {
		out[strings.TrimSpace(line)]++
	}
	return out
}
