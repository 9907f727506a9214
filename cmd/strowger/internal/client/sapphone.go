package client

import (
	"context"

	"strowger/cti/rest"
)

// SAPphone describes the interface of RFC function modules.
func (c *Client) SAPphone(ctx context.Context) (rest.SAPphoneStatus, error) {
	return get[rest.SAPphoneStatus](ctx, c, "/api/v1/sapphone", nil)
}

// SAPphoneOrder asks for start, stop or reload.
func (c *Client) SAPphoneOrder(ctx context.Context, order string) (rest.SAPphoneStatus, error) {
	return send[rest.SAPphoneStatus](ctx, c, "/api/v1/sapphone/"+order, nil)
}
