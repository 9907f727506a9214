package rest

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
)

//go:embed page
var pageFiles embed.FS

// pages adds the status page. The page itself is the same for everybody but
// for the mode, which must be seen even where scripts are off.
func (s *Server) pages(mux *http.ServeMux) {
	index := template.Must(template.ParseFS(pageFiles, "page/status.html"))
	var html bytes.Buffer
	err := index.Execute(&html, struct {
		Version   string
		Simulated bool
	}{s.opts.Version, s.opts.Mode == ModeSimulated})
	if err != nil {
		s.opts.Logger.Error("rest: the status page cannot be made", "err", err)
	}
	s.plain(mux, "GET /{$}", serveBytes("text/html; charset=utf-8", html.Bytes()))
	for name, contentType := range map[string]string{
		"status.css": "text/css; charset=utf-8", "status.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		b, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			s.opts.Logger.Error("rest: a part of the status page is missing", "err", err)
		}
		s.plain(mux, "GET /static/"+name, serveBytes(contentType, b))
	}
}
