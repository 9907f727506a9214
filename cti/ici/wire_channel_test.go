package ici

import "time"

func sampleMessage() Message {
	return Message{
		Folder: "INBOX", Subject: "a & b", MessageID: "0F1E2D3C4B5A69788796A5B4C3D2E1F0", ProcessingStatus: ProcessingStatus(Active),
		Originator: "kunde@example.com", MessageText: "line\nline", Attachments: []string{"a.pdf"}, MessageStatus: TextElement{"201", "Accepted"},
		CapabilityList: []int{3, 4}, AttachedData: sampleCall().AttachedData, OriginalMessageID: "m0", Notification: true, Read: true, Forwarded: true,
	}
}

func sampleChat() ChatSession {
	return ChatSession{
		Title: "t", ChatLineID: "mueller@example.com", ChatSessionID: "0F1E2D3C4B5A69788796A5B4C3D2E1F0", ProcessingStatus: ProcessingStatus(Active),
		CapabilityList: []int{3, 301}, AttachedData: sampleCall().AttachedData, ChatStatus: TextElement{"301", "Connected"},
		ChatParticipants: []string{"kunde@example.com"},
	}
}

func samplePosting() ChatPosting {
	return ChatPosting{"0F1E2D3C4B5A69788796A5B4C3D2E1F0", "20260302090000", "kunde@example.com", "hello & <bye>", true}
}

func sampleActionItem() ActionItem {
	return ActionItem{
		SystemID: "Q", Client: "506", RequestID: "000001", ProcessID: "FOL1", ActionItemID: "i", ActionItemInboxID: "b", AttachedData: sampleCall().AttachedData,
		CapabilityList: []int{1, 2, 3, 6}, ProcessingStatus: ProcessingStatus(Active), ActionItemStatus: TextElement{"3", "Alerting"},
		ActionItemAttributes: []Attribute{{"SUBJECT", "about"}, {"SENSITIVITY", ""}},
	}
}

func sampleRecording() CallRecording {
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	return CallRecording{
		"0F1E2D3C4B5A69788796A5B4C3D2E1F0", "MUELLER", at.Add(time.Hour), at, at.Add(time.Minute), "+4917055501", "+49301000600", "2026/03/02/x.wav",
	}
}
