// A part of the page as an SVG that other programs can open: its letters as text, its grounds and lines as rectangles, its figures inside.
import { standalone } from './save'

/** What is a tool and no part of a picture. */
const tools = '.save, .unseen, .tools, .turn, .notes, .wait, .marks, .heading > :not(h1), form, label, textarea, select, input, button:not(.link, .chip), details:not([open]) > :not(summary), [hidden]'

interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

const escaped = (s: string) => s.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
const seen = (colour: string) => colour !== 'transparent' && !/^rgba\(.*, 0\)$/.test(colour)
const meet = (a: Box, b: Box): Box => ({ left: Math.max(a.left, b.left), top: Math.max(a.top, b.top), right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom) })
const f = (x: number) => x.toFixed(1)

/** The lines of a text node: what stands in each, and where. */
function lines(node: Text): { text: string; box: DOMRect }[] {
  const range = document.createRange()
  range.selectNodeContents(node)
  const boxes = [...range.getClientRects()].filter((b) => b.width > 0)
  if (boxes.length === 0) return []
  const all = node.data
  if (boxes.length === 1) return [{ text: all, box: boxes[0]! }]
  const out: { text: string; box: DOMRect }[] = []
  let from = 0
  let at: DOMRect | null = null
  const end = (to: number) => {
    if (!at || to <= from) return
    range.setStart(node, from)
    range.setEnd(node, to)
    const box = [...range.getClientRects()].find((b) => b.width > 0)
    if (box) out.push({ text: all.slice(from, to), box })
  }
  for (let i = 0; i < all.length; i++) {
    range.setStart(node, i)
    range.setEnd(node, i + 1)
    const r = range.getBoundingClientRect()
    if (r.width === 0) continue
    if (!at || Math.abs(r.top - at.top) > 3) {
      end(i)
      from = i
      at = r
    }
  }
  end(all.length)
  return out
}

/** The picture of an element and all that is seen in it, with its size. */
export function pictureOf(root: HTMLElement): { svg: string; width: number; height: number } {
  const whole = root.getBoundingClientRect()
  const pad = 12
  const [x0, y0] = [whole.left - pad, whole.top - pad]
  const [width, height] = [Math.ceil(whole.width + 2 * pad), Math.ceil(whole.height + 2 * pad)]
  let s = ''
  const rect = (b: Box, fill: string, opacity = 1) => {
    if (b.right > b.left && b.bottom > b.top) s += `<rect x="${f(b.left - x0)}" y="${f(b.top - y0)}" width="${f(b.right - b.left)}" height="${f(b.bottom - b.top)}" fill="${fill}"${opacity < 1 ? ` fill-opacity="${opacity}"` : ''}/>`
  }
  const written = (node: Text, style: CSSStyleDeclaration, clip: Box) => {
    for (const { text, box } of lines(node)) {
      const middle = (box.top + box.bottom) / 2
      const said = text.replace(/\n/g, '')
      if (said.trim() === '' || middle < clip.top || middle > clip.bottom || box.left >= clip.right) continue
      const size = parseFloat(style.fontSize)
      s += `<text x="${f(box.left - x0)}" y="${f(middle + 0.35 * size - y0)}" fill="${style.color}" font-size="${f(size)}" font-family="${escaped(style.fontFamily)}" font-weight="${style.fontWeight}"${style.fontStyle === 'italic' ? ' font-style="italic"' : ''} style="white-space:pre">${escaped(said)}</text>`
    }
  }
  const ground = (e: Element, style: CSSStyleDeclaration, clip: Box) => {
    for (const b of e.getClientRects()) {
      const box = meet(b, clip)
      if (seen(style.backgroundColor)) rect(box, style.backgroundColor)
      // The lines under a place's text: one for each track, from above to below.
      if (e.closest('.place') && style.backgroundImage !== 'none') {
        const inks = [...style.backgroundImage.matchAll(/none|linear-gradient\((rgba?\([^)]*\))/g)]
        inks.forEach((m, k) => m[1] && rect({ left: box.left, right: box.right, top: b.bottom - 3 - 4 * (inks.length - 1 - k), bottom: b.bottom - 4 * (inks.length - 1 - k) }, m[1]))
      }
      for (const [side, line] of [
        ['Top', { ...box, left: box.left, right: box.right, top: b.top, bottom: b.top }],
        ['Bottom', { left: box.left, right: box.right, top: b.bottom, bottom: b.bottom }],
        ['Left', { left: b.left, right: b.left, top: box.top, bottom: box.bottom }],
        ['Right', { left: b.right, right: b.right, top: box.top, bottom: box.bottom }],
      ] as const) {
        const wide = parseFloat(style[`border${side}Width`])
        const ink = style[`border${side}Color`]
        if (!wide || style[`border${side}Style`] === 'none' || !seen(ink)) continue
        const grown = { left: line.left, top: line.top, right: line.right, bottom: line.bottom }
        if (side === 'Top') grown.bottom += wide
        if (side === 'Bottom') grown.top -= wide
        if (side === 'Left') grown.right += wide
        if (side === 'Right') grown.left -= wide
        rect(meet(grown, clip), ink)
      }
    }
  }
  // The sign before a verdict, a legend's colour: what the style sheet puts there without a letter.
  const sign = (e: Element, b: Box, clip: Box) => {
    const style = getComputedStyle(e, '::before')
    const [w, h] = [parseFloat(style.width), parseFloat(style.height)]
    if (style.content !== '""' || !w || b.top < clip.top || b.bottom > clip.bottom) return
    const line = parseFloat(style.borderTopWidth) || 0
    const fill = seen(style.backgroundColor) ? style.backgroundColor : 'none'
    const round = style.borderRadius.endsWith('%') ? w / 2 : parseFloat(style.borderRadius) || 0
    const y = (b.top + b.bottom) / 2 - (h || line) / 2
    s += `<rect x="${f(b.left - x0 + line / 2)}" y="${f(y - y0 + line / 2)}" width="${f(w - line)}" height="${f(Math.max(0.5, h - line))}" rx="${f(round)}" fill="${fill}"${line ? ` stroke="${style.borderTopColor}" stroke-width="${line}"` : ''}${style.borderTopStyle === 'dashed' ? ' stroke-dasharray="2 2"' : ''}/>`
  }
  const walk = (e: Element, clip: Box) => {
    if (e.matches(tools)) return
    const style = getComputedStyle(e)
    if (style.display === 'none' || style.visibility === 'hidden') return
    const b = e.getBoundingClientRect()
    if (e instanceof SVGSVGElement) {
      if (b.width > 0) s += `<g transform="translate(${f(b.left - x0)},${f(b.top - y0)})">${standalone(e).replace(/^<\?xml[^>]*>\s*/, '')}</g>`
      return
    }
    if (e instanceof HTMLCanvasElement) {
      s += `<image x="${f(b.left - x0)}" y="${f(b.top - y0)}" width="${f(b.width)}" height="${f(b.height)}" preserveAspectRatio="none" href="${e.toDataURL('image/png')}"/>`
      return
    }
    ground(e, style, clip)
    if (e instanceof HTMLElement && e.getClientRects()[0]) sign(e, e.getClientRects()[0]!, clip)
    const within = style.overflowX === 'visible' && style.overflowY === 'visible' ? clip : meet(clip, b)
    for (const c of e.childNodes) {
      if (c instanceof Text) written(c, style, within)
      else if (c instanceof Element) walk(c, within)
    }
  }
  walk(root, { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity })
  const paper = getComputedStyle(document.body).backgroundColor
  return { svg: `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${paper}"/>${s}</svg>`, width, height }
}
