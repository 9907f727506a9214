package rest

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
)

//go:embed page
var pageFiles embed.FS

// pages adds the status page, the dialer's and those of the interfaces for other systems. They
// are the same for everybody but for the mode, which must be seen even where
// scripts are off.
func (s *Server) pages(mux *http.ServeMux) {
	for pattern, name := range map[string]string{"GET /{$}": "status.html", "GET /ici": "ici.html", "GET /ctips": "ctips.html", "GET /campaigns": "campaigns.html"} {
		var html bytes.Buffer
		err := template.Must(template.New(name).ParseFS(pageFiles, "page/interface.html", "page/"+name)).Execute(&html, struct {
			Version   string
			Simulated bool
		}{s.opts.Version, s.opts.Mode == ModeSimulated})
		if err != nil {
			s.opts.Logger.Error("rest: a page cannot be made", "page", name, "err", err)
		}
		s.plain(mux, pattern, serveBytes("text/html; charset=utf-8", html.Bytes()))
	}
	const script = "text/javascript; charset=utf-8"
	for name, contentType := range map[string]string{
		"status.css": "text/css; charset=utf-8", "common.js": script, "status.js": script, "interface.js": script, "ici.js": script, "ctips.js": script, "campaigns.js": script, "icon.svg": "image/svg+xml",
	} {
		b, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			s.opts.Logger.Error("rest: a part of a page is missing", "err", err)
		}
		s.plain(mux, "GET /static/"+name, serveBytes(contentType, b))
	}
}
