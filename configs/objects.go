package configs

import _ "embed"

//go:embed objects.example.yaml
var objectsExample []byte

//go:embed objects.start.yaml
var objectsStart []byte

// ObjectsExample is a file of configuration objects that shows every kind.
func ObjectsExample() []byte { return append([]byte(nil), objectsExample...) }

// ObjectsStart is the file of configuration objects that a new site begins with.
func ObjectsStart() []byte { return append([]byte(nil), objectsStart...) }
