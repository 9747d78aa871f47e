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
  const image = new Image()
  const box = svg.getBoundingClientRect()
  image.onload = () => {
    const canvas = document.createElement('canvas')
    canvas.width = box.width * 2
    canvas.height = box.height * 2
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    saveCanvas(canvas, name)
  }
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(standalone(svg))
}

export function saveCanvas(canvas: HTMLCanvasElement, name: string) {
  canvas.toBlob((b) => b && download(name + '.png', 'image/png', b), 'image/png')
}
