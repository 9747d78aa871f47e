// Package intervene finds out what a network uses: it changes units while the
// network reads and measures what becomes of its predictions. "Encoded" is not
// "used": a unit can follow quotes perfectly while nothing reads it.
//
// An Intervention is a value that can be written as JSON and replayed: a site, units of
// it, what happens to them and where. Hooks apply interventions through a hook
// (rnn.Hook), a different set for every row of a batch.
//
// For a concept c and a unit u, after docs/methods.md (d):
//
//	P_c     positions where the concept matters for the next character
//	M_c     the other positions, weighted to P_c's current characters and base losses
//	E(u,P)  mean over P of [loss with the intervention - loss without], in nats
//	D(u,c)  E(u,P_c) - E(u,M_c)
//
// Contexts are learned on the training part, everything that is chosen comes from
// validation, everything that is reported from test.
//
// Legend: T steps, B rows of a batch, V symbols, H units, C concepts, S segments
// (windows of test text), W characters of a window.
package intervene
