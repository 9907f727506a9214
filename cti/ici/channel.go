package ici

import "context"

// The channel types besides [ChannelPhone] (reference 9.5.1).
const (
	ChannelMessage = "2"
	ChannelChat    = "3"
	ChannelAction  = "4"
)

// channel serves a type of containers other than phone lines: the operations
// of its own interfaces, and the subscriptions to its containers. Its events
// exist on the wire too; it tells them through Push.
type channel interface {
	subscribe(ctx context.Context, p *ContainerSubscription) error
	serve(ctx context.Context, req *Request) (Reply, error)
}

// newChannels lists what serves each channel type. There is no e-mail, chat or
// action item in the switch yet, so all are disabled.
func newChannels() map[string]channel {
	return map[string]channel{
		ChannelMessage: disabledChannel{"e-mail"},
		ChannelChat:    disabledChannel{"chat"},
		ChannelAction:  disabledChannel{"action item"},
	}
}

// channelOf tells the channel of an interface; the others belong to none.
var channelOf = map[Service]string{
	ServiceFolder: ChannelMessage, ServiceMessage: ChannelMessage,
	ServiceChatLine: ChannelChat, ServiceChatSession: ChannelChat,
	ServiceActionItem: ChannelAction,
}

// onChannel hands an operation to its interface's channel.
func (s *Server) onChannel(ctx context.Context, req *Request) (Reply, error) {
	return s.channels[channelOf[req.Op.Service()]].serve(ctx, req)
}

// disabledChannel is a channel that the switch does not have (DESIGN.md 3,
// decision 12): a CRM that is set up for it logs in and works without it.
// Lists are empty, subscriptions succeed and nothing ever happens; what names
// an item is told that there is none, and every action is refused.
type disabledChannel struct{ name string }

func (disabledChannel) subscribe(context.Context, *ContainerSubscription) error { return nil }

func (d disabledChannel) serve(_ context.Context, req *Request) (Reply, error) {
	service := req.Op.Service()
	switch req.Op {
	case OpGetMessages:
		return &Messages{}, nil
	case OpGetSessions:
		return &ChatSessions{}, nil
	case OpMessageGetAttributes, OpGetContent, OpChatGetAttributes, OpGetDialog:
		return nil, Refuse(service, CodeNoSuchItem, "no such item: this switch has no %s channel", d.name)
	default:
		return nil, Refuse(service, CodeDisabled, "the %s channel is disabled: this switch does not have it", d.name)
	}
}
