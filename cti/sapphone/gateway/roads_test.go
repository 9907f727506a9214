package gateway

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"

	"strowger/cti/sapphone"
	"strowger/cti/sapphone/typet"
)

// result is an answer as its caller reads it, by names.
type result struct {
	values map[string]string
	tables map[string][]map[string]string
}

// road is a way on which SAP calls functions: NAME=VALUE is a parameter,
// NAME:COLUMN=VALUE|COLUMN=VALUE a line of a table, NAME: a table without lines.
type road func(ctx context.Context, function string, params ...string) (result, error)

// given is such a call taken apart.
type given struct {
	imports [][2]string
	tables  map[string][][][2]string
}

func takeApart(params []string) given {
	g := given{tables: map[string][][][2]string{}}
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		table, column, isTable := strings.Cut(name, ":")
		if !isTable {
			g.imports = append(g.imports, [2]string{name, value})
			continue
		}
		if column == "" {
			g.tables[table] = nil
			continue
		}
		var line [][2]string
		for _, cell := range strings.Split(p[len(table)+1:], "|") {
			column, value, _ := strings.Cut(cell, "=")
			line = append(line, [2]string{column, value})
		}
		g.tables[table] = append(g.tables[table], line)
	}
	return g
}

// soapRoad posts SOAP-RFC as a program of another maker would write it.
func soapRoad(url string) road {
	return func(ctx context.Context, function string, params ...string) (result, error) {
		var b strings.Builder
		leaf := func(name, value string) {
			fmt.Fprintf(&b, "<%s>", name)
			_ = xml.EscapeText(&b, []byte(value)) // a Builder takes everything
			fmt.Fprintf(&b, "</%s>", name)
		}
		fmt.Fprintf(&b, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><n:%s xmlns:n="urn:sap-com:document:sap:rfc:functions">`, function)
		g := takeApart(params)
		for _, p := range g.imports {
			leaf(p[0], p[1])
		}
		for name, lines := range g.tables {
			fmt.Fprintf(&b, "<%s>", name)
			for _, line := range lines {
				b.WriteString("<item>")
				for _, cell := range line {
					leaf(cell[0], cell[1])
				}
				b.WriteString("</item>")
			}
			fmt.Fprintf(&b, "</%s>", name)
		}
		fmt.Fprintf(&b, "</n:%s></s:Body></s:Envelope>", function)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(b.String()))
		if err != nil {
			return result{}, err
		}
		req.Header.Set("Content-Type", "text/xml; charset=utf-8")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return result{}, err
		}
		defer func() { _ = resp.Body.Close() }() // it is read to its end
		return readSOAP(resp.Body)
	}
}

// element is XML as it comes.
type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

func readSOAP(from io.Reader) (result, error) {
	var env element
	if err := xml.NewDecoder(from).Decode(&env); err != nil {
		return result{}, err
	}
	answer := env.Children[0].Children[0]
	if answer.XMLName.Local == "Fault" {
		return result{}, fmt.Errorf("fault %+v", answer)
	}
	out := result{map[string]string{}, map[string][]map[string]string{}}
	for _, p := range answer.Children {
		if len(p.Children) == 0 {
			out.values[p.XMLName.Local] = p.Text
			continue
		}
		for _, item := range p.Children {
			line := map[string]string{}
			for _, cell := range item.Children {
				line[cell.XMLName.Local] = cell.Text
			}
			out.tables[p.XMLName.Local] = append(out.tables[p.XMLName.Local], line)
		}
	}
	return out, nil
}

// typeTRoad calls over the classic wire.
func typeTRoad(r *rig, c *typet.Client) road {
	return func(ctx context.Context, function string, params ...string) (result, error) {
		fn, known := r.srv.Describe(function)
		if !known {
			return result{}, fmt.Errorf("there is no function %s", function)
		}
		in, err := wireCall(fn, function, takeApart(params))
		if err != nil {
			return result{}, err
		}
		reply, err := c.Call(ctx, in)
		if err != nil {
			return result{}, err
		}
		got, err := texts(fn, reply)
		if err != nil {
			return result{}, err
		}
		out := result{map[string]string{}, map[string][]map[string]string{}}
		for _, f := range got.Exports {
			out.values[f.Name] = f.Text
		}
		for _, t := range got.Tables {
			for _, row := range t.Rows {
				line := map[string]string{}
				for _, f := range row {
					line[f.Name] = f.Text
				}
				out.tables[t.Name] = append(out.tables[t.Name], line)
			}
		}
		return out, nil
	}
}

// wireCall asks for everything that the function has to tell.
func wireCall(fn *sapphone.Function, name string, g given) (typet.Call, error) {
	in := typet.Call{Function: name}
	for _, i := range g.imports {
		p := fn.Param(i[0])
		col := column(p.Name, p.Type, p.Len)
		b, err := col.Append(nil, typet.LittleEndian, plain(p.Type, i[1]))
		if err != nil {
			return in, err
		}
		in.Imports = append(in.Imports, typet.Value{Name: p.Name, Data: b})
	}
	for _, p := range fn.Params {
		switch p.Dir {
		case sapphone.Export, sapphone.Changing:
			in.Wanted = append(in.Wanted, p.Name)
		case sapphone.Tables:
			t := typet.Table{Name: p.Name, Width: row(p.Columns).Width(typet.LittleEndian)}
			for _, line := range g.tables[p.Name] {
				b, err := row(p.Columns).Append(nil, typet.LittleEndian, cells(p.Columns, line))
				if err != nil {
					return in, err
				}
				t.Rows = append(t.Rows, b)
			}
			in.Tables = append(in.Tables, t)
		case sapphone.Import:
		}
	}
	return in, nil
}

func cells(columns []sapphone.Column, line [][2]string) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		for _, cell := range line {
			if cell[0] == c.Name {
				out[i] = cell[1]
			}
		}
	}
	return out
}

// plain is a date or a time without the signs that SOAP-RFC has between digits.
func plain(t sapphone.Type, value string) string {
	if t == sapphone.Dats || t == sapphone.Tims {
		return strings.NewReplacer("-", "", ":", "").Replace(value)
	}
	return value
}
