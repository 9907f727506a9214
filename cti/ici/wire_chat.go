package ici

// ChatSession is a chat session (reference 10.14). ChatSessionID is also the
// itemId, ChatLineID the containerId.
type ChatSession struct {
	Title            string
	ChatLineID       string
	ChatSessionID    string
	ProcessingStatus TextElement
	CapabilityList   []int
	AttachedData     string // an XML document; carried as escaped text
	ChatStatus       TextElement
	ChatParticipants []string
}

func (s *ChatSession) fields(c codec) {
	c.text(field{name: "title"}, &s.Title)
	c.text(field{name: "chatLineId"}, &s.ChatLineID)
	c.text(field{name: "chatSessionId"}, &s.ChatSessionID)
	c.record(field{name: "processingStatus"}, "TextElement", &s.ProcessingStatus)
	c.list(field{name: "capabilityList"}, "Int", wholes(&s.CapabilityList))
	c.text(field{name: "attachedData", max: MaxAttachedData}, &s.AttachedData)
	c.record(field{name: "chatStatus"}, "TextElement", &s.ChatStatus)
	c.list(field{name: "chatParticipants"}, "String", texts(&s.ChatParticipants))
}

func (s *ChatSession) reply(c codec, _ Style) { c.record(field{name: responseName}, "ChatSession", s) }

// ChatSessions answers getSessions.
type ChatSessions struct{ List []ChatSession }

func (l *ChatSessions) reply(c codec, _ Style) {
	c.list(field{name: responseName}, "ChatSession", slice[ChatSession]{&l.List, func(c codec, f field, item *ChatSession) {
		c.record(f, "ChatSession", item)
	}})
}

// ChatPosting is one contribution to a chat session (reference 10.15).
// PostDate is YYYYMMDDHHMMSS.
type ChatPosting struct {
	ChatSessionID   string
	PostDate        string
	ChatParticipant string
	ContentText     string
	SystemMessage   bool
}

func (p *ChatPosting) fields(c codec) {
	c.text(field{name: "chatSessionId"}, &p.ChatSessionID)
	c.text(field{name: "postDate"}, &p.PostDate)
	c.text(field{name: "chatParticipant"}, &p.ChatParticipant)
	c.text(field{name: "contentText", max: maxContent}, &p.ContentText)
	c.truth(field{name: "systemMessage"}, &p.SystemMessage)
}

// ChatPostings answers getDialog.
type ChatPostings struct{ List []ChatPosting }

func (l *ChatPostings) reply(c codec, _ Style) {
	c.list(field{name: responseName}, "ChatPosting", slice[ChatPosting]{&l.List, func(c codec, f field, item *ChatPosting) {
		c.record(f, "ChatPosting", item)
	}})
}

// ChatLineRef names a chat line (9.10.1).
type ChatLineRef struct{ ChatLineID string }

func (p *ChatLineRef) fields(c codec) { c.text(field{name: "chatLineId", need: true}, &p.ChatLineID) }

// ChatRef names a session on a chat line (9.11.1, 9.11.3).
type ChatRef struct {
	ChatSessionID string
	ChatLineID    string
}

func (p *ChatRef) fields(c codec) { chatKey(c, &p.ChatSessionID, &p.ChatLineID) }

func chatKey(c codec, session, line *string) {
	c.text(field{name: "chatSessionId", need: true}, session)
	c.text(field{name: "chatLineId"}, line)
}

// ChatInvitation begins a session (9.11.2).
type ChatInvitation struct {
	ChatSessionID    string
	ChatLineID       string
	Title            string
	ChatParticipants []string
}

func (p *ChatInvitation) fields(c codec) {
	chatKey(c, &p.ChatSessionID, &p.ChatLineID)
	c.text(field{name: "title"}, &p.Title)
	c.list(field{name: "chatParticipants"}, "String", texts(&p.ChatParticipants))
}

// ChatSessionRef names a session (9.11.4).
type ChatSessionRef struct{ ChatSessionID string }

func (p *ChatSessionRef) fields(c codec) {
	c.text(field{name: "chatSessionId", need: true}, &p.ChatSessionID)
}

// ChatText is a contribution of a chat line (9.11.5).
type ChatText struct {
	ChatSessionID string
	ChatLineID    string
	ContentText   string
}

func (p *ChatText) fields(c codec) {
	chatKey(c, &p.ChatSessionID, &p.ChatLineID)
	// The table of the reference says contextText, its sample and ChatPosting contentText.
	c.text(field{name: "contentText", aliases: []string{"contextText"}, max: maxContent}, &p.ContentText)
}

// ChatChanged tells a new or changed chat session (9.3.6).
type ChatChanged struct {
	AppIDs      []string
	ChatSession ChatSession
}

// EventName returns "chatChanged".
func (*ChatChanged) EventName() string { return "chatChanged" }

func (e *ChatChanged) withAppIDs(ids []string) Event { c := *e; c.AppIDs = ids; return &c }

func (e *ChatChanged) fields(c codec) {
	appIDs(c, &e.AppIDs)
	c.record(field{name: "chatSession", need: true}, "ChatSession", &e.ChatSession)
}

// ChatNewPosting tells a new posting in a chat session (9.3.7).
type ChatNewPosting struct {
	AppIDs      []string
	ChatPosting ChatPosting
}

// EventName returns "chatNewPosting".
func (*ChatNewPosting) EventName() string { return "chatNewPosting" }

func (e *ChatNewPosting) withAppIDs(ids []string) Event { c := *e; c.AppIDs = ids; return &c }

func (e *ChatNewPosting) fields(c codec) {
	appIDs(c, &e.AppIDs)
	c.record(field{name: "chatPosting", need: true}, "ChatPosting", &e.ChatPosting)
}
