// Package finding is the one record of what was measured: a figure, what it was measured on
// (Subject), what it is (a row of the one table of metrics) and, where it carries a verdict, by
// which rules, with what budget and against which controls (Basis).
//
// Verdicts, kinds and offsets are fields with enumerated values. What a reader sees of them stands
// in lang/en.json and lang/zh.json, which the command line, the exports, the report and the page
// all read through Words.
package finding
