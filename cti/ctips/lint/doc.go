// Package lint holds a service description to the rules by which WCF's
// generators (svcutil) choose the DataContractSerializer: where one is broken
// they fall back to another serializer, or write an empty client.
//
// It reads bytes as XML and knows no types of ours: it is the second pair of
// eyes for the table that writes the description, and serves the program that
// checks a running server.
package lint
