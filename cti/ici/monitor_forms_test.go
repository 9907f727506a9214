package ici

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// A target says all that a subscription asks for, whatever the instances are called.
func TestFormWatchTarget(t *testing.T) {
	t.Parallel()
	w := formWatch{form: &forms[0], every: 5 * time.Second, instances: []string{"600", "a/b,c%", "Ü 1"}}
	got, ok := formWatchOf(w.target())
	if !ok || !reflect.DeepEqual(got, w) {
		t.Errorf("%+v, %v", got, ok)
	}
	for _, id := range []string{"", "queues", "calls/5/", "queues/0/", "queues/x/", "queues/4000/", "queues/5/%zz", "queues/5/600/x"} {
		if got, ok := formWatchOf(Target{ServiceMonitor, id}); ok {
			t.Errorf("%q is taken as %+v", id, got)
		}
	}
	if _, ok := formWatchOf(Target{ServiceUser, "queues/5/"}); ok {
		t.Error("a user is taken for a form")
	}
	w.instances = []string{"1", "2", "3", "4", "5", "6", "7"}
	if s := w.String(); s != "queues every 5s: 1,2,3,4,5 and 2 more" {
		t.Error(s)
	}
}

// A message has at most as many instances as its form, and says what it leaves out.
func TestFormIsBounded(t *testing.T) {
	t.Parallel()
	f := formNamed("Agents")
	var rows []formRow
	for i := range f.max + 3 {
		rows = append(rows, formRow{id: fmt.Sprint(i), values: []string{"A", "2", "101", "2026-03-02T09:00:00"}})
	}
	now := time.Now()
	doc, sum, err := f.write(rows, now)
	if err != nil || strings.Count(doc, "<instance ") != f.max || !strings.HasSuffix(doc, "<leftOut>3</leftOut></dataForm>") {
		t.Errorf("%v, %d instances, end %s", err, strings.Count(doc, "<instance "), doc[len(doc)-60:])
	}
	if len(doc) > MaxAttachedData {
		t.Errorf("%d bytes", len(doc))
	}
	_, later, err := f.write(rows, now.Add(time.Hour))
	if err != nil || later != sum {
		t.Error("the time alone is taken for a change")
	}
	rows[0].values[1] = "3"
	if _, other, err := f.write(rows, now); err != nil || other == sum {
		t.Error("a change is not seen")
	}
}
