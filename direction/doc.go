// Package direction says the states of a site in other coordinates: principal components, random rotations, and a
// dictionary with more entries than the site has units of which few are used at a time. Whatever asks
// something of units can ask it of directions too: States shows them as sites.
//
// Legend: N rows, H units of the site, M directions.
package direction
