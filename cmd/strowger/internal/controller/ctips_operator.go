package controller

import (
	"context"
	"strconv"
	"strings"

	"strowger/cti/ctips"
	"strowger/cti/rest"
)

// ctipsOperator is the interface for applications of CTI Portal Server as REST
// shows it.
type ctipsOperator struct{ c *Controller }

var _ rest.CTIPS = ctipsOperator{}

// ctipsOperator returns what REST is given; nil where the interface is off.
func (c *Controller) ctipsOperator() rest.CTIPS {
	if len(c.ctips) == 0 {
		return nil
	}
	return ctipsOperator{c}
}

// Status implements [rest.CTIPS].
func (o ctipsOperator) Status() rest.CTIPSStatus {
	out := rest.CTIPSStatus{Listeners: []rest.CTIPSListener{}, Refused: map[string]uint64{}, Ended: map[string]uint64{}, Restart: []string{}}
	if keys := o.c.ctipsRestart.Load(); keys != nil {
		out.Restart = append(out.Restart, *keys...)
	}
	last := ctips.Trouble{}
	for i, s := range o.c.ctips {
		st := s.Stats()
		out.Listeners = append(out.Listeners, rest.CTIPSListener{
			Number: i + 1, Address: s.Addr(), TLS: s.Secure(), Sessions: st.Sessions, MaxSessions: s.Config().MaxConnections, Deaf: st.Deaf,
		})
		out.Sessions += st.Sessions
		out.Opened += st.Opened
		out.Pending += st.Pending
		out.Late += st.Late
		out.Sent += st.Sent
		out.Lost += st.Lost
		out.Waiting += st.Waiting
		out.Heartbeats += st.Heartbeats
		out.Missed += st.Missed
		if st.Trouble.At.After(last.At) {
			last = st.Trouble
		}
		for _, n := range st.Requests {
			out.Requests += n
		}
		for _, n := range st.Faults {
			out.Faults += n
		}
		for status, n := range st.Refused {
			out.Refused[status.String()] += n
		}
		for why, n := range st.Ended {
			out.Ended[string(why)] += n
		}
	}
	out.LastError, out.LastErrorAt = last.Text, timeOf(last.At)
	return out
}

// Sessions implements [rest.CTIPS].
func (o ctipsOperator) Sessions() []rest.CTIPSSession {
	out := []rest.CTIPSSession{}
	for i, s := range o.c.ctips {
		for _, x := range s.Sessions() {
			out = append(out, ctipsSession(i+1, x))
		}
	}
	return out
}

func ctipsSession(listener int, x ctips.SessionInfo) rest.CTIPSSession {
	row := rest.CTIPSSession{
		ID: strconv.Itoa(listener) + "-" + strconv.FormatInt(x.Number, 10), User: x.User, Tenant: x.Tenant, Peer: x.Peer, Callback: x.Callback, State: x.State.String(),
		Since: x.Since, LastRequest: x.Last, Classes: []string{}, Filters: []string{}, Sent: x.Sent, Lost: x.Lost, Waiting: x.Waiting, Missed: x.Missed,
	}
	row.LastHeartbeat, row.LastError, row.LastErrorAt = timeOf(x.Beat), x.Trouble.Text, timeOf(x.Trouble.At)
	for _, c := range x.Classes {
		row.Classes = append(row.Classes, strings.ToLower(strings.TrimPrefix(c.String(), "EventCategory")))
	}
	for _, f := range x.Filters {
		row.Filters = append(row.Filters, f.Field.String()+"="+strconv.Itoa(int(f.Value)))
	}
	return row
}

// Close implements [rest.CTIPS].
func (o ctipsOperator) Close(id string) bool {
	listener, number, ok := strings.Cut(id, "-")
	if !ok {
		return false
	}
	i, err := strconv.Atoi(listener)
	if err != nil || i < 1 || i > len(o.c.ctips) {
		return false
	}
	n, err := strconv.ParseInt(number, 10, 64)
	return err == nil && o.c.ctips[i-1].CloseSession(n)
}

// Reload implements [rest.CTIPS].
func (o ctipsOperator) Reload(ctx context.Context) error { return o.c.reload(ctx, "ctips: reload") }
