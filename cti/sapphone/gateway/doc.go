// Package gateway serves SAPphone's functions on the classic RFC wire: it
// joins the listeners of typet to a sapphone.Dispatcher, one for each address
// that the server side's connection strings name.
//
//	SM59 destination, type T --RFC--> typet.Listener --> values.go --> sapphone.Dispatcher
//
// On the wire a value is bytes that only the function's interface can read;
// the dispatcher takes texts. So values.go needs the metadata, and that is all
// that it knows. What a caller passes beyond the interface is left out, and so
// is what it did not ask for: exports that were not named, tables that were
// not passed. A table comes back in the width that the caller gave it, so that
// an older or newer release of its line's structure does no harm.
//
// It is as experimental as typet; its documentation says what is proven.
//
// The package owns no goroutine: the listeners do, between Start and Stop.
package gateway
