package rest

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Operation is something that an agent's connection can be asked for:
// POST /api/v1/connections/{id}/ and its name.
type Operation struct {
	Name       string // the capability's name, but for unmute and stop-play
	Doc        string
	Capability callmodel.Op // that the connection must have
	Value      string       // JSON name of the value that it takes, empty: none
	Optional   bool         // the value may be left out
	Many       bool         // the value is a list
	Data       bool         // data to attach may come with it
	Queue      bool         // the queue on whose behalf may come with it

	id string // operation id, where it does not follow from the name
}

// operation is an Operation with what it does.
type operation struct {
	Operation
	register func(s *Server, api huma.API, o Operation)
}

type connInput[B any] struct {
	ID   string `path:"id" minLength:"1" maxLength:"128" doc:"the connection's ULID, its hexadecimal form or its number"`
	Body B
}

// plain is an operation without a body.
func plain(name string, op callmodel.Op, doc string, mk func(callmodel.Cmd, callmodel.ConnID) callmodel.Command) operation {
	return operation{Operation{Name: name, Doc: doc, Capability: op}, func(s *Server, api huma.API, o Operation) {
		add(s, api, o.route(), func(ctx context.Context, in *idInput) (*body[Accepted], error) {
			return s.onConnection(ctx, o, in.ID, "", func(cmd callmodel.Cmd, id callmodel.ConnID) (callmodel.Command, error) {
				return mk(cmd, id), nil
			})
		})
	}}
}

// valued is an operation with a body; one of a pointer type may be left out.
func valued[B any](o Operation, detail func(B) string, mk func(*Server, callmodel.Cmd, callmodel.ConnID, B) (callmodel.Command, error)) operation {
	return operation{o, func(s *Server, api huma.API, o Operation) {
		add(s, api, o.route(), func(ctx context.Context, in *connInput[B]) (*body[Accepted], error) {
			return s.onConnection(ctx, o, in.ID, detail(in.Body), func(cmd callmodel.Cmd, id callmodel.ConnID) (callmodel.Command, error) {
				return mk(s, cmd, id, in.Body)
			})
		})
	}}
}

func (o Operation) operationID() string {
	if o.id != "" {
		return o.id
	}
	return camel(o.Name) + "Connection"
}

func (o Operation) route() route {
	limit := int64(0)
	if o.Data {
		limit = maxDataBody
	}
	return route{
		maxBody: limit,
		method:  http.MethodPost, path: "/api/v1/connections/{id}/" + o.Name, id: o.operationID(), tag: "calls", summary: o.Doc,
		status: http.StatusAccepted,
		doc: "The id is the connection's ULID, its hexadecimal form or its number. Accepted means that the switch has " +
			"taken the command; what comes of it is told as events.",
	}
}

// ConnectionOperations lists the operations that a connection can be asked
// for, in the order of the documentation.
func ConnectionOperations() []Operation {
	var out []Operation
	for _, o := range operations() {
		out = append(out, o.Operation)
	}
	return out
}

// operations is the table of everything below /api/v1/connections/{id}/ that is a command.
func operations() []operation {
	type cmd = callmodel.Cmd
	type id = callmodel.ConnID
	type command = callmodel.Command
	return append([]operation{
		plain("accept", callmodel.OpAccept, "Answer an offer at a station that can be answered by command, or take a knocking call",
			func(c cmd, i id) command { return callmodel.Accept{Cmd: c, Conn: i} }),
		plain("drop", callmodel.OpDrop, "End the agent's part in the call; in wrap-up, end the wrap-up",
			func(c cmd, i id) command { return callmodel.Drop{Cmd: c, Conn: i} }),
		plain("drop-all", callmodel.OpDropAll, "End the call for everybody",
			func(c cmd, i id) command { return callmodel.DropAll{Cmd: c, Conn: i} }),
		plain("hold", callmodel.OpHold, "Put the call on hold: the other party hears music",
			func(c cmd, i id) command { return callmodel.HoldCall{Cmd: c, Conn: i} }),
		plain("retrieve", callmodel.OpRetrieve, "Take the call off hold",
			func(c cmd, i id) command { return callmodel.Retrieve{Cmd: c, Conn: i} }),
		plain("alternate", callmodel.OpAlternate, "Swap the held and the active call of the line",
			func(c cmd, i id) command { return callmodel.Alternate{Cmd: c, Conn: i} }),
		plain("conference", callmodel.OpConference, "Make one call of the two calls of the line",
			func(c cmd, i id) command { return callmodel.Conference{Cmd: c, Conn: i} }),
		plain("reconnect", callmodel.OpReconnect, "End the consultation and go back to the held call",
			func(c cmd, i id) command { return callmodel.Reconnect{Cmd: c, Conn: i} }),
		plain("mute", callmodel.OpMute, "Keep the others from hearing this party",
			func(c cmd, i id) command { return callmodel.Mute{Cmd: c, Conn: i, On: true} }),
		plain("unmute", callmodel.OpMute, "Let the others hear this party again",
			func(c cmd, i id) command { return callmodel.Mute{Cmd: c, Conn: i} }),
		plain("stop-play", callmodel.OpPlay, "End the sound that is being played into the call",
			func(c cmd, i id) command { return callmodel.StopFile{Cmd: c, Conn: i} }),
		plain("require-wrap-up", callmodel.OpRequireWrapUp, "Have wrap-up follow the call, even where the queue has none",
			func(c cmd, i id) command { return callmodel.RequireWrapUp{Cmd: c, Conn: i} }),
		plain("end-wrap-up", callmodel.OpEndWrapUp, "End the after-call work",
			func(c cmd, i id) command { return callmodel.EndWrapUp{Cmd: c, Conn: i} }),
	}, append(valuedOperations(), recordOperations()...)...)
}

func valuedOperations() []operation {
	type cmd = callmodel.Cmd
	type id = callmodel.ConnID
	type command = callmodel.Command
	to := func(b ToRequest) string { return b.To }
	return []operation{
		valued(Operation{
			Name: "reject", Capability: callmodel.OpReject, Value: "reason", Optional: true,
			Doc: "Turn an offer down: the caller is offered to somebody else",
		}, reasonOf,
			reject),
		valued(Operation{Name: "deflect", Capability: callmodel.OpDeflect, Value: "to", Doc: "Send an alerting call elsewhere"}, to,
			func(_ *Server, c cmd, i id, b ToRequest) (command, error) {
				d, err := destination("to", b.To, onward...)
				return callmodel.Deflect{Cmd: c, Conn: i, To: d}, err
			}),
		valued(Operation{Name: "consult", Capability: callmodel.OpConsult, Value: "to", Queue: true, Doc: "Hold the call and call somebody else from the same line"},
			func(b ConsultRequest) string { return b.To },
			func(s *Server, c cmd, i id, b ConsultRequest) (command, error) {
				d, err := destination("to", b.To, callable...)
				if err != nil {
					return nil, err
				}
				return callmodel.Consult{
					Cmd: c, Conn: i, To: d, Call: callmodel.CallID{ID: s.opts.Switch.NewID()}, Queue: callmodel.QueueID(b.Queue),
				}, checkText("queue", b.Queue, maxName, false)
			}),
		valued(Operation{Name: "blind-transfer", Capability: callmodel.OpBlindTransfer, Value: "to", Doc: "Send the other party elsewhere and leave", Data: true},
			func(b BlindTransferRequest) string { return b.To },
			func(_ *Server, c cmd, i id, b BlindTransferRequest) (command, error) {
				d, err := destination("to", b.To, onward...)
				if err != nil {
					return nil, err
				}
				data, err := attachedEntries(b.Data)
				return callmodel.BlindTransfer{Cmd: c, Conn: i, To: d, Data: data}, err
			}),
		valued(Operation{Name: "transfer", Capability: callmodel.OpTransfer, Doc: "Connect the two calls of the line with each other and leave", Data: true},
			func(*TransferRequest) string { return "" },
			func(_ *Server, c cmd, i id, b *TransferRequest) (command, error) {
				if b == nil {
					return callmodel.Transfer{Cmd: c, Conn: i}, nil
				}
				data, err := attachedEntries(b.Data)
				return callmodel.Transfer{Cmd: c, Conn: i, Data: data}, err
			}),
		valued(Operation{Name: "drop-party", Capability: callmodel.OpDropParty, Value: "party", Doc: "End another party's part in a conference"},
			func(b PartyRequest) string { return b.Party },
			func(_ *Server, c cmd, i id, b PartyRequest) (command, error) {
				party, err := partyRef("party", b.Party)
				return callmodel.DropParty{Cmd: c, Conn: i, Party: party}, err
			}),
		valued(Operation{Name: "park", Capability: callmodel.OpPark, Value: "place", Optional: true, Doc: "Put the other party into a parking place"},
			func(b *ParkRequest) string { return placeOf(b) },
			func(_ *Server, c cmd, i id, b *ParkRequest) (command, error) {
				place := placeOf(b)
				if place == "" {
					return callmodel.Park{Cmd: c, Conn: i}, nil
				}
				place, err := parkingPlace(place)
				return callmodel.Park{Cmd: c, Conn: i, Place: place}, err
			}),
		valued(Operation{Name: "play", Capability: callmodel.OpPlay, Value: "media", Doc: "Play a sound to everybody in the call"},
			func(b PlayRequest) string { return b.Media },
			func(_ *Server, c cmd, i id, b PlayRequest) (command, error) {
				return callmodel.PlayFile{Cmd: c, Conn: i, Media: b.Media}, checkMedia("media", b.Media)
			}),
		valued(Operation{Name: "send-digits", Capability: callmodel.OpSendDigits, Value: "digits", Doc: "Send DTMF to the other parties"},
			func(DigitsRequest) string { return "" }, // they may be a PIN
			func(_ *Server, c cmd, i id, b DigitsRequest) (command, error) {
				return callmodel.SendDigits{Cmd: c, Conn: i, Digits: b.Digits}, checkDigits("digits", b.Digits)
			}),
		valued(Operation{
			Name: "dispose", Capability: callmodel.OpDispose, Value: "codes", Many: true,
			Doc: "Give the call its result, during it or in wrap-up, which ends with it",
		},
			func(b DisposeRequest) string { return strings.Join(b.Codes, ", ") }, dispose),
	}
}

func reasonOf(b *RejectRequest) string {
	if b == nil {
		return ""
	}
	return b.Reason
}

func reject(s *Server, c callmodel.Cmd, i callmodel.ConnID, b *RejectRequest) (callmodel.Command, error) {
	reason := reasonOf(b)
	out := callmodel.Reject{Cmd: c, Conn: i, Reason: reason, Result: thenOf(b)}
	if err := checkText("reason", reason, callmodel.MaxReason, false); err != nil || b == nil || b.Callback == nil {
		return out, err
	}
	if out.Result == "" {
		out.Result = callmodel.ResultSkip
	}
	wish, err := s.wish(i, b.Callback)
	out.Callback = wish
	return out, err
}

// thenOf is what becomes of a customer who has not been called yet.
func thenOf(b *RejectRequest) callmodel.CallbackResult {
	switch {
	case b == nil:
		return ""
	case b.Then == "later":
		return callmodel.ResultSkip
	case b.Then == "never":
		return callmodel.ResultAgentRejected
	}
	return ""
}

func placeOf(b *ParkRequest) string {
	if b == nil {
		return ""
	}
	return b.Place
}

func parkingPlace(text string) (string, error) {
	place, err := dialable("place", text)
	if err == nil && (len(place) > maxPlace || strings.HasPrefix(place, "+")) {
		err = wrong("place", "is the number of a parking place: at most %d digits", maxPlace)
	}
	return place, err
}

// onConnection gives a command about a connection to the switch.
func (s *Server) onConnection(ctx context.Context, o Operation, ref, detail string,
	mk func(callmodel.Cmd, callmodel.ConnID) (callmodel.Command, error),
) (*body[Accepted], error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	at, err := s.findConnection(ctx, ref)
	if err != nil {
		return nil, s.problem(o.Name, err)
	}
	want := order{id: o.operationID(), subject: at.id.String(), agent: at.agent, detail: detail}
	if err := s.ownLine(ctx, want); err != nil {
		return nil, err
	}
	cmd, err := mk(s.cmd(ctx), at.id)
	if err != nil {
		return nil, s.problem(o.Name, err)
	}
	if err := s.do(ctx, cmd, want); err != nil {
		return nil, err
	}
	out := Accepted{Operation: o.Name, Connection: at.id.String()}
	if at.call != nil {
		out.Call = at.call.ID.String()
	}
	if c, ok := cmd.(callmodel.Consult); ok {
		out.NewCall = c.Call.String()
	}
	return reply(out), nil
}

// place is where a connection is: its call and whose line it is on, where they are known.
type place struct {
	id    callmodel.ConnID
	call  *callmodel.Call
	agent callmodel.AgentID
}

// findConnection resolves what the path names. A well-formed id that no call
// has is left to the model to refuse.
func (s *Server) findConnection(ctx context.Context, ref string) (place, error) {
	id, number, err := parseRef("connection", ref)
	if err != nil {
		return place{}, err
	}
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return place{}, err
	}
	for _, c := range v.Calls {
		for i := range c.Conns {
			p := &c.Conns[i]
			if number == 0 && p.ID.ID == id || number != 0 && p.Number == number {
				return place{id: p.ID, call: c, agent: p.Agent}, nil
			}
		}
	}
	if number != 0 {
		return place{}, fault.New(fault.NotFound, "connection", ref, "no such connection: the call has ended or never was")
	}
	return place{id: callmodel.ConnID{ID: id}}, nil
}

// ownLine refuses what an agent asks for on a line that is not theirs.
func (s *Server) ownLine(ctx context.Context, o order) error {
	who := callerOf(ctx)
	if who.role != RoleAgent || who.agent != "" && o.agent == who.agent {
		return nil
	}
	err := fault.New(fault.Denied, o.id, o.subject, "this is not on your line: an agent may act on their own only")
	s.audit(ctx, o, err)
	return s.problem(o.id, err)
}
