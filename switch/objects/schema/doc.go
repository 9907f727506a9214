// Package schema reads YAML files that people write, strictly, and explains
// what is wrong with them: file, line, column, key, what, what to do instead,
// and the key's documentation.
//
// Go structs are the only source of a file's form. Their field comments are
// the documentation; tags hold the rest: yaml = key; default, example = as
// written in YAML (lists separated by commas); jsonschema = bounds, a comma
// inside a pattern is written \\,; why = the bound in words; min, max = bounds
// of a duration.
// Fields are texts, whole numbers, true or false, durations, lists of texts,
// and structs and lists of structs of these.
//
// The road of a file: [Report.Parse] (YAML nodes with positions -> plain
// values with defaults) -> [Report.Diagnose] (JSON Schema) -> [Decode] ->
// [Report.Durations] and the caller's own checks. Aliases, anchors, tags and
// merge keys are refused; depth, values, entries and findings are bounded.
//
// The package knows no file of ours and reads none; it owns no goroutine.
package schema
