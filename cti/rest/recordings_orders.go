package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/callmodel"
)

// StartRecordingRequest is the body of start-recording. It may be left out.
type StartRecordingRequest struct {
	Channels string `json:"channels,omitempty" enum:"mono,stereo" doc:"as the rules say where it is left out"`
}

// PauseRecordingRequest is the body of pause-recording. It may be left out.
type PauseRecordingRequest struct {
	Reason        string  `json:"reason,omitempty" maxLength:"128" doc:"why, such as card; at most 128 bytes"`
	ResumeSeconds float64 `json:"resume_seconds,omitempty" minimum:"1" maximum:"3600" doc:"it ends by itself after this time, or after the pause_max of the rules if that is shorter"`
}

func startOf(b *StartRecordingRequest) string {
	if b == nil {
		return ""
	}
	return b.Channels
}

func pauseOf(b *PauseRecordingRequest) (reason string, length time.Duration) {
	if b == nil {
		return "", 0
	}
	return b.Reason, time.Duration(b.ResumeSeconds * float64(time.Second))
}

const (
	startDoc  = "Record the conversation from here on"
	stopDoc   = "End the recording; no rule begins another in this call"
	pauseDoc  = "Have the recording hold silence, as while a card number is spoken"
	resumeDoc = "End the pause of the recording"
)

// recordOperations are those of an agent's connection about its recording.
func recordOperations() []operation {
	type cmd = callmodel.Cmd
	type id = callmodel.ConnID
	type command = callmodel.Command
	return []operation{
		valued(Operation{Name: "start-recording", Capability: callmodel.OpRecord, Value: "channels", Optional: true, Doc: startDoc, id: "startRecording"}, startOf,
			func(_ *Server, c cmd, i id, b *StartRecordingRequest) (command, error) {
				return callmodel.StartRecording{Cmd: c, Conn: i, Channels: callmodel.RecordChannels(startOf(b))}, nil
			}),
		named("stopRecording", plain("stop-recording", callmodel.OpRecord, stopDoc,
			func(c cmd, i id) command { return callmodel.StopRecording{Cmd: c, Conn: i} })),
		valued(Operation{Name: "pause-recording", Capability: callmodel.OpPauseRecording, Value: "reason", Optional: true, Doc: pauseDoc, id: "pauseRecording"},
			func(b *PauseRecordingRequest) string { reason, _ := pauseOf(b); return reason },
			func(_ *Server, c cmd, i id, b *PauseRecordingRequest) (command, error) {
				reason, length := pauseOf(b)
				return callmodel.PauseRecording{Cmd: c, Conn: i, Reason: reason, ResumeAfter: length}, checkText("reason", reason, callmodel.MaxRecordReason, false)
			}),
		named("resumeRecording", plain("resume-recording", callmodel.OpPauseRecording, resumeDoc,
			func(c cmd, i id) command { return callmodel.ResumeRecording{Cmd: c, Conn: i} })),
	}
}

// named gives an operation another operation id than its name makes.
func named(id string, o operation) operation {
	o.id = id
	return o
}

type callOrder[B any] struct {
	ID   string `path:"id" minLength:"1" maxLength:"128" doc:"the call's ULID, hexadecimal id or number"`
	Body B
}

// recordOrders are the same orders about a whole call, for who stands above the agents.
func (s *Server) recordOrders(api huma.API) {
	post := func(name, id, doc string) route {
		return route{method: http.MethodPost, path: "/api/v1/calls/{id}/" + name, id: id, tag: "recordings", summary: doc, status: http.StatusAccepted}
	}
	type cmd = callmodel.Cmd
	type id = callmodel.CallID
	type command = callmodel.Command
	add(s, api, post("start-recording", "startRecordingOfCall", startDoc), func(ctx context.Context, in *callOrder[*StartRecordingRequest]) (*body[Accepted], error) {
		channels := startOf(in.Body)
		return s.onCall(ctx, "startRecordingOfCall", "start-recording", in.ID, channels, func(c cmd, i id) (command, error) {
			return callmodel.StartRecording{Cmd: c, Call: i, Channels: callmodel.RecordChannels(channels)}, nil
		})
	})
	add(s, api, post("stop-recording", "stopRecordingOfCall", stopDoc), func(ctx context.Context, in *idInput) (*body[Accepted], error) {
		return s.onCall(ctx, "stopRecordingOfCall", "stop-recording", in.ID, "", func(c cmd, i id) (command, error) {
			return callmodel.StopRecording{Cmd: c, Call: i}, nil
		})
	})
	add(s, api, post("pause-recording", "pauseRecordingOfCall", pauseDoc), func(ctx context.Context, in *callOrder[*PauseRecordingRequest]) (*body[Accepted], error) {
		reason, length := pauseOf(in.Body)
		return s.onCall(ctx, "pauseRecordingOfCall", "pause-recording", in.ID, reason, func(c cmd, i id) (command, error) {
			return callmodel.PauseRecording{Cmd: c, Call: i, Reason: reason, ResumeAfter: length}, checkText("reason", reason, callmodel.MaxRecordReason, false)
		})
	})
	add(s, api, post("resume-recording", "resumeRecordingOfCall", resumeDoc), func(ctx context.Context, in *idInput) (*body[Accepted], error) {
		return s.onCall(ctx, "resumeRecordingOfCall", "resume-recording", in.ID, "", func(c cmd, i id) (command, error) {
			return callmodel.ResumeRecording{Cmd: c, Call: i}, nil
		})
	})
}
