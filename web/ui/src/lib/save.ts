// Downloads: what is seen as a picture, what it was made of as data.

export function download(name: string, type: string, content: BlobPart) {
  const a = document.createElement('a')
  a.href = URL.createObjectURL(new Blob([content], { type }))
  a.download = name
  a.click()
  setTimeout(() => URL.revokeObjectURL(a.href), 10_000)
}

/** Rows as CSV (RFC 4180). */
export function csv(rows: (string | number | null | undefined)[][]): string {
  const cell = (x: string | number | null | undefined) => {
    const s = x === null || x === undefined || (typeof x === 'number' && !Number.isFinite(x)) ? '' : String(x)
    return /[",\r\n]/.test(s) ? '"' + s.replaceAll('"', '""') + '"' : s
  }
  return rows.map((r) => r.map(cell).join(',')).join('\r\n') + '\r\n'
}

const kept = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-opacity', 'font-size', 'font-family', 'font-weight', 'text-anchor', 'opacity', 'dominant-baseline']

/** An SVG as a file of its own: the colours and letters of the page are written into it. */
export function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement
  const from = [svg, ...svg.querySelectorAll('*')]
  const to = [copy, ...copy.querySelectorAll('*')]
  from.forEach((e, i) => {
    const style = getComputedStyle(e)
    for (const k of kept) {
      const v = style.getPropertyValue(k)
      if (v) to[i]!.setAttribute(k, v)
    }
    to[i]!.removeAttribute('class')
    to[i]!.removeAttribute('style')
  })
  const box = svg.getBoundingClientRect()
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(Math.round(box.width)))
  copy.setAttribute('height', String(Math.round(box.height)))
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  ground.setAttribute('width', '100%')
  ground.setAttribute('height', '100%')
  ground.setAttribute('fill', getComputedStyle(document.body).backgroundColor)
  copy.insertBefore(ground, copy.firstChild)
  return '<?xml version="1.0" encoding="UTF-8"?>\n' + new XMLSerializer().serializeToString(copy)
}

export function savePNG(svg: SVGSVGElement, name: string) {
  const box = svg.getBoundingClientRect()
  paintSVG(standalone(svg), box.width, box.height, name)
}

/** A canvas as an SVG: its pixels in a picture of its size on the page. */
export function framedCanvas(canvas: HTMLCanvasElement): string {
  const box = canvas.getBoundingClientRect()
  const [w, h] = [Math.round(box.width), Math.round(box.height)]
  return `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}"><image width="${w}" height="${h}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${canvas.toDataURL('image/png')}"/></svg>`
}

const escaped = (s: string) => s.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)

/** A coloured passage as an SVG: what is seen of each symbol on its ground, where it stands on the page. */
export function passageSVG(box: HTMLElement): string {
  const from = box.getBoundingClientRect()
  const style = getComputedStyle(box)
  const [x0, y0] = [from.left, from.top - box.scrollTop]
  const ground = getComputedStyle(document.body).backgroundColor
  let s = ''
  for (const cell of box.children) {
    const look = getComputedStyle(cell)
    const text = (cell.textContent ?? '').replaceAll('\n', '')
    for (const r of cell.getClientRects()) {
      const [x, y] = [(r.left - x0).toFixed(1), r.top - y0]
      if (look.backgroundColor !== 'rgba(0, 0, 0, 0)') s += `<rect x="${x}" y="${y.toFixed(1)}" width="${r.width.toFixed(1)}" height="${r.height.toFixed(1)}" fill="${look.backgroundColor}"/>`
      if (text.trim()) s += `<text x="${x}" y="${(y + 0.76 * r.height).toFixed(1)}" fill="${look.color}">${escaped(text)}</text>`
      break
    }
  }
  const [w, h] = [Math.round(from.width), Math.round(box.scrollHeight)]
  return `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" font-family="${escaped(style.fontFamily)}" font-size="${style.fontSize}"><rect width="100%" height="100%" fill="${ground}"/>${s}</svg>`
}

/** An SVG drawn twice as large into a PNG. */
export function paintSVG(svg: string, w: number, h: number, name: string) {
  const image = new Image()
  image.onload = () => {
    const canvas = document.createElement('canvas')
    canvas.width = w * 2
    canvas.height = h * 2
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    saveCanvas(canvas, name)
  }
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(svg)
}

export function saveCanvas(canvas: HTMLCanvasElement, name: string) {
  canvas.toBlob((b) => b && download(name + '.png', 'image/png', b), 'image/png')
}
