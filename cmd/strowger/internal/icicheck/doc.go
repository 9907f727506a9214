// Package icicheck plays a CRM against a running ICI interface and reports,
// step by step, what works. It needs nothing but the interface's URL: no
// access to the controller. Without [Options.Act] it changes nothing for
// anybody.
//
// Every step ends as ok, warning, failed or skipped, with what to do. A step that others
// need and that fails ends the check.
package icicheck
