package sapphone

import (
	"context"
	"slices"
	"strings"

	"strowger/cti/ici"
	"strowger/switch/callmodel"
)

const (
	mediaXML  = "application/xml"
	mediaText = "text/plain"
	// infoApplication keeps what the functions of the oldest interface store.
	infoApplication = "SAPPHONE_INFO"
	defaultWidth    = 255 // characters of a line of text
)

// dataWidth is how many characters a table's lines hold.
func dataWidth(b *bound, table, column string) int {
	if t := b.tables[table]; t != nil {
		if c, ok := t.columns[column]; ok && c.Len > 0 {
			return c.Len
		}
	}
	return defaultWidth
}

// splitText cuts a text into lines. ABAP drops blanks at the end of a line, so
// no line ends with one where that can be helped.
func splitText(text string, width int) []string {
	var out []string
	for text != "" {
		line := cut(text, width)
		if len(line) < len(text) {
			if kept := strings.TrimRight(line, " "); kept != "" && len(kept) < len(line) {
				kept = cut(kept, len([]rune(kept))-1)
				if kept != "" && !strings.HasSuffix(kept, " ") {
					line = kept
				}
			}
		}
		out = append(out, line)
		text = text[len(line):]
	}
	return out
}

// document is the text that a table of lines holds.
func (q *query) document(table string) string {
	var b strings.Builder
	for _, row := range q.args.rows(table) {
		b.WriteString(row["line"])
	}
	return b.String()
}

// getCallInfo reads the data that travel with a call: all, or one application's.
func (s *Server) getCallInfo(ctx context.Context, q *query) error {
	i, err := q.item(ctx, "handle", codeHandle)
	if err != nil {
		return err
	}
	text := s.board.data(i)
	if app := q.args.text("appl"); app != "" {
		parts, err := ici.SplitAttachedData(text, len(text))
		if err != nil {
			return err
		}
		n := slices.IndexFunc(parts, func(a ici.Application) bool { return strings.EqualFold(a.ID, app) })
		if n < 0 {
			return refuse(codeNoCallData, "the call has no data of application %q", short(app))
		}
		text = parts[n].XML
	}
	if text == "" {
		return refuse(codeNoCallData, "the call has no data")
	}
	q.out.set("length", decimal(int64(len([]rune(text)))))
	q.out.table("calldata")
	for _, line := range splitText(text, dataWidth(q.b, "calldata", "line")) {
		q.out.row("calldata", map[string]string{"line": line})
	}
	return nil
}

// setCallInfo replaces the whole document, or one application's part of it.
func (s *Server) setCallInfo(ctx context.Context, q *query) error {
	i, err := q.item(ctx, "handle", codeHandle)
	if err != nil {
		return err
	}
	text := q.document("calldata")
	if app := q.args.text("appl"); app != "" {
		return s.setPart(ctx, q, i, callmodel.AttachedData{App: app, Media: mediaXML, Data: text})
	}
	entries, err := s.board.entries(text, i.call.Attached)
	if err != nil {
		return refuse(codeCallDataInvalid, "%v", err)
	}
	return s.sw.Do(ctx, callmodel.SetData{Cmd: q.by(), Conn: i.id, Entries: entries, Replace: true})
}

// setPart replaces one application's part, or removes it where the text is empty.
func (s *Server) setPart(ctx context.Context, q *query, i *item, part callmodel.AttachedData) error {
	app, text := part.App, part.Data
	if strings.EqualFold(app, ici.OwnApplication) || strings.EqualFold(app, s.now().ApplicationID) {
		return refuse(codeCallDataInvalid, "this part is the switch's own")
	}
	if text == "" {
		return s.removePart(ctx, q, i, app)
	}
	const root = "<x>"
	if err := ici.CheckAttachedData(root+text+"</x>", s.now().CadMaxBytes); err != nil {
		return refuse(codeCallDataInvalid, "%v", err)
	}
	return s.sw.Do(ctx, callmodel.SetData{Cmd: q.by(), Conn: i.id, Entries: []callmodel.AttachedData{part}})
}

func (s *Server) removePart(ctx context.Context, q *query, i *item, app string) error {
	left := slices.DeleteFunc(slices.Clone(i.call.Attached), func(d callmodel.AttachedData) bool { return strings.EqualFold(d.App, app) })
	return s.sw.Do(ctx, callmodel.SetData{Cmd: q.by(), Conn: i.id, Entries: left, Replace: true})
}

// appendCallInfo adds to what is there: to one application's part, or of a whole
// document to each application's.
func (s *Server) appendCallInfo(ctx context.Context, q *query) error {
	i, err := q.item(ctx, "handle", codeHandle)
	if err != nil {
		return err
	}
	text := q.document("calldata")
	if app := q.args.text("appl"); app != "" {
		return s.setPart(ctx, q, i, ici.Appended(partOf(i.call.Attached, app), callmodel.AttachedData{App: app, Media: mediaXML, Data: text}))
	}
	entries, err := s.board.entries(text, nil)
	if err != nil {
		return refuse(codeCallDataInvalid, "%v", err)
	}
	for n := range entries {
		entries[n] = ici.Appended(partOf(i.call.Attached, entries[n].App), entries[n])
	}
	return s.sw.Do(ctx, callmodel.SetData{Cmd: q.by(), Conn: i.id, Entries: entries})
}

func partOf(have []callmodel.AttachedData, app string) callmodel.AttachedData {
	for _, d := range have {
		if d.App == app {
			return d
		}
	}
	return callmodel.AttachedData{}
}

func (s *Server) deleteCallInfo(ctx context.Context, q *query) error {
	i, err := q.item(ctx, "handle", codeHandle)
	if err != nil {
		return err
	}
	if app := q.args.text("appl"); app != "" {
		return s.removePart(ctx, q, i, app)
	}
	return s.sw.Do(ctx, callmodel.SetData{Cmd: q.by(), Conn: i.id, Replace: true})
}

// storeInfo keeps text with a call, as the interface before attached data did.
// It is an application's part like others, and its id is the call's handle.
func (s *Server) storeInfo(ctx context.Context, q *query) error {
	i, err := q.item(ctx, "handle", codeHandle)
	if err != nil {
		return err
	}
	q.out.set("info_id", i.id.Hex())
	return s.sw.Do(ctx, callmodel.SetData{Cmd: q.by(), Conn: i.id, Entries: []callmodel.AttachedData{
		{App: infoApplication, Media: mediaText, Data: q.document("info")},
	}})
}
