package ici

// ChannelChoice says which channels a user has on (reference 9.2.3).
type ChannelChoice struct {
	UserID   string
	Channels []string
}

func (p *ChannelChoice) fields(c codec) {
	c.text(field{name: "userId", need: true}, &p.UserID)
	c.list(field{name: "channels"}, "String", texts(&p.Channels))
}

// QueueChoice says which queues a user serves (9.2.4), by their ids in [User].
type QueueChoice struct {
	UserID string
	Queues []string
}

func (p *QueueChoice) fields(c codec) {
	c.text(field{name: "userId", need: true}, &p.UserID)
	c.list(field{name: "queues"}, "String", texts(&p.Queues))
}

// AddressChoice says where a user is reached (9.2.5).
type AddressChoice struct {
	UserID    string
	Addresses []Address
}

func (p *AddressChoice) fields(c codec) {
	c.text(field{name: "userId", need: true}, &p.UserID)
	c.list(field{name: "addresses"}, "Address", slice[Address]{&p.Addresses, func(c codec, f field, item *Address) {
		c.record(f, "Address", item)
	}})
}
