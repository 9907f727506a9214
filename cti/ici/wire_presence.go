package ici

// PresenceQueueQuery asks for the queues of a channel (reference 9.1.3).
type PresenceQueueQuery struct {
	UserID      string
	ChannelType string
}

func (p *PresenceQueueQuery) fields(c codec) {
	c.text(field{name: "userId", need: true}, &p.UserID)
	c.text(field{name: "channelType"}, &p.ChannelType)
}

// PresenceQueues answers it.
type PresenceQueues struct {
	Groups []GroupInfo
	Queues []PresenceQueue
}

func (p *PresenceQueues) fields(c codec) {
	c.list(field{name: "groupInfo"}, "GroupInfo", slice[GroupInfo]{&p.Groups, func(c codec, f field, item *GroupInfo) {
		c.record(f, "GroupInfo", item)
	}})
	c.list(field{name: "queueInfo"}, "QueueInfo", slice[PresenceQueue]{&p.Queues, func(c codec, f field, item *PresenceQueue) {
		c.record(f, "QueueInfo", item)
	}})
}

func (p *PresenceQueues) reply(c codec, _ Style) {
	c.record(field{name: responseName}, "PresenceQueueInfo", p)
}

// GroupInfo is a group of queues (10.4).
type GroupInfo struct {
	ID          string
	Description string
	ParentID    string
	QueueIDs    []string
}

func (g *GroupInfo) fields(c codec) {
	c.text(field{name: "id"}, &g.ID)
	c.text(field{name: "description"}, &g.Description)
	c.text(field{name: "parentId"}, &g.ParentID)
	c.list(field{name: "queuesId", null: true}, "String", texts(&g.QueueIDs))
}

// PresenceQueue is a queue with its figures (10.3), all of them texts. Open is 1, 0
// or empty where it is not known; the waiting times are in seconds.
type PresenceQueue struct {
	ID          string
	Description string
	GUID        string
	LoggedIn    string
	Ready       string
	Pending     string
	Open        string
	AvgWaiting  string
	MaxWaiting  string
	Busy        string
	WrapUp      string
	NotReady    string
	Paused      string
}

func (q *PresenceQueue) fields(c codec) {
	for _, e := range q.named() {
		c.text(field{name: e.name}, e.v)
	}
}

// named lists the figures under the names that they have everywhere.
func (q *PresenceQueue) named() []namedText {
	return []namedText{
		{"id", &q.ID},
		{"description", &q.Description},
		{"guid", &q.GUID},
		{"loggedIn", &q.LoggedIn},
		{"ready", &q.Ready},
		{"pending", &q.Pending},
		{"open", &q.Open},
		{"avgWaitingTime", &q.AvgWaiting},
		{"maxWaitingTime", &q.MaxWaiting},
		{"busy", &q.Busy},
		{"wrapUp", &q.WrapUp},
		{"notReady", &q.NotReady},
		{"paused", &q.Paused},
	}
}

type namedText struct {
	name string
	v    *string
}

// PresenceQuery asks how users are (9.1.4): those listed, or else those that a
// search finds.
type PresenceQuery struct {
	Users      []string
	SearchTerm string
	MaxHits    string
}

func (p *PresenceQuery) fields(c codec) {
	c.list(field{name: "users"}, "String", texts(&p.Users))
	c.text(field{name: "searchterm", aliases: []string{"searchTerm"}}, &p.SearchTerm)
	c.text(field{name: "maxhits", aliases: []string{"maxHits"}}, &p.MaxHits)
}

// Presences answers it.
type Presences struct{ List []UserPresence }

func (p *Presences) reply(c codec, _ Style) {
	c.list(field{name: responseName}, "UserPresenceInfo", slice[UserPresence]{&p.List, func(c codec, f field, item *UserPresence) {
		c.record(f, "UserPresenceInfo", item)
	}})
}

// UserPresence is how a user is, and what can be done with them (10.5).
type UserPresence struct {
	User          string
	Status        string
	Description   string
	Collaboration []Collaboration
}

func (u *UserPresence) fields(c codec) {
	c.text(field{name: "user"}, &u.User)
	c.text(field{name: "presenceStatus"}, &u.Status)
	c.text(field{name: "presenceDescription"}, &u.Description)
	c.list(field{name: "collaborationData"}, "CollaborationData", slice[Collaboration]{&u.Collaboration, func(c codec, f field, item *Collaboration) {
		c.record(f, "CollaborationData", item)
	}})
}

// Collaboration is one thing that can be done with a user (10.6). Capability is
// that of a phone call.
type Collaboration struct {
	Description string
	Channel     string
	Capability  string
	Address     string
}

func (d *Collaboration) fields(c codec) {
	c.text(field{name: "description"}, &d.Description)
	c.text(field{name: "channel"}, &d.Channel)
	c.text(field{name: "capability"}, &d.Capability)
	c.text(field{name: "address"}, &d.Address)
}
