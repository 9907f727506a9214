package typet

import (
	"net/netip"
	"time"

	"strowger/switch/fault"
)

// Config configures a [Listener]. Zero values mean the defaults.
type Config struct {
	// Listen is the address, ":3388" for gateway service sapgw88.
	Listen string
	// Allow lists the networks that may connect. Empty refuses everybody.
	Allow []netip.Prefix

	MaxConnections int // of all peers, and conversations on them: one for each parked call (default 2,500)
	MaxPerPeer     int // of one address (default MaxConnections: an application server parks for all its agents)
	MaxFrame       int // bytes of a frame (default 1 MiB)
	MaxMessage     int // bytes of a message in several frames, and of its tables' rows (default 4 MiB)
	MaxRows        int // of all tables of a message (default 20,000)
	MaxFields      int // of a message (default 60,000)
	MaxMemory      int // bytes of large frames and messages of all connections (default 64 MiB)

	Handshake time.Duration // from the connection to the first call (default 30 s)
	Idle      time.Duration // between two calls (default 30 min)
	Frame     time.Duration // from a frame's first byte to its last (default 30 s)
	Write     time.Duration // for a peer that does not read (default 15 s)
}

const opConfig = "typet: config"

func (c Config) filled() (Config, error) {
	for _, d := range []struct {
		to       *int
		def, max int
		name     string
	}{
		{&c.MaxConnections, 2500, 100_000, "MaxConnections"},
		{&c.MaxFrame, 1 << 20, 16 << 20, "MaxFrame"},
		{&c.MaxMessage, 4 << 20, 64 << 20, "MaxMessage"},
		{&c.MaxRows, 20_000, 1_000_000, "MaxRows"},
		{&c.MaxFields, 60_000, 4_000_000, "MaxFields"},
		{&c.MaxMemory, 64 << 20, 4 << 30, "MaxMemory"},
	} {
		if *d.to == 0 {
			*d.to = d.def
		}
		if *d.to < 1 || *d.to > d.max {
			return c, fault.Newf(fault.Invalid, opConfig, d.name, "%d is not between 1 and %d", *d.to, d.max)
		}
	}
	if c.MaxPerPeer == 0 {
		c.MaxPerPeer = c.MaxConnections
	}
	if c.MaxPerPeer < 1 || c.MaxPerPeer > c.MaxConnections {
		return c, fault.Newf(fault.Invalid, opConfig, "MaxPerPeer", "%d is not between 1 and MaxConnections (%d)", c.MaxPerPeer, c.MaxConnections)
	}
	for _, d := range []struct {
		to   *time.Duration
		def  time.Duration
		name string
	}{
		{&c.Handshake, 30 * time.Second, "Handshake"},
		{&c.Idle, 30 * time.Minute, "Idle"},
		{&c.Frame, 30 * time.Second, "Frame"},
		{&c.Write, 15 * time.Second, "Write"},
	} {
		if *d.to == 0 {
			*d.to = d.def
		}
		if *d.to < 0 {
			return c, fault.Newf(fault.Invalid, opConfig, d.name, "%s is negative", *d.to)
		}
	}
	if c.Listen == "" {
		return c, fault.New(fault.Invalid, opConfig, "Listen", "an address is needed, such as :3388 for gateway service sapgw88")
	}
	return c, nil
}

func (c *Config) limits() limits {
	return limits{fields: c.MaxFields, rows: c.MaxRows, width: maxWidth, total: c.MaxMessage}
}
