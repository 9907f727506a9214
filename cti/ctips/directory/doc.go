// Package directory asks an LDAP directory, such as Active Directory, who may
// open CTIPS sessions: the user's own name and password are tried there, and
// the groups that the user is in give the rights.
//
// Nothing is cached and no connection is kept: a login opens one and closes it.
package directory
