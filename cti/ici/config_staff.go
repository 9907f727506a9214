package ici

// StaffSettings say what a CRM may do with agents, and what it is told of them.
type StaffSettings struct {
	AutoUnsubscribe bool `json:"autoUnsubscribe"` // getAttributes ends the user's old subscriptions, default true (reference ICIUSER_AUTOMATIC_UNSUBSCRIBE)
}

func defaultStaffSettings() StaffSettings {
	return StaffSettings{AutoUnsubscribe: true}
}

func (*StaffSettings) validate() error { return nil }
