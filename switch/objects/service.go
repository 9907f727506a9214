package objects

import "context"

// Apply asks for a file to be brought into force.
type Apply struct {
	YAML   []byte
	File   string // what findings call the file
	Prune  bool   // remove objects that the file's sections no longer have
	DryRun bool   // check and compare only
	By     string // who asks, for the records
	Expect int64  // the version that must be in force; 0: any
}

// Result is what an Apply did, or would do.
type Result struct {
	Diff    Diff  `json:"diff" doc:"what changes"`
	Version int64 `json:"version" doc:"version of the objects that is in force now"`
	DryRun  bool  `json:"dry_run" doc:"nothing was changed"`
}

// Listing is a part of what is in force.
type Listing struct {
	Version int64          `json:"version" doc:"version of the objects that is in force"`
	Objects map[string]any `json:"objects" doc:"by section of the file: lists of objects, or one object, with every value"`
	YAML    string         `json:"yaml" doc:"the same as a file that can be applied, without what has its default"`
}

// Service keeps the objects. Methods may be called from any goroutine.
type Service interface {
	// Apply brings a file into force, as a whole or not at all. Errors: Invalid
	// (with a Problems cause where the file is wrong), Conflict when another
	// version than Expect is in force, Unavailable, Stopped.
	Apply(ctx context.Context, a Apply) (Result, error)
	// Get returns the objects of the given kinds (none: all); ids choose among
	// those of one kind. Errors: NotFound, Invalid, Unavailable, Stopped.
	Get(ctx context.Context, kinds []Kind, ids []string) (Listing, error)
}
