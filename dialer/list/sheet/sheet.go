package sheet

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"strowger/switch/fault"
)

const (
	// maxUnpacked is how much a workbook may unpack to; excelize counts it before it does.
	maxUnpacked = 1 << 30
	// maxPart is from which size on a part is unpacked to a file rather than to memory.
	maxPart = 16 << 20
	// maxCell is the most bytes of a row that are taken.
	maxRow = 64 << 10
	// MaxRows is how many rows a sheet has at most.
	MaxRows = excelize.TotalRows
)

// Reader reads the rows of one sheet.
type Reader struct {
	book *excelize.File
	rows *excelize.Rows
	line int64
}

// Open opens a sheet of a workbook; its first one if name is empty. Errors:
// Invalid when it is no workbook, would be too large, or has no such sheet.
func Open(path, name string) (*Reader, error) {
	const op = "workbook: open"
	book, err := excelize.OpenFile(path, excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxPart, RawCellValue: true})
	if err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Op: op, Reason: "this is no workbook that can be read (XLSX, at most 1 GiB unpacked, without a password)", Err: err}
	}
	names := book.GetSheetList()
	if name == "" && len(names) > 0 {
		name = names[0]
	}
	if !slices.Contains(names, name) {
		return nil, errors.Join(fault.Newf(fault.Invalid, op, "", "there is no sheet %q; there are: %s", name, strings.Join(names, ", ")), book.Close())
	}
	rows, err := book.Rows(name)
	if err != nil {
		return nil, errors.Join(fault.Wrap(fault.Invalid, op, name, err), book.Close())
	}
	return &Reader{book: book, rows: rows}, nil
}

// Read returns the next row that is not empty and its line in the sheet, from 1;
// io.EOF behind the last. tooLong: its cells are left out. Dates are numbers of days.
func (r *Reader) Read() (cells []string, line int64, tooLong bool, err error) {
	for r.rows.Next() {
		r.line++
		cells, err = r.rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, r.line, false, fault.Wrap(fault.Invalid, "workbook: read", "", err)
		}
		size, empty := 0, true
		for i, c := range cells {
			cells[i] = strings.TrimSpace(c)
			size += len(c)
			empty = empty && cells[i] == ""
		}
		if size > maxRow {
			return nil, r.line, true, nil
		}
		if !empty {
			return cells, r.line, false, nil
		}
	}
	if err := r.rows.Error(); err != nil {
		return nil, r.line, false, fault.Wrap(fault.Invalid, "workbook: read", "", err)
	}
	return nil, r.line, false, io.EOF
}

// Close lets go of the workbook and of what was unpacked.
func (r *Reader) Close() error { return errors.Join(r.rows.Close(), r.book.Close()) }

// Writer writes one sheet.
type Writer struct {
	book   *excelize.File
	stream *excelize.StreamWriter
	line   int
}

// NewWriter begins a workbook with one sheet.
func NewWriter() (*Writer, error) {
	book := excelize.NewFile()
	stream, err := book.NewStreamWriter(book.GetSheetName(0))
	if err != nil {
		return nil, errors.Join(fault.Wrap(fault.Unavailable, "workbook: write", "", err), book.Close())
	}
	return &Writer{book: book, stream: stream}, nil
}

// Write writes a row of texts: nothing in it is a formula.
func (w *Writer) Write(cells []string) error {
	if w.line++; w.line > MaxRows {
		return fault.Newf(fault.Unsupported, "workbook: write", "", "a sheet has at most %d rows: write CSV", MaxRows)
	}
	at, err := excelize.CoordinatesToCellName(1, w.line)
	if err != nil {
		return fault.Wrap(fault.Internal, "workbook: write", "", err)
	}
	row := make([]any, len(cells))
	for i, c := range cells {
		row[i] = excelize.Cell{Value: c}
	}
	return fault.Wrap(fault.Unavailable, "workbook: write", "", w.stream.SetRow(at, row))
}

// Finish writes the workbook to its place.
func (w *Writer) Finish(to io.Writer) error {
	err := w.stream.Flush()
	if err == nil {
		err = w.book.Write(to)
	}
	return fault.Wrap(fault.Unavailable, "workbook: write", "", errors.Join(err, w.book.Close()))
}
