// Package results is what a run keeps of an analysis: read for a subject, and stored beside what earlier ones of the
// same subject said of other concepts and units, so that asking again loses nothing. The command, the demo and the
// library share it.
//
// What is stored is flushed by run.Run.Keep or Flush.
package results
