package rest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"strowger/cti/rest"
	"strowger/switch/callmodel"
)

// FuzzRequest sends whatever comes to the mind of a stranger: the answer is
// never a defect of ours, and errors are problems.
func FuzzRequest(f *testing.F) {
	for _, s := range [][4]string{
		{"GET", "/api/v1/calls", "queue=support&limit=5", ""},
		{"GET", "/api/v1/calls/1", "", ""},
		{"GET", "/api/v1/calls/01KJQ9A0000000000000000009", "", ""},
		{"POST", "/api/v1/agents/anna/state", "", `{"state":"ready"}`},
		{"POST", "/api/v1/agents/%00/state", "", `{"state":1}`},
		{"POST", "/api/v1/connections/1/drop", "", "x"},
		{"POST", "/api/v1/connections/2/consult", "", `{"to":"agent:bernd"}`},
		{"POST", "/api/v1/connections/2/send-digits", "", `{"digits":"1#"}`},
		{"POST", "/api/v1/connections/2/dispose", "", `{"codes":["a"],"success":null}`},
		{"PATCH", "/api/v1/connections/2/data", "", `{"entries":[{"app":"a","media":"text/xml","data":"<a/>"}]}`},
		{"POST", "/api/v1/agents/anna/call", "", `{"to":"+49301","caller_id":"anonymous"}`},
		{"POST", "/api/v1/calls/1/route", "", `{"to":"hangup:busy","required":["a"],"expire_seconds":1e300}`},
		{"POST", "/api/v1/callbacks", "", `{"number":"1","queue":"support","at":"9999-12-31T23:59:59Z"}`},
		{"PATCH", "/api/v1/callbacks/01KJQ9A0000000000000000009", "", `{"result":"BUSY","notes":"\u0000"}`},
		{"POST", "/api/v1/objects", "expect=-1&file=%00", "queues: ["},
		{"GET", "/api/v1/objects/all", "id=a&id=", ""},
		{"GET", "/api/v1/audit", "limit=1001", ""},
		{"PUT", "/../../etc/passwd", "", ""},
		{"GET", "//", "%zz", "\xff"},
	} {
		f.Add(s[0], s[1], s[2], s[3])
	}
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		if strings.Contains(path, "/events") || method == http.MethodConnect {
			return // a stream does not end by itself
		}
		fx := newFixture(t, nil)
		fx.sw.SetAgent("anna", callmodel.Ready, "")
		fx.sw.Arrive("600", "1", "")
		r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(body))
		r.Method, r.URL = method, &url.URL{Path: path, RawQuery: query}
		r.Host = "localhost"
		w := httptest.NewRecorder()
		fx.srv.Handler(rest.RoleAdmin, "fuzz").ServeHTTP(w, r)
		if w.Code == http.StatusInternalServerError {
			t.Fatalf("%s %q?%q %q: %s", method, path, query, body, w.Body)
		}
		if w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Fatalf("%s %q: status %d of type %q", method, path, w.Code, w.Header().Get("Content-Type"))
		}
	})
}
