package client

import (
	"context"

	"strowger/cti/rest"
)

// ICI describes the interface for CRM systems.
func (c *Client) ICI(ctx context.Context) (rest.ICIStatus, error) {
	return get[rest.ICIStatus](ctx, c, "/api/v1/ici", nil)
}

// ICIList reads one of its lists: clients, items, users, queues, subscriptions, trace.
func (c *Client) ICIList(ctx context.Context, name string) (rest.ICIList, error) {
	return get[rest.ICIList](ctx, c, "/api/v1/ici/"+name, nil)
}

// ICIOrder asks for start, stop, reload, trace or log-level, with its body or nil.
func (c *Client) ICIOrder(ctx context.Context, order string, body any) (rest.ICIStatus, error) {
	return send[rest.ICIStatus](ctx, c, "/api/v1/ici/"+order, body)
}
