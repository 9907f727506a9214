package client

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"strowger/cti/rest"
	"strowger/switch/fault"
)

const (
	lists   = "/api/v1/lists"
	imports = "/api/v1/imports"
	blocked = "/api/v1/dnc"
)

func listPath(id string) string { return lists + "/" + url.PathEscape(id) }

func importPath(no int64) string { return imports + "/" + strconv.FormatInt(no, 10) }

// Lists lists the lists of leads.
func (c *Client) Lists(ctx context.Context) (rest.ListList, error) {
	return get[rest.ListList](ctx, c, lists, nil)
}

// List returns one list.
func (c *Client) List(ctx context.Context, id string) (rest.List, error) {
	return get[rest.List](ctx, c, listPath(id), nil)
}

// CreateList makes a list.
func (c *Client) CreateList(ctx context.Context, r rest.ListRequest) (rest.List, error) {
	return send[rest.List](ctx, c, lists, r)
}

// RemoveList has nobody of a list called any more, or takes it away.
func (c *Client) RemoveList(ctx context.Context, id string, forGood bool) error {
	q := url.Values{}
	if forGood {
		q.Set("remove", "true")
	}
	return c.remove(ctx, listPath(id), q) // it takes as long as it takes
}

// ImportFile reads a file into a list; the query is that of POST /api/v1/lists/{id}/import.
func (c *Client) ImportFile(ctx context.Context, list string, q url.Values, file io.Reader) (rest.Import, error) {
	return upload[rest.Import](ctx, c, listPath(list)+"/import?"+q.Encode(), file)
}

// ExportList copies the leads of a list.
func (c *Client) ExportList(ctx context.Context, list, format string, w io.Writer) (int64, error) {
	return c.copied(ctx, listPath(list)+"/export?format="+url.QueryEscape(format), w)
}

// Imports lists files that were read, the newest first.
func (c *Client) Imports(ctx context.Context, list string) (rest.ImportList, error) {
	q := url.Values{}
	if list != "" {
		q.Set("list", list)
	}
	return get[rest.ImportList](ctx, c, imports, q)
}

// Import returns how far an import is.
func (c *Client) Import(ctx context.Context, no int64) (rest.Import, error) {
	return get[rest.Import](ctx, c, importPath(no), nil)
}

// OrderImport resumes or cancels an import.
func (c *Client) OrderImport(ctx context.Context, no int64, order string) (rest.Import, error) {
	return send[rest.Import](ctx, c, importPath(no)+"/"+order, nil)
}

// ImportErrors lists every row that an import has refused.
func (c *Client) ImportErrors(ctx context.Context, no int64) ([]rest.ImportError, error) {
	out := []rest.ImportError{}
	for after := int64(0); ; {
		page, err := get[rest.ImportErrors](ctx, c, importPath(no)+"/errors", url.Values{"after": {strconv.FormatInt(after, 10)}})
		if err != nil {
			return nil, err
		}
		out = append(out, page.Errors...)
		if after = page.Next; after == 0 {
			return out, nil
		}
	}
}

// Leads returns a page of leads; the query is that of GET /api/v1/leads.
func (c *Client) Leads(ctx context.Context, q url.Values) (rest.LeadList, error) {
	return get[rest.LeadList](ctx, c, "/api/v1/leads", q)
}

// PutLeads makes leads of a list, or changes those with the same ref.
func (c *Client) PutLeads(ctx context.Context, list string, leads []rest.LeadRequest) (rest.LeadsResult, error) {
	return send[rest.LeadsResult](ctx, c, listPath(list)+"/leads", rest.LeadsRequest{Leads: leads})
}

// Block puts numbers on the do-not-call list.
func (c *Client) Block(ctx context.Context, entries []rest.DoNotCall) (rest.DoNotCallResult, error) {
	return send[rest.DoNotCallResult](ctx, c, blocked, rest.DoNotCallRequest{Entries: entries})
}

// Unblock takes a number off it.
func (c *Client) Unblock(ctx context.Context, number, scope string) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	return c.remove(ctx, blocked, url.Values{"number": {number}, "scope": {scope}})
}

// Blocked lists the do-not-call list; the query is that of GET /api/v1/dnc.
func (c *Client) Blocked(ctx context.Context, q url.Values) (rest.DoNotCallList, error) {
	return get[rest.DoNotCallList](ctx, c, blocked, q)
}

// CheckNumber returns what forbids to call a number.
func (c *Client) CheckNumber(ctx context.Context, number string) (rest.DoNotCallList, error) {
	return get[rest.DoNotCallList](ctx, c, blocked+"/check", url.Values{"number": {number}})
}

// ImportBlocked reads a file of numbers that are not called.
func (c *Client) ImportBlocked(ctx context.Context, scope, source string, file io.Reader) (rest.BlockedResult, error) {
	q := url.Values{"scope": {scope}}
	if source != "" {
		q.Set("source", source)
	}
	return upload[rest.BlockedResult](ctx, c, blocked+"/import?"+q.Encode(), file)
}

// remove asks for something to go.
func (c *Client) remove(ctx context.Context, path string, q url.Values) error {
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	resp, err := c.open(ctx, http.MethodDelete, path, nil)
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // it is empty
	return nil
}

// upload sends a file as it is read. It takes as long as it takes.
func upload[T any](ctx context.Context, c *Client, path string, file io.Reader) (T, error) {
	var out T
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://strowger"+path, io.NopCloser(file))
	if err != nil {
		return out, fault.Wrap(fault.Internal, "client", path, err)
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	resp, err := c.answer(req)
	if err != nil {
		return out, err
	}
	defer func() { _ = resp.Body.Close() }() // everything of interest has been read
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&out); err != nil {
		return out, c.notUnderstood(err)
	}
	return out, nil
}
