package rest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/switch/callmodel"
)

// zonedLists knows where the customers are: lead 7 in New York, 8 in one of two zones.
type zonedLists struct{ dialLists }

func (z zonedLists) Lead(_ context.Context, id int64) (rest.Lead, error) {
	zones := map[int64][]string{7: {"America/New_York"}, 8: {"Europe/London", "Europe/Guernsey"}}
	return rest.Lead{ID: id, Numbers: []rest.LeadNumber{{Number: "+49301234", Zones: zones[id]}}}, nil
}

// TestWrapForm: an agent says that the customer wants to be called again, at
// their own time, or never.
func TestWrapForm(t *testing.T) {
	for _, tt := range []struct {
		name, lead, body string
		status           int
		says             string
		at               string
		never            bool
	}{
		{"their own time", "7", `{"codes":["sold"],"callback":{"at":"2026-07-01T10:00","mine":true}}`, 202, "", "2026-07-01T14:00:00Z", false},
		{"a time with its zone", "7", `{"codes":["sold"],"callback":{"at":"2026-07-01T10:00:00+02:00"}}`, 202, "", "2026-07-01T08:00:00Z", false},
		{"no more calls", "7", `{"codes":["sold"],"do_not_call":true}`, 202, "", "", true},
		{"both", "7", `{"codes":["sold"],"do_not_call":true,"callback":{"at":"2026-07-01T10:00:00+02:00"}}`, 422, "leave one of the two out", "", false},
		{"one of two zones", "8", `{"codes":["sold"],"callback":{"at":"2026-07-01T10:00"}}`, 422, "Europe/London or Europe/Guernsey: write the time with its zone", "", false},
		{"again at once", "7", `{"codes":["sold"],"callback":{"at":"now","mine":true}}`, 202, "", "2026-03-02T09:00:00Z", false},
		{"again against the rules", "8", `{"codes":["sold"],"callback":{"at":"now","mine":true}}`, 409, "it is 21:04 there: calls end at 21:00", "", false},
		{"by anybody, when they may", "8", `{"codes":["sold"],"callback":{"at":"now"}}`, 202, "", "2026-03-02T09:00:00Z", false},
		{"a time that is over", "7", `{"codes":["sold"],"callback":{"at":"2026-03-01T10:00"}}`, 422, "2026-03-01T10:00 is over: write a time to come, or now", "", false},
		{"no time", "7", `{"codes":["sold"],"callback":{"at":"tomorrow"}}`, 422, "for the customer's own time", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var asked dials
			f := wholeFixture(t, func(o *rest.Options) { o.Dialer.Lists = zonedLists{dialLists{&asked}} })
			f.sw.SetAgent("anna", callmodel.Ready, "")
			id := callmodel.CallID{ID: f.sw.NewID()}
			if err := f.sw.Do(t.Context(), callmodel.Dial{Call: id, Campaign: "spring", Lead: tt.lead, Mode: callmodel.DialPreview, Number: "+49301234"}); err != nil {
				t.Fatal(err)
			}
			f.sw.PickUp(id)
			conn := f.sw.Call(id).Conns[1].ID
			w := f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/connections/"+conn.String()+"/dispose", tt.body)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if again := strings.Contains(tt.body, `"now","mine"`); again != (strings.Join(asked.told, "") == "may anna call "+tt.lead+" again for spring?") {
				t.Errorf("asked: %q", asked.told)
			}
			p := f.sw.Call(id).Conns[1]
			if tt.at != "" && (p.Callback == nil || p.Callback.Mine != strings.Contains(tt.body, "mine") || p.Callback.At.Format(time.RFC3339) != tt.at) || tt.at == "" && p.Callback != nil || p.DoNotCall != tt.never {
				t.Errorf("wish %+v, never %t", p.Callback, p.DoNotCall)
			}
		})
	}
	t.Run("put off in the preview", func(t *testing.T) {
		f := wholeFixture(t, func(o *rest.Options) { o.Dialer.Lists = zonedLists{dialLists{&dials{}}} })
		f.sw.SetAgent("anna", callmodel.Ready, "")
		id := callmodel.CallID{ID: f.sw.NewID()}
		if err := f.sw.Do(t.Context(), callmodel.Dial{Call: id, Campaign: "spring", Lead: "7", Mode: callmodel.DialPreview, Number: "+49301234"}); err != nil {
			t.Fatal(err)
		}
		path := "/api/v1/connections/" + f.offered(t).String() + "/reject"
		problem(t, f.do(rest.RoleAdmin, http.MethodPost, path, `{"callback":{"at":"soon"}}`), 422, "invalid")
		if p := problem(t, f.do(rest.RoleAdmin, http.MethodPost, path, `{"then":"never","callback":{"at":"2026-07-01T10:00"}}`), 422, "invalid"); !strings.Contains(p.Detail, "SKIP") {
			t.Error(p.Detail)
		}
		if w := f.do(rest.RoleAdmin, http.MethodPost, path, `{"callback":{"at":"2026-07-01T10:00","mine":true}}`); w.Code != 202 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if c := f.sw.Call(id); c != nil && c.Outcome != callmodel.OutcomeSkipped {
			t.Errorf("the call is %s", c.Outcome)
		}
	})
	f := wholeFixture(t, nil)
	f.sw.SetAgent("anna", callmodel.Ready, "")
	f.sw.PickUp(f.sw.Arrive("600", "+49301234", ""))
	path := "/api/v1/connections/" + f.offered(t).String() + "/dispose"
	if p := problem(t, f.do(rest.RoleAdmin, http.MethodPost, path, `{"codes":["sold"],"callback":{"at":"2026-07-01T10:00"}}`), 422, "invalid"); !strings.Contains(p.Detail, "not known where the customer is") {
		t.Error(p.Detail)
	}
	if p := problem(t, f.do(rest.RoleAdmin, http.MethodPost, path, `{"codes":["sold"],"do_not_call":true}`), 409, "conflict"); !strings.Contains(p.Detail, "only a customer whom a campaign has called") {
		t.Error(p.Detail)
	}
}
