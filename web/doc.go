// Package web is the live page: every run of a directory in a browser, from one process on one
// port, offline. The server reads runs and lets their networks read; the page draws. Whatever
// can be computed is computed here or below, so page, report and commands say the same.
//
// Requests are small and answered at once, or streamed in pieces (arrays in the layout of
// frame.Write, or Server-Sent Events) and stopped when the client goes away. What takes long is
// a job: one of the program's own commands, run in one queue, with progress and a way to stop.
//
// Legend: T symbols of a passage, U units of a site, V symbols of an alphabet, L layers.
package web
