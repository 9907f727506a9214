package ici

// Attribute is a name with a value (reference 10.18).
type Attribute struct {
	ID          string
	Description string
}

func (a *Attribute) fields(c codec) {
	c.text(field{name: "id"}, &a.ID)
	c.text(field{name: "description", max: maxContent}, &a.Description)
}

func attributes(v *[]Attribute) items {
	return slice[Attribute]{v, func(c codec, f field, item *Attribute) { c.record(f, "Attribute", item) }}
}

// ActionItem is an object of the CRM that an agent is to work on (reference
// 10.17).
type ActionItem struct {
	SystemID             string
	Client               string
	RequestID            string // with ProcessID the identity of the item in CRM 5.2
	ProcessID            string
	ActionItemID         string // the identity of the item in CRM 7.0
	ActionItemInboxID    string
	AttachedData         string // an XML document; carried as escaped text
	CapabilityList       []int
	ProcessingStatus     TextElement
	ActionItemStatus     TextElement
	ActionItemAttributes []Attribute
}

func (a *ActionItem) fields(c codec) {
	c.text(field{name: "systemId"}, &a.SystemID)
	c.text(field{name: "client"}, &a.Client)
	c.text(field{name: "requestId"}, &a.RequestID)
	c.text(field{name: "processId"}, &a.ProcessID)
	c.text(field{name: "actionItemId"}, &a.ActionItemID)
	c.text(field{name: "actionItemInboxId"}, &a.ActionItemInboxID)
	c.text(field{name: "attachedData", max: MaxAttachedData}, &a.AttachedData)
	c.list(field{name: "capabilityList"}, "Int", wholes(&a.CapabilityList))
	c.record(field{name: "processingStatus"}, "TextElement", &a.ProcessingStatus)
	c.record(field{name: "actionItemStatus"}, "TextElement", &a.ActionItemStatus)
	c.list(field{name: "actionItemAttributes"}, "Attribute", attributes(&a.ActionItemAttributes))
}

// ActionSession is the state of an action item (reference 10.16).
type ActionSession struct {
	ActionParticipants []string
	CapabilityList     []int
	Title              string
	ActionSessionID    string
	ActionStatus       TextElement
	ProcessingStatus   TextElement
	AttachedData       string // an XML document; carried as escaped text
	ActionLineID       string
}

func (s *ActionSession) fields(c codec) {
	c.list(field{name: "actionParticipants"}, "String", texts(&s.ActionParticipants))
	c.list(field{name: "capabilityList"}, "Int", wholes(&s.CapabilityList))
	c.text(field{name: "title"}, &s.Title)
	c.text(field{name: "actionSessionId"}, &s.ActionSessionID)
	c.record(field{name: "actionStatus"}, "TextElement", &s.ActionStatus)
	c.record(field{name: "processingStatus"}, "TextElement", &s.ProcessingStatus)
	c.text(field{name: "attachedData", max: MaxAttachedData}, &s.AttachedData)
	c.text(field{name: "actionLineId"}, &s.ActionLineID)
}

// Routing asks for an agent for an action item (9.12.1). A live capture in the
// reference (9.12.1.4) holds nothing but the item.
type Routing struct {
	ActionItemID      string
	ItemData          ActionItem
	RoutingAttributes []Attribute
	ScenarioID        string
}

func (p *Routing) fields(c codec) {
	c.text(field{name: "actionItemId"}, &p.ActionItemID)
	c.record(field{name: "itemData"}, "ActionItem", &p.ItemData)
	c.list(field{name: "routingAttributes"}, "Attribute", attributes(&p.RoutingAttributes))
	c.text(field{name: "scenarioId"}, &p.ScenarioID)
}

// Routed answers route.
type Routed struct{ ActionItemID string }

func (r *Routed) fields(c codec) {
	c.text(field{name: "actionItemID", aliases: []string{"actionItemId"}}, &r.ActionItemID)
}

func (r *Routed) reply(c codec, _ Style) { c.record(field{name: responseName}, "Routed", r) }

// ActionItemChanged tells a changed action item (9.3.8).
type ActionItemChanged struct {
	AppIDs        []string
	UserIDs       []string
	ActionSession ActionSession
	ActionItemID  string
	ItemData      ActionItem
	ScenarioID    string
}

// EventName returns "actionItemChanged".
func (*ActionItemChanged) EventName() string { return "actionItemChanged" }

func (e *ActionItemChanged) withAppIDs(ids []string) Event { c := *e; c.AppIDs = ids; return &c }

func (e *ActionItemChanged) fields(c codec) {
	appIDs(c, &e.AppIDs)
	c.list(field{name: "userIds"}, "String", texts(&e.UserIDs))
	c.record(field{name: "actionSession"}, "ActionSession", &e.ActionSession)
	c.text(field{name: "actionItemId"}, &e.ActionItemID)
	c.record(field{name: "itemData"}, "ActionItem", &e.ItemData)
	c.text(field{name: "scenarioId"}, &e.ScenarioID)
}
