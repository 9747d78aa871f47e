// Package table sets results in the tables and sentences that commands print: columns
// aligned by display width, numbers with their intervals, what the words mean below.
package table
