package ici

import "time"

// Defaults and limits of [MonitorSettings].
const (
	DefaultMonitorSubscriptions = 200
	DefaultMonitorInterval      = 5 * time.Second
	maxMonitorInterval          = time.Hour
)

// MonitorSettings bound what IciMonitor may ask for.
type MonitorSettings struct {
	MonitorSubscriptions int           `json:"monitorSubscriptions"` // to forms, default 200; 0: none
	MonitorInterval      time.Duration `json:"monitorInterval"`      // shortest time between two messages of one, default 5 s
}

func defaultMonitorSettings() MonitorSettings {
	return MonitorSettings{MonitorSubscriptions: DefaultMonitorSubscriptions, MonitorInterval: DefaultMonitorInterval}
}

func (s *MonitorSettings) validate() error {
	switch {
	case s.MonitorSubscriptions < 0:
		return wrong("monitorSubscriptions", "must not be less than zero")
	case s.MonitorInterval < time.Second || s.MonitorInterval > maxMonitorInterval:
		return wrong("monitorInterval", "must be between 1 s and 1 h")
	}
	return nil
}
