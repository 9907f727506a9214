package ici

// maxContent bounds the text of a message or a posting, in bytes.
const maxContent = 512 << 10

// Message is an e-mail message (reference 10.13). MessageID is also the itemId,
// Folder the containerId.
type Message struct {
	Folder            string
	Subject           string
	MessageID         string
	ProcessingStatus  TextElement
	Originator        string // the reference's text says a list, its schema and samples one
	MessageText       string
	Attachments       []string // their names
	MessageStatus     TextElement
	CapabilityList    []int
	AttachedData      string // an XML document; carried as escaped text
	OriginalMessageID string // of a notification
	Notification      bool
	Read              bool
	Answered          bool
	Forwarded         bool
}

func (m *Message) fields(c codec) {
	c.text(field{name: "folder"}, &m.Folder)
	c.text(field{name: "subject", max: maxURL}, &m.Subject)
	c.text(field{name: "messageId"}, &m.MessageID)
	c.record(field{name: "processingStatus"}, "TextElement", &m.ProcessingStatus)
	c.text(field{name: "originator"}, &m.Originator)
	c.text(field{name: "messageText", max: maxContent}, &m.MessageText)
	c.list(field{name: "attachments"}, "String", texts(&m.Attachments))
	c.record(field{name: "messageStatus"}, "TextElement", &m.MessageStatus)
	c.list(field{name: "capabilityList"}, "Int", wholes(&m.CapabilityList))
	c.text(field{name: "attachedData", max: MaxAttachedData}, &m.AttachedData)
	c.text(field{name: "originalMessageId"}, &m.OriginalMessageID)
	c.truth(field{name: "notification"}, &m.Notification)
	c.truth(field{name: "read"}, &m.Read)
	c.truth(field{name: "answered"}, &m.Answered)
	c.truth(field{name: "forwarded"}, &m.Forwarded)
}

func (m *Message) reply(c codec, _ Style) { c.record(field{name: responseName}, "Message", m) }

// Messages answers getMessages.
type Messages struct{ List []Message }

func (l *Messages) reply(c codec, _ Style) {
	c.list(field{name: responseName}, "Message", slice[Message]{&l.List, func(c codec, f field, item *Message) {
		c.record(f, "Message", item)
	}})
}

// FolderRef names a folder of messages (9.8.1).
type FolderRef struct{ Folder string }

func (p *FolderRef) fields(c codec) { c.text(field{name: "folder", need: true}, &p.Folder) }

// MessageRef names a message (9.9.1, 9.9.2, 9.9.4 and end, reference 7.1).
type MessageRef struct{ MessageID string }

func (p *MessageRef) fields(c codec) { c.text(field{name: "messageId", need: true}, &p.MessageID) }

// MessageContent sets a message's content, RFC 822 with MIME (9.9.3).
type MessageContent struct {
	MessageID string
	Content   string
}

func (p *MessageContent) fields(c codec) {
	c.text(field{name: "messageId", need: true}, &p.MessageID)
	c.text(field{name: "content", max: maxContent}, &p.Content)
}

// MessageSending sends a message (9.9.5).
type MessageSending struct {
	MessageID                  string
	RequestSuccessNotification bool
	RequestFailureNotification bool
}

func (p *MessageSending) fields(c codec) {
	c.text(field{name: "messageId", need: true}, &p.MessageID)
	c.truth(field{name: "requestSuccessNotification"}, &p.RequestSuccessNotification)
	c.truth(field{name: "requestFailureNotification"}, &p.RequestFailureNotification)
}

// MessageFlags tells what was done with a message (9.9.6).
type MessageFlags struct {
	MessageID string
	Read      bool
	Answered  bool
	Forwarded bool
}

func (p *MessageFlags) fields(c codec) {
	c.text(field{name: "messageId", need: true}, &p.MessageID)
	c.truth(field{name: "read"}, &p.Read)
	c.truth(field{name: "answered"}, &p.Answered)
	c.truth(field{name: "forwarded"}, &p.Forwarded)
}

// MessageChanged tells a new, changed or deleted message (9.3.5).
type MessageChanged struct {
	AppIDs  []string
	Message Message
}

// EventName returns "messageChanged".
func (*MessageChanged) EventName() string { return "messageChanged" }

func (e *MessageChanged) withAppIDs(ids []string) Event { c := *e; c.AppIDs = ids; return &c }

func (e *MessageChanged) fields(c codec) {
	appIDs(c, &e.AppIDs)
	c.record(field{name: "message", need: true}, "Message", &e.Message)
}
