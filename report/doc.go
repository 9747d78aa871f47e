// Package report renders a run as one self-contained HTML page, in English or Chinese, that needs no network, reads on a
// phone, follows the reader's light or dark theme and works without JavaScript; and writes its figures as SVG and PNG.
//
// The page is made of sections. Each takes the views of the run it is about (content.Data), says in plain sentences what they
// show, computed from the figures themselves, and is left out or says so when its view was never made. Everything
// that comes from a text or a network is data: it passes through html/template or html.EscapeString, never into markup.
//
// Room content reads what a report speaks of, page is what the page is made of, with its words (page/lang) and script
// (page/ui), units the sections on concepts and single units.
//
// Legend: T characters of a passage, H units.
package report
