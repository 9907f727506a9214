package ctips

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/soap"
)

// requestOf are an operation's arguments as a session would send them.
func requestOf(op *Operation, id string, tenant int32) any {
	v := reflect.New(op.Params[0].Type)
	for name, value := range map[string]any{"SessionID": id, "TenantID": tenant, "MessageClass": MessageClassCall, "FieldType": FieldTypeSwitchID, "FieldValue": "1"} {
		if f := v.Elem().FieldByName(name); f.IsValid() {
			f.Set(reflect.ValueOf(value))
		}
	}
	return v.Interface()
}

// refusal is the text of the fault that a request gets, empty where it is taken.
func (c *client) refusal(op *Operation, tenant int32) string {
	c.Helper()
	_, err := c.ask(Namespaces{}, op.Name, requestOf(op, c.id, tenant))
	var f *soap.Fault
	if err != nil && !errors.As(err, &f) {
		c.Fatal(err)
	}
	if f != nil {
		return f.Text
	}
	return ""
}

// asked are all operations of a session; closing it is the last.
func asked() []*Operation {
	list := slices.Clone(AgentCallService.Operations[1:])
	slices.Reverse(list)
	return list
}

// TestRightOfEveryRequest: a user with one right may ask what needs it, and
// nothing else but to close the session.
func TestRightOfEveryRequest(t *testing.T) {
	t.Parallel()
	hash := ctitest.StoredPassword("Secret-01")
	for _, right := range Rights() {
		r := newRig(t, func(c *Config) { c.Users = []User{{Name: "Test01", Hash: hash, Rights: []Right{right}}} })
		c := r.opened(newSink(t))
		r.srv.table.all()[0].state = SessionOnline // who may not ask OnLine does not get there
		for _, op := range asked() {
			if op.Name == "OffLine" {
				continue // below
			}
			got := c.refusal(op, 1)
			if may := op.Right == right || op.Right == ""; may && got != "" || !may && !strings.Contains(got, "has no right \""+string(op.Right)+"\", which "+op.Name+" needs") {
				t.Errorf("%s with the right %s: %q", op.Name, right, got)
			}
		}
	}
	for _, op := range AgentCallService.Operations {
		if free := op.Right == ""; free != (op == openConnection || op == closeConnection) {
			t.Errorf("%s needs the right %q", op.Name, op.Right)
		}
	}
}

// TestTenantOfEveryRequest: a request that names another tenant than the
// session's is refused, whatever it is.
func TestTenantOfEveryRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.Tenants = []Tenant{{ID: 1}, {ID: 2}} })
	c := r.connect()
	for _, op := range asked() {
		for _, tenant := range []int32{0, 2} {
			if got := c.refusal(op, tenant); op != closeConnection && !strings.Contains(got, "this session is tenant 1's") {
				t.Errorf("%s for tenant %d: %q", op.Name, tenant, got)
			}
		}
	}
}

// TestStateOfEveryRequest: before it is online a session registers, and offline
// it goes online or is closed, and nothing else.
func TestStateOfEveryRequest(t *testing.T) {
	t.Parallel()
	opened := []string{"CloseConnection", "OnLine", "AddMessageClass", "DeleteMessageClass", "AddFilter", "DeleteFilter"}
	offline := []string{"CloseConnection", "OnLine"}
	for _, op := range asked() {
		r := newRig(t, nil)
		c := r.opened(newSink(t))
		got, may := c.refusal(op, 1), slices.Contains(opened, op.Name)
		if may && got != "" || !may && !strings.Contains(got, "the session is opened; "+op.Name+" needs OnLine first") {
			t.Errorf("%s of an opened session: %q", op.Name, got)
		}
		c = r.connect()
		c.must("OffLine", &OffLineArgs{c.head()})
		got, may = c.refusal(op, 1), slices.Contains(offline, op.Name)
		if may && got != "" || !may && !strings.Contains(got, "the session is offline; "+op.Name+" needs OnLine first") {
			t.Errorf("%s of an offline session: %q", op.Name, got)
		}
	}
}

// TestForeignRequests: with a session's id another address can ask nothing at
// all, and cannot tell the id from one that never was.
func TestForeignRequests(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	c := r.connect()
	r.http = from("127.0.0.2")
	never := &client{r, c.sink, strings.Repeat("A", len(c.id)), 1}
	for _, op := range asked() {
		if got, none := c.refusal(op, 1), never.refusal(op, 1); got != none || !strings.Contains(got, "no such session") {
			t.Errorf("%s: %q, %q", op.Name, got, none)
		}
	}
	if st := r.srv.Stats(); st.Foreign != uint64(len(asked())) || st.Sessions != 1 {
		t.Errorf("%+v", st)
	}
	if n := strings.Count(r.log.String(), "from another address"); n != 1 {
		t.Errorf("the log tells it %d times in a minute", n)
	}
}
