// Package configs holds the Asterisk configuration that ships with Strowger:
// the snippets that a site copies beside its own files, and the complete set
// that the sandboxed Asterisk of tests, demo and benchmarks runs on. The
// sandbox includes the snippets, so what a site copies is what is tested.
//
// The files are text/template; [Values] names every variable, and [Render],
// [SiteFiles] and [SandboxFiles] fill them in. The package reads no file, no
// environment and starts no goroutine.
package configs
