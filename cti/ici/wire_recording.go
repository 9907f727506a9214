package ici

import "time"

// CallRecordingQuery asks for recordings (9.1.5). All of it is optional.
type CallRecordingQuery struct {
	CallHandle   string
	UserID       string
	DateTimeFrom string
	DateTimeTo   string
	FilePath     string
	FileName     string
	MaxHits      string
}

func (p *CallRecordingQuery) fields(c codec) {
	c.text(field{name: "callHandle"}, &p.CallHandle)
	c.text(field{name: "userId"}, &p.UserID)
	c.text(field{name: "dateTimeFrom"}, &p.DateTimeFrom)
	c.text(field{name: "dateTimeTo"}, &p.DateTimeTo)
	c.text(field{name: "filePath"}, &p.FilePath)
	c.text(field{name: "fileName"}, &p.FileName)
	c.text(field{name: "maxhits"}, &p.MaxHits)
}

// CallRecording is a recording of a call (reference 10.7). FileName is relative
// to the folder of recordings.
type CallRecording struct {
	CallHandle   string
	UserID       string
	CreationTime time.Time
	StartTime    time.Time
	EndTime      time.Time
	Source       string
	Destination  string
	FileName     string
}

func (r *CallRecording) fields(c codec) {
	c.text(field{name: "callHandle"}, &r.CallHandle)
	c.text(field{name: "userId"}, &r.UserID)
	c.moment(field{name: "creationTime", need: true}, &r.CreationTime)
	c.moment(field{name: "startTime", need: true}, &r.StartTime)
	c.moment(field{name: "endTime", need: true}, &r.EndTime)
	c.text(field{name: "source", number: true}, &r.Source)
	c.text(field{name: "destination", number: true}, &r.Destination)
	c.text(field{name: "fileName"}, &r.FileName)
}

// CallRecordings answers getCallRecordings.
type CallRecordings struct{ List []CallRecording }

func (l *CallRecordings) reply(c codec, _ Style) {
	c.list(field{name: responseName}, "CallRecording", slice[CallRecording]{&l.List, func(c codec, f field, item *CallRecording) {
		c.record(f, "CallRecording", item)
	}})
}
