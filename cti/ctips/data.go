package ctips

import (
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"strowger/switch/callmodel"
)

// The twenty fields of user data are one application's part of a call's
// attached data.
const (
	dataApp    = "ctips"
	dataMedia  = "application/xml"
	dataFields = 20
)

// fields is the form in which user data is attached.
type fields struct {
	XMLName xml.Name `xml:"fields"`
	F       []field  `xml:"f"`
}

type field struct {
	N    int    `xml:"n,attr"`
	Text string `xml:",chardata"`
}

// attach is user data as attached data. Empty fields are left out.
func attach(values []string) callmodel.AttachedData {
	var x fields
	for i, v := range values {
		if v != "" {
			x.F = append(x.F, field{N: i + 1, Text: v})
		}
	}
	text, err := xml.Marshal(x)
	if err != nil {
		panic("ctips: fields: " + err.Error()) // strings and numbers alone
	}
	return callmodel.AttachedData{App: dataApp, Media: dataMedia, Data: string(text)}
}

// attached is the user data of a call, twenty values, or nil where it has none.
// What another program has put there and cannot be read is none.
func attached(data []callmodel.AttachedData) []string {
	i := slices.IndexFunc(data, func(d callmodel.AttachedData) bool { return d.App == dataApp })
	if i < 0 || data[i].Data == "" {
		return nil
	}
	var x fields
	if xml.Unmarshal([]byte(data[i].Data), &x) != nil {
		return nil
	}
	values := make([]string, dataFields)
	for _, f := range x.F {
		if f.N >= 1 && f.N <= dataFields {
			values[f.N-1] = f.Text
		}
	}
	return values
}

// dataNode is the user data of a call as it is attached, to see whether it has changed.
func dataNode(data []callmodel.AttachedData) string {
	for i := range data {
		if data[i].App == dataApp {
			return data[i].Data
		}
	}
	return ""
}

// items is the user data of a call in an event: all twenty fields, or nil.
func (r *rules) items(data []callmodel.AttachedData) []CallDataItem {
	values := attached(data)
	if values == nil {
		return nil
	}
	out := make([]CallDataItem, dataFields)
	for i, v := range values {
		out[i] = CallDataItem{Key: r.dataName(i), Value: cut(v, r.DataLength)}
	}
	return out
}

// dataName is the key of a field.
func (r *rules) dataName(i int) string {
	if i < len(r.DataNames) && r.DataNames[i] != "" {
		return r.DataNames[i]
	}
	return "UserData" + strconv.Itoa(i+1)
}

// checkData says what is wrong with user data from a client, or nothing.
func (r *rules) checkData(values []string) string {
	if len(values) > dataFields {
		return "UserData has more than " + strconv.Itoa(dataFields) + " items"
	}
	for i, v := range values {
		if utf8.RuneCountInString(v) > r.DataLength {
			return "item " + strconv.Itoa(i+1) + " of UserData has more than " + strconv.Itoa(r.DataLength) + " characters"
		}
	}
	return ""
}

// entries is what a request's UserData does to a call's attached data: nil
// leaves it, an empty list removes it.
func entries(values []string) []callmodel.AttachedData {
	switch {
	case values == nil:
		return nil
	case len(values) == 0:
		return []callmodel.AttachedData{{App: dataApp}}
	}
	return []callmodel.AttachedData{attach(values)}
}

// cut shortens a text to so many characters. Clients refuse longer ones with
// everything around them.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	at := 0
	for i := range s {
		if at == n {
			return strings.Clone(s[:i])
		}
		at++
	}
	return s
}
