package client

import (
	"context"

	"strowger/cti/rest"
)

// CTIPS describes the interface for applications of CTI Portal Server.
func (c *Client) CTIPS(ctx context.Context) (rest.CTIPSStatus, error) {
	return get[rest.CTIPSStatus](ctx, c, "/api/v1/ctips", nil)
}

// CTIPSSessions lists the sessions of client applications.
func (c *Client) CTIPSSessions(ctx context.Context) (rest.CTIPSSessions, error) {
	return get[rest.CTIPSSessions](ctx, c, "/api/v1/ctips/sessions", nil)
}

// CloseCTIPSSession ends a session.
func (c *Client) CloseCTIPSSession(ctx context.Context, id string) (rest.CTIPSStatus, error) {
	return send[rest.CTIPSStatus](ctx, c, "/api/v1/ctips/sessions/"+id+"/close", nil)
}

// ReloadCTIPS has the configuration file read again.
func (c *Client) ReloadCTIPS(ctx context.Context) (rest.CTIPSStatus, error) {
	return send[rest.CTIPSStatus](ctx, c, "/api/v1/ctips/reload", nil)
}
