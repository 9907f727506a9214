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

func newAsterisk(cfg *config.Config, log *slog.Logger, alive func() bool) (*asterisk, error) {
	a := cfg.Asterisk
	l, err := link.New(link.Options{
		Stream: link.Config{URL: ARIRoot(a.ARIURL), User: a.ARIUser, Password: a.ARIPassword.Reveal(), App: a.App},
		Node:   callmodel.NodeID(a.Node), MaxInFlight: a.RESTInFlight, Timeout: a.RESTTimeout, Alive: alive, Logger: log,
	})
	if err != nil {
		return nil, err
	}
	return &asterisk{l}, nil
}

// ARIRoot is where ARI is found below asterisk.ari_url.
func ARIRoot(url string) string { return strings.TrimRight(url, "/") + "/ari" }
