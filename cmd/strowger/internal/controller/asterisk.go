package controller

import (
	"log/slog"
	"strings"

	"strowger/ari/link"
	"strowger/cmd/strowger/internal/config"
	"strowger/switch/callmodel"
)

// asterisk is the Asterisk backend.
type asterisk struct{ *link.Link }

// newAsterisk makes the backend; phones names the endpoints to watch, whenever
// it is asked.
func newAsterisk(cfg *config.Config, log *slog.Logger, alive func() bool, phones func() []string) (*asterisk, error) {
	a := cfg.Asterisk
	l, err := link.New(link.Options{
		Stream: link.Config{URL: ARIRoot(a.ARIURL), User: a.ARIUser, Password: a.ARIPassword.Reveal(), App: a.App},
		Node:   callmodel.NodeID(a.Node), MaxInFlight: a.RESTInFlight, Timeout: a.RESTTimeout, Alive: alive, Logger: log,
		Endpoints: phones, ToneZone: a.ToneZone, Notify: notifyOf(a),
	})
	if err != nil {
		return nil, err
	}
	return &asterisk{l}, nil
}

// notifyOf is the account for talk-notify; zero: there is none.
func notifyOf(a config.Asterisk) link.NotifyConfig {
	if a.TalkNotify.User == "" {
		return link.NotifyConfig{}
	}
	return link.NotifyConfig{Addr: a.AMIAddr, User: a.TalkNotify.User, Secret: a.TalkNotify.Secret.Reveal()}
}

// ARIRoot is where ARI is found below asterisk.ari_url.
func ARIRoot(url string) string { return strings.TrimRight(url, "/") + "/ari" }
