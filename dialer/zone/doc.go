// Package zone tells what time it may be at a telephone number: every time zone
// that the number can be in. Somebody is called only when the hour is right in
// all of them. It is asked for each number of an import, so what it finds out
// about the beginning of a number is remembered.
//
// In this order: the lead's own zone; the area code, together with the zones of
// the lead's state where numbers are taken along on a move (+1); all zones of
// the country for mobiles that tell nothing. Freephone and premium numbers are
// in no zone: without the lead's own zone they are never called.
//
// What area codes mean comes from github.com/nyaruka/phonenumbers, which has it
// from Google's libphonenumber; overrides.go has what is put right, and why.
package zone
