package ici_test

import (
	"testing"

	"strowger/cti/ici"
)

// A CRM that is set up for other channels logs in and finds nothing there;
// what it wants done is refused in the area of the interface.
func TestDisabledChannels(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for _, channel := range []string{ici.ChannelMessage, ici.ChannelChat, ici.ChannelAction} {
		r.must(ici.OpContainerSubscribe, &ici.ContainerSubscription{AppURL: r.crm.URL, AppID: "x", ChannelType: channel, ContainerID: "anna@example.com"})
	}
	if n := r.srv.Push().Subscriptions.Load(); n != 0 {
		t.Errorf("%d subscriptions to channels that do not exist", n)
	}
	if l := r.must(ici.OpGetMessages, &ici.FolderRef{Folder: "INBOX"}).(*ici.Messages); len(l.List) != 0 {
		t.Errorf("messages %+v", l)
	}
	if l := r.must(ici.OpGetSessions, &ici.ChatLineRef{ChatLineID: "anna"}).(*ici.ChatSessions); len(l.List) != 0 {
		t.Errorf("chat sessions %+v", l)
	}
	for op, p := range map[ici.Op]ici.Params{
		ici.OpMessageGetAttributes: &ici.MessageRef{MessageID: noItem}, ici.OpGetContent: &ici.MessageRef{MessageID: noItem},
	} {
		r.refused("6/2", op, p)
	}
	for op, p := range map[ici.Op]ici.Params{
		ici.OpChatGetAttributes: &ici.ChatRef{ChatSessionID: noItem}, ici.OpGetDialog: &ici.ChatSessionRef{ChatSessionID: noItem},
	} {
		r.refused("7/2", op, p)
	}
	for op, p := range map[ici.Op]ici.Params{
		ici.OpSetContent: &ici.MessageContent{MessageID: noItem}, ici.OpDeleteMessage: &ici.MessageRef{MessageID: noItem},
		ici.OpSendMessage: &ici.MessageSending{MessageID: noItem}, ici.OpSetActionFlags: &ici.MessageFlags{MessageID: noItem},
		ici.OpEndMessage: &ici.MessageRef{MessageID: noItem},
	} {
		r.refused("6/3", op, p)
	}
	for op, p := range map[ici.Op]ici.Params{
		ici.OpInvite: &ici.ChatInvitation{ChatSessionID: noItem}, ici.OpLeave: &ici.ChatRef{ChatSessionID: noItem},
		ici.OpPostMessage: &ici.ChatText{ChatSessionID: noItem, ContentText: "hello"},
	} {
		r.refused("7/3", op, p)
	}
	r.refused("8/3", ici.OpRoute, &ici.Routing{ItemData: ici.ActionItem{RequestID: "1"}})
}
