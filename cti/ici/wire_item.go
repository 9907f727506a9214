package ici

// Item is a contact center item as create answers it (reference 10.11). ItemID
// is the callHandle of the call that it becomes.
type Item struct {
	Status           TextElement
	ItemID           string
	ProcessingStatus TextElement
	CapabilityList   []int
}

func (i *Item) fields(c codec) {
	c.record(field{name: "status"}, "TextElement", &i.Status)
	c.text(field{name: "itemId"}, &i.ItemID)
	c.record(field{name: "processingStatus"}, "TextElement", &i.ProcessingStatus)
	c.list(field{name: "capabilityList"}, "Int", wholes(&i.CapabilityList))
}

func (i *Item) reply(c codec, _ Style) { c.record(field{name: responseName}, "Item", i) }

// Container names a container by its channel's type and its id (9.4.1).
type Container struct {
	ChannelType string
	ContainerID string
}

func (p *Container) fields(c codec) {
	c.text(field{name: "channelType", need: true}, &p.ChannelType)
	c.text(field{name: "containerId", need: true, number: p.ChannelType == ChannelPhone}, &p.ContainerID)
}

// Types of a destination of forward, beside the channel types (9.4.6).
const destQueue = "12"

// Forwarding sends an item elsewhere (9.4.6). Destination is a phone line's
// number for the type 1, a queue's number for 12.
type Forwarding struct {
	ItemID      string
	ContainerID string
	DestType    string
	Destination string
}

func (p *Forwarding) fields(c codec) {
	c.text(field{name: "itemId", need: true}, &p.ItemID)
	c.text(field{name: "containerId"}, &p.ContainerID)
	c.text(field{name: "destType", need: true}, &p.DestType)
	c.text(field{name: "destination", need: true, number: p.DestType == ChannelPhone}, &p.Destination)
}
