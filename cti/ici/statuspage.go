package ici

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"time"
)

// page shows the status to administrators who know such a page beside their
// interface. It has no controls and starts nothing.
var page = template.Must(template.New("status").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="60"><title>{{.Title}} ICI status</title></head>
<body><h1>{{.Title}} ICI status</h1><table>
<tr><td>Title</td><td>{{.Title}}</td></tr>
<tr><td>Version</td><td>{{.Version}}</td></tr>
<tr><td>Host id</td><td>{{.HostID}}</td></tr>
<tr><td>Application state</td><td>{{.State}}</td></tr>
<tr><td>Objects</td><td>Clients:{{.Clients}} Items:{{.Items}} Users:{{.Users}} Queues:{{.Queues}} Subs:{{.Subscriptions}}</td></tr>
<tr><td>Threads</td><td>SOAP:{{.Sending}}</td></tr>
<tr><td>Server time</td><td>{{.Now.Format "2006-01-02 15:04:05.000 MST"}}</td></tr>
<tr><td>Server UTC time</td><td>{{.Now.UTC.Format "2006-01-02 15:04:05.000"}}</td></tr>
<tr><td>Log statistics</td><td>ERR:{{.Log.Errors}} WRN:{{.Log.Warnings}} INF:{{.Log.Infos}}</td></tr>
<tr><td>Secure log</td><td>True</td></tr>
</table></body></html>
`))

// publicStatus is what the page shows: nothing that names a caller or a CRM.
type publicStatus struct {
	Title         string    `json:"title"`
	Version       string    `json:"version"`
	HostID        string    `json:"host_id"`
	State         string    `json:"state"`
	Clients       int       `json:"clients"`
	Items         int       `json:"items"`
	Users         int       `json:"users"`
	Queues        int       `json:"queues"`
	Subscriptions int       `json:"subscriptions"`
	SOAP          string    `json:"soap"`
	Time          time.Time `json:"time"`
}

func (s *Server) statusPage(w http.ResponseWriter, r *http.Request) {
	st := s.Status()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	var out bytes.Buffer
	kind, err := "text/html; charset=utf-8", error(nil)
	if r.URL.Query().Get("output") == "json" {
		kind = "application/json"
		err = json.NewEncoder(&out).Encode(publicStatus{
			Title: st.Title, Version: st.Version, HostID: st.HostID, State: st.State, Clients: st.Clients, Items: st.Items, Users: st.Users,
			Queues: st.Queues, Subscriptions: st.Subscriptions, SOAP: st.Sending.String(), Time: st.Now.UTC(),
		})
	} else {
		err = page.Execute(&out, st)
	}
	if err != nil {
		s.log.Error("ici: the status page could not be made", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(out.Bytes()) // a peer that left is no news
}
