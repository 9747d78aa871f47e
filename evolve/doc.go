// Package evolve measures how what a network writes gets better while it
// learns: when to look (Schedule), what a sample shows (the skill figures of an
// Observer), and whether a skill came suddenly or slowly (Fit, METHODS (g)).
//
// Skill figures are pure functions of a sample and of facts about the training
// text; nothing of the network is looked at. Only those are measured that the
// training text itself has: an Observer decides that once.
//
// Legend: step counts optimiser updates; x = log10(1 + step), in decades.
package evolve
