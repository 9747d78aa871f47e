// Package evolve measures how what a network writes gets better while it
// learns: when to look (Schedule), what a sample shows (the skill figures of an
// Observer), and whether a skill came suddenly or slowly (Fit, docs/methods.md, section 7).
//
// Skill figures are pure functions of a sample and of facts about the training
// text; nothing of the network is looked at. Only those are measured that the
// training text itself has: an Observer decides that once.
//
// Intervals of shares are Wilson's (1927), as if the cases were independent.
// Cases of one sample lean on each other, so a true interval is wider; draw
// several samples and compare their figures where that matters.
//
// Legend: step counts optimiser updates; x = log10(1 + step), in decades.
package evolve
