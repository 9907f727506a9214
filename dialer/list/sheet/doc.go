// Package sheet reads and writes workbooks (XLSX) row by row, in bounded memory
// whatever the file says about itself. It is the only package that knows
// excelize.
package sheet
