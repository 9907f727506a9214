package sapphone

import (
	"context"
	"time"

	"strowger/switch/callmodel"
)

// served is a function that is offered. beyond marks those that the reference's
// product does not support: a configuration can ask to be no better.
type served struct {
	serve  handler
	beyond bool
	paused bool // served while the interface is paused too
}

// functions is the table of functions; see the package documentation. What is
// not in it is answered with the return code not_supported.
var functions = map[string]served{
	"XCHGVERSION":      {serve: (*Server).exchangeVersion, paused: true},
	"XCHGPARAMS":       {serve: (*Server).exchangeParams, paused: true},
	"SPS_REGISTER":     {serve: (*Server).register},
	"SPS_DEREGISTER":   {serve: (*Server).deregister},
	"SPS_AGENTLOGIN":   {serve: (*Server).agentLogin},
	"SPS_AGENTLOGOUT":  {serve: (*Server).agentLogout},
	"SPS_SETWORKMODE":  {serve: (*Server).setWorkmode},
	"SPS_GETWORKMODE":  {serve: (*Server).getWorkmode},
	"SPS_GETCALLSTATE": {serve: (*Server).callState},
	"SPS_GETQUEUES":    {serve: (*Server).queues},
	"SPS_WAITFORCALL":  {serve: (*Server).waitForCall},
	"SPS_CANCELWAIT":   {serve: (*Server).cancelWait},
	"SPS_ANSWER":       {serve: (*Server).answer},
	"SPS_DEFLECT":      {serve: (*Server).deflect},
	"SPS_MAKECALL":     {serve: (*Server).makeCall},
	"SPS_CONSULT":      {serve: (*Server).consult},
	"SPS_BTRANSFER":    {serve: (*Server).blindTransfer},
	"SPS_TRANSFER": {serve: pair(func(cmd callmodel.Cmd, id callmodel.ConnID) callmodel.Command {
		return callmodel.Transfer{Cmd: cmd, Conn: id}
	}, "")},
	"SPS_CONFERENCE": {serve: pair(func(cmd callmodel.Cmd, id callmodel.ConnID) callmodel.Command {
		return callmodel.Conference{Cmd: cmd, Conn: id}
	}, "conf_handle")},
	"SPS_RECONNECT": {serve: pair(func(cmd callmodel.Cmd, id callmodel.ConnID) callmodel.Command {
		return callmodel.Reconnect{Cmd: cmd, Conn: id}
	}, "handle")},
	"SPS_ALTERNATE": {serve: pair(func(cmd callmodel.Cmd, id callmodel.ConnID) callmodel.Command {
		return callmodel.Alternate{Cmd: cmd, Conn: id}
	}, "")},
	"SPS_HOLD": {serve: single(func(cmd callmodel.Cmd, id callmodel.ConnID) callmodel.Command {
		return callmodel.HoldCall{Cmd: cmd, Conn: id}
	})},
	"SPS_UNHOLD": {serve: single(func(cmd callmodel.Cmd, id callmodel.ConnID) callmodel.Command {
		return callmodel.Retrieve{Cmd: cmd, Conn: id}
	})},
	"SPS_DROPPARTY":      {serve: (*Server).dropParty},
	"SPS_DROPCALL":       {serve: (*Server).dropCall},
	"SPS_DROPALL":        {serve: (*Server).dropAll},
	"SPS_GENERIC":        {serve: (*Server).generic, beyond: true},
	"SPS_GETCALLINFO":    {serve: (*Server).getCallInfo},
	"SPS_SETCALLINFO":    {serve: (*Server).setCallInfo},
	"SPS_APPENDCALLINFO": {serve: (*Server).appendCallInfo, beyond: true},
	"SPS_DELETECALLINFO": {serve: (*Server).deleteCallInfo},
	"SPS_CREATEINFO":     {serve: (*Server).storeInfo, beyond: true},
	"SPS_SETINFO":        {serve: (*Server).storeInfo, beyond: true},
	"SPS_STAT_DATA_GET":  {serve: (*Server).statistics},

	"SPS_PDLISTTRANSFER":         {serve: (*Server).listTransfer},
	"SPS_MODIFY_PDCALL":          {serve: (*Server).modifyEntries},
	"SPS_DELETE_PDCALL":          {serve: (*Server).deleteEntries},
	"SPS_STATCAMPAIGN":           {serve: (*Server).campaignResults},
	"SPS_CAMPAIGNS_GET":          {serve: (*Server).campaigns, beyond: true},
	"SPS_ASSIGNED_CAMPAIGNS_GET": {serve: (*Server).assignedCampaigns, beyond: true},

	"SMON_TRACE_SET":           {serve: (*Server).traceSet, beyond: true, paused: true},
	"SMON_TRACE_UPLOAD":        {serve: (*Server).traceUpload, beyond: true, paused: true},
	"SMON_TRACE_EXPLAIN":       {serve: (*Server).traceExplain, beyond: true, paused: true},
	"SMON_COMP_STATE_RETRIEVE": {serve: (*Server).componentStates, beyond: true, paused: true},
}

// flag is ABAP's way to write a truth.
func flag(v bool) string {
	if v {
		return "X"
	}
	return ""
}

// exchangeVersion tells who we are. It needs neither state nor switch.
func (s *Server) exchangeVersion(_ context.Context, q *query) error {
	q.out.set("ext_version", s.now().InterfaceVersion)
	q.out.set("product", s.now().ProductName)
	q.out.set("prod_version", s.now().ProductVersion)
	return nil
}

// exchangeParams learns under which name SAP keeps us, and tells what we can do.
func (s *Server) exchangeParams(_ context.Context, q *query) error {
	if name := q.args.text("server_name"); name != "" {
		s.push.named(printable(cut(name, maxServerName)))
	}
	q.out.set("set_end", flag(s.push.configured()))
	q.out.set("wait_mode", flag(true))
	q.out.set("cad", flag(true))
	q.out.set("max_wait", seconds(s.now().MaxWait))
	return nil
}

// single makes a handler of a command for the call that the handle names.
func single(command func(callmodel.Cmd, callmodel.ConnID) callmodel.Command) handler {
	return func(s *Server, ctx context.Context, q *query) error {
		i, err := q.item(ctx, "handle", codeHandle)
		if err != nil {
			return err
		}
		return s.sw.Do(ctx, command(q.by(), i.id))
	}
}

// pair makes a handler of a command for a line's two calls; result names the
// exporting parameter that gets the handle of the call that is left.
func pair(command func(callmodel.Cmd, callmodel.ConnID) callmodel.Command, result string) handler {
	return func(s *Server, ctx context.Context, q *query) error {
		active, err := q.item(ctx, "conn_handle", codeConnected)
		if err != nil {
			return err
		}
		held, err := q.item(ctx, "held_handle", codeHeld)
		if err != nil {
			return err
		}
		switch {
		case active.conn().Partner == held.id:
		case held.line == active.line:
			return refuse(codeState, "these two are no pair of held call and consultation")
		default:
			return refuse(codeHeld, "the two calls are not on one line")
		}
		if result != "" {
			q.out.set(result, held.id.Hex())
		}
		return s.sw.Do(ctx, command(q.by(), active.id))
	}
}

// item is the live call that a handle names, on the extension if one is named.
func (q *query) item(ctx context.Context, sem, code string) (*item, error) {
	k, err := q.lookUp(ctx, sem)
	switch {
	case err != nil:
		return nil, err
	case k.item == nil:
		return nil, refuse(code, "no such call: it has ended or never was")
	case !q.onLine(k.item):
		return nil, refuse(code, "the call is not at extension %s", short(q.args.text("ext")))
	}
	return k.item, nil
}

// lookUp finds a handle, waiting until the board has seen what the switch has done.
func (q *query) lookUp(ctx context.Context, sem string) (known, error) {
	handle := q.args.text(sem)
	k := q.s.board.find(handle)
	view, err := q.s.sw.View(ctx)
	if err != nil {
		return k, err
	}
	q.s.board.at.Await(ctx, view.Events)
	return q.s.board.find(handle), nil
}

func (q *query) onLine(i *item) bool {
	ext := q.args.text("ext")
	if ext == "" {
		return true
	}
	a := q.s.board.extension(ext)
	return a != nil && plainNumber(a.Line) == i.line
}

// seconds writes a duration as ABAP's integers.
func seconds(d time.Duration) string { return decimal(int64(d / time.Second)) }
