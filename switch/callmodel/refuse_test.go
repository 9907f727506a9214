package callmodel_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// talkScene is a caller who talks to anna while ben is ready; every command is
// tried against it.
func talkScene(t *testing.T) (s *callmodel.State, talking callmodel.ConnID, call callmodel.CallID) {
	t.Helper()
	s = callmodel.New(router{})
	call = callmodel.CallID{ID: callmodel.ID{1, 15: 1}}
	agent := func(id, line string, n int64) callmodel.AgentConfig {
		return callmodel.AgentConfig{
			ID: callmodel.AgentID(id), Number: n, Line: line, Queues: []callmodel.QueueID{"sales"},
			Station: callmodel.Station{Endpoint: line, Mode: callmodel.Handset},
		}
	}
	boss := agent("boss", "105", 3)
	boss.Queues, boss.Capabilities = nil, []callmodel.Capability{callmodel.CapabilityDirector}
	cfg := &callmodel.Config{
		Version: 1, Parking: callmodel.ParkingConfig{First: "701"},
		Queues: []callmodel.QueueConfig{{ID: "sales", Number: 1, Address: "600", RingTimeout: time.Second, Answer: callmodel.AnswerTreatment}},
		Agents: []callmodel.AgentConfig{agent("anna", "101", 1), agent("ben", "102", 2), boss},
	}
	for _, in := range []callmodel.Input{
		callmodel.ConfigLoaded{Config: cfg},
		callmodel.Resync{Node: "n", Epoch: "e", Fresh: true},
		callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready},
		callmodel.ChannelArrived{Node: "n", Channel: "c1", Call: call, Dialled: "600", Caller: "+49170"},
	} {
		s.Step(s.Now()+1, in)
	}
	c := s.View().Calls[0]
	talking = c.Conns[1].ID
	leg := c.Conns[1].Channel
	for _, in := range []callmodel.Input{
		callmodel.ChannelUp{Node: "n", Channel: leg},
		callmodel.ChannelJoined{Channel: "c1", Bridge: callmodel.BridgeID(callmodel.BridgeOf(call, 1))},
		callmodel.ChannelJoined{Channel: leg, Bridge: callmodel.BridgeID(callmodel.BridgeOf(call, 1))},
		callmodel.SetAgentState{Agent: "ben", State: callmodel.Ready},
	} {
		s.Step(s.Now()+1, in)
	}
	return s, talking, call
}

// TestWrongCommandsChangeNothing: every command with an unknown id, in a wrong
// state or with an illegal value is refused with a reason, and the state is
// byte for byte what it was.
func TestWrongCommandsChangeNothing(t *testing.T) {
	t.Parallel()
	_, conn, call := talkScene(t)
	none, noCall := callmodel.ConnID{ID: callmodel.ID{9}}, callmodel.CallID{ID: callmodel.ID{9}}
	fresh := callmodel.CallID{ID: callmodel.ID{7}}
	digits := strings.Repeat("1", 1000)
	to := func(s string) callmodel.Dest { d, _ := callmodel.ParseDest(s); return d }
	cases := map[string]struct {
		cmd  callmodel.Command
		kind fault.Kind
	}{
		"login: unknown agent":            {callmodel.Login{Agent: "none"}, fault.NotFound},
		"login: again":                    {callmodel.Login{Agent: "anna"}, fault.Conflict},
		"login: as on-call":               {callmodel.Login{Agent: "anna", State: callmodel.OnCall}, fault.Invalid},
		"state: unknown agent":            {callmodel.SetAgentState{Agent: "none", State: callmodel.Ready}, fault.NotFound},
		"state: reserved":                 {callmodel.SetAgentState{Agent: "anna", State: callmodel.Reserved}, fault.Invalid},
		"state: 99":                       {callmodel.SetAgentState{Agent: "anna", State: 99}, fault.Invalid},
		"state: long reason":              {callmodel.SetAgentState{Agent: "ben", State: callmodel.NotReady, Reason: digits}, fault.Invalid},
		"force: unknown agent":            {callmodel.ForceAgentState{Agent: "none", State: callmodel.Ready}, fault.NotFound},
		"force: on-call":                  {callmodel.ForceAgentState{Agent: "ben", State: callmodel.OnCall}, fault.Invalid},
		"panic: unknown agent":            {callmodel.PanicLogout{Agent: "none"}, fault.NotFound},
		"accept: unknown":                 {callmodel.Accept{Conn: none}, fault.NotFound},
		"accept: a handset":               {callmodel.Accept{Conn: conn}, fault.Unsupported},
		"reject: while talking":           {callmodel.Reject{Conn: conn}, fault.Conflict},
		"deflect: unknown":                {callmodel.Deflect{Conn: none, To: to("102")}, fault.NotFound},
		"deflect: while talking":          {callmodel.Deflect{Conn: conn, To: to("102")}, fault.Conflict},
		"drop: unknown":                   {callmodel.Drop{Conn: none}, fault.NotFound},
		"drop-all: unknown":               {callmodel.DropAll{Conn: none}, fault.NotFound},
		"drop-line: unknown":              {callmodel.DropLine{Agent: "none"}, fault.NotFound},
		"hold: unknown":                   {callmodel.HoldCall{Conn: none}, fault.NotFound},
		"retrieve: not on hold":           {callmodel.Retrieve{Conn: conn}, fault.Conflict},
		"alternate: one call only":        {callmodel.Alternate{Conn: conn}, fault.Conflict},
		"consult: unknown queue":          {callmodel.Consult{Conn: conn, To: to("queue:none"), Call: fresh}, fault.NotFound},
		"consult: own line":               {callmodel.Consult{Conn: conn, To: to("101"), Call: fresh}, fault.Invalid},
		"consult: id taken":               {callmodel.Consult{Conn: conn, To: to("102"), Call: call}, fault.Invalid},
		"consult: no id":                  {callmodel.Consult{Conn: conn, To: to("102")}, fault.Invalid},
		"consult: outside without a plan": {callmodel.Consult{Conn: conn, To: to("0049301234"), Call: fresh}, fault.Denied},
		"consult: letters":                {callmodel.Consult{Conn: conn, To: to("announce:x"), Call: fresh}, fault.Invalid},
		"transfer: one call only":         {callmodel.Transfer{Conn: conn}, fault.Conflict},
		"conference: one call only":       {callmodel.Conference{Conn: conn}, fault.Conflict},
		"reconnect: one call only":        {callmodel.Reconnect{Conn: conn}, fault.Conflict},
		"blind-transfer: unknown agent":   {callmodel.BlindTransfer{Conn: conn, To: to("agent:none")}, fault.NotFound},
		"blind-transfer: own line":        {callmodel.BlindTransfer{Conn: conn, To: to("agent:anna")}, fault.Invalid},
		"blind-transfer: empty":           {callmodel.BlindTransfer{Conn: conn}, fault.Invalid},
		"blind-transfer: no such number":  {callmodel.BlindTransfer{Conn: conn, To: to("799")}, fault.Denied},
		"consult: an empty parking place": {callmodel.Consult{Conn: conn, To: to("701"), Call: fresh}, fault.NotFound},
		"drop-party: no conference":       {callmodel.DropParty{Conn: conn, Party: "102"}, fault.Conflict},
		"mute: unknown":                   {callmodel.Mute{Conn: none, On: true}, fault.NotFound},
		"park: no such place":             {callmodel.Park{Conn: conn, Place: "799"}, fault.Invalid},
		"play: a path":                    {callmodel.PlayFile{Conn: conn, Media: "sound:../secret"}, fault.Invalid},
		"play: a URL":                     {callmodel.PlayFile{Conn: conn, Media: "http://host/x.wav"}, fault.Invalid},
		"stop-file: unknown":              {callmodel.StopFile{Conn: none}, fault.NotFound},
		"digits: 1000":                    {callmodel.SendDigits{Conn: conn, Digits: digits}, fault.Invalid},
		"digits: none":                    {callmodel.SendDigits{Conn: conn}, fault.Invalid},
		"digits: letters":                 {callmodel.SendDigits{Conn: conn, Digits: "12w3"}, fault.Invalid},
		"require-wrap-up: unknown":        {callmodel.RequireWrapUp{Conn: none}, fault.NotFound},
		"end-wrap-up: none":               {callmodel.EndWrapUp{Conn: conn}, fault.Conflict},
		"disposition: unknown":            {callmodel.SetDisposition{Conn: conn, Codes: []string{"x"}}, fault.NotFound},
		"disposition: none":               {callmodel.SetDisposition{Conn: conn}, fault.Invalid},
		"data: no application":            {callmodel.SetData{Conn: conn, Entries: []callmodel.AttachedData{{Data: "x"}}}, fault.Invalid},
		"data: too much":                  {callmodel.SetData{Conn: conn, Entries: []callmodel.AttachedData{{App: "a", Data: strings.Repeat("x", 40<<10)}}}, fault.Invalid},
		"data: unknown":                   {callmodel.SetData{Conn: none}, fault.NotFound},
		"make-call: unknown agent":        {callmodel.MakeCall{Agent: "none", To: to("102"), Call: fresh}, fault.NotFound},
		"make-call: busy":                 {callmodel.MakeCall{Agent: "anna", To: to("102"), Call: fresh}, fault.Conflict},
		"make-call: unknown queue":        {callmodel.MakeCall{Agent: "ben", To: to("101"), Call: fresh, Queue: "none"}, fault.NotFound},
		"make-call: 1000 digits":          {callmodel.MakeCall{Agent: "ben", To: callmodel.Dest{Kind: callmodel.DestNumber, Value: digits}, Call: fresh}, fault.Denied},
		"make-call: hang up":              {callmodel.MakeCall{Agent: "ben", To: to("hangup:busy"), Call: fresh}, fault.Invalid},
		"make-call: data without a name":  {callmodel.MakeCall{Agent: "ben", To: to("101"), Call: fresh, Data: []callmodel.AttachedData{{Data: "x"}}}, fault.Invalid},
		"make-call: too much data":        {callmodel.MakeCall{Agent: "ben", To: to("101"), Call: fresh, Data: []callmodel.AttachedData{{App: "a", Data: strings.Repeat("x", 40<<10)}}}, fault.Invalid},
		"make-call: a long origin":        {callmodel.MakeCall{Agent: "ben", To: to("101"), Call: fresh, Origin: digits}, fault.Invalid},
		"pick-up: nobody":                 {callmodel.PickUp{Agent: "ben", Place: "701"}, fault.NotFound},
		"pick-up: unknown agent":          {callmodel.PickUp{Agent: "none", Place: "701"}, fault.NotFound},
		"route: unknown call":             {callmodel.RouteSelect{Call: noCall, To: to("queue:sales")}, fault.NotFound},
		"route: not asked":                {callmodel.RouteSelect{Call: call, To: to("queue:sales")}, fault.Conflict},
		"route-reject: not asked":         {callmodel.RouteReject{Call: call}, fault.Conflict},
		"end-call: unknown":               {callmodel.EndCall{Call: noCall}, fault.NotFound},
		"callback: unknown queue":         {callmodel.CreateCallback{ID: callmodel.CallbackID{ID: callmodel.ID{5}}, Number: "+491", Queue: "none"}, fault.NotFound},
		"callback: without a plan":        {callmodel.CreateCallback{ID: callmodel.CallbackID{ID: callmodel.ID{5}}, Number: "+491", Queue: "sales"}, fault.Unsupported},
		"callback: no id":                 {callmodel.CreateCallback{Number: "+491", Queue: "sales"}, fault.Invalid},
		"callback: update unknown":        {callmodel.UpdateCallback{Result: callmodel.ResultBusy}, fault.NotFound},
		"queues: unknown agent":           {callmodel.SetAgentQueues{Agent: "none", Only: true}, fault.NotFound},
		"queues: unknown queue":           {callmodel.SetAgentQueues{Agent: "ben", Out: []callmodel.QueueID{"none"}}, fault.NotFound},
		"queues: somebody else's":         {callmodel.SetAgentQueues{Agent: "boss", In: []callmodel.QueueID{"sales"}}, fault.Denied},
		"queues: in and out":              {callmodel.SetAgentQueues{Agent: "ben", In: []callmodel.QueueID{"sales"}, Out: []callmodel.QueueID{"sales"}}, fault.Invalid},
		"queues: none at all":             {callmodel.SetAgentQueues{Agent: "ben"}, fault.Invalid},
		"pause: unknown queue":            {callmodel.PauseQueue{Queue: "none", Paused: true}, fault.NotFound},
		"record: unknown":                 {callmodel.StartRecording{Conn: none}, fault.NotFound},
		"record: no call":                 {callmodel.StartRecording{Call: noCall}, fault.NotFound},
		"record: no rule lets the agent":  {callmodel.StartRecording{Conn: conn}, fault.Conflict},
		"record: three channels":          {callmodel.StartRecording{Call: call, Channels: "three"}, fault.Invalid},
		"stop-recording: none":            {callmodel.StopRecording{Call: call}, fault.Conflict},
		"pause-recording: none":           {callmodel.PauseRecording{Call: call}, fault.Conflict},
		"pause-recording: not possible":   {callmodel.PauseRecording{Conn: conn}, fault.Conflict},
		"resume-recording: none":          {callmodel.ResumeRecording{Call: call}, fault.Conflict},
		"supervise: unknown":              {callmodel.Supervise{Conn: none, Supervisor: "boss", Mode: callmodel.Listen}, fault.NotFound},
		"supervise: no director":          {callmodel.Supervise{Conn: conn, Supervisor: "ben", Mode: callmodel.Listen}, fault.Denied},
		"supervise: no such mode":         {callmodel.Supervise{Conn: conn, Supervisor: "boss", Mode: "shout"}, fault.Invalid},
		"supervise: logged out":           {callmodel.Supervise{Conn: conn, Supervisor: "boss", Mode: callmodel.Barge}, fault.Conflict},
		"set-supervision: of nobody":      {callmodel.SetSupervision{Supervisor: "boss", Mode: callmodel.Whisper}, fault.NotFound},
		"end-supervision: of nobody":      {callmodel.EndSupervision{Supervisor: "boss"}, fault.NotFound},
		"take-over: unknown agent":        {callmodel.TakeOver{Supervisor: "none", Conn: conn}, fault.NotFound},
		"take-over: no connection":        {callmodel.TakeOver{Supervisor: "boss"}, fault.NotFound},
		"dial: unknown campaign":          {callmodel.Dial{Call: fresh, Campaign: "none", Lead: "1", Number: "+491", Mode: callmodel.DialPredictive}, fault.NotFound},
		"cancel-dial: unknown call":       {callmodel.CancelDial{Call: noCall}, fault.NotFound},
		"stale":                           {callmodel.Drop{Cmd: callmodel.Cmd{ValidUntil: 1}, Conn: conn}, fault.Stale},
	}
	tried := map[string]bool{}
	for name, tc := range cases {
		tried[tc.cmd.Tag()] = true
		s, _, _ := talkScene(t)
		before := frozen(t, s)
		out := s.Step(s.Now(), tc.cmd)
		if !fault.Is(out.Fault, tc.kind) || fault.ReasonOf(out.Fault) == "" {
			t.Errorf("%s: %v, want kind %s and a reason", name, out.Fault, tc.kind)
		}
		if len(out.Events)+len(out.Effects)+len(out.Timers) > 0 {
			t.Errorf("%s: refused, and yet %d events, %d effects, %d timers", name, len(out.Events), len(out.Effects), len(out.Timers))
		}
		if after := frozen(t, s); !bytes.Equal(before, after) {
			t.Errorf("%s: a refused command has changed the state", name)
		}
	}
	for _, tag := range callmodel.CommandTags() {
		if !tried[tag] {
			t.Errorf("command %s has no wrong case here", tag)
		}
	}
}

func frozen(t *testing.T, s *callmodel.State) []byte {
	t.Helper()
	b, err := s.Freeze().Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
