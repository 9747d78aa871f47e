// A copy of chosen views, without a server: what the page asks for lies beside it in kept.js.

interface Kept {
  made: string
  version: string
  pages: { hash: string; run: string; view: string }[]
  answers: Record<string, ['j' | 'f' | 'e', string]>
}

declare global {
  interface Window {
    rnnscopeKept?: Kept
  }
}

/** The copy, null where a server answers. */
export const still: Kept | null = typeof window === 'undefined' ? null : (window.rnnscopeKept ?? null)

const plain = (address: string) => decodeURIComponent(address.replaceAll('+', ' '))

/** JSON with its keys in order. */
export function ordered(x: unknown): string {
  if (Array.isArray(x)) return '[' + x.map(ordered).join(',') + ']'
  if (x === null || typeof x !== 'object') return JSON.stringify(x)
  return '{' + Object.entries(x).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => JSON.stringify(k) + ':' + ordered(v)).join(',') + '}'
}

/** Under what name a request is kept. Which unit a passage is shown in at first, and what the page has of it, is left out. */
export function nameOf(method: string, address: string, body?: unknown): string {
  if (method === 'GET') return 'GET ' + plain(address)
  let of = body as Record<string, unknown>
  if (address.endsWith('/read')) {
    const { step, at, n, text } = of
    of = { step, at, n, ...(text === undefined ? {} : { text }) }
  }
  return 'POST ' + plain(address) + ' ' + ordered(of)
}

async function unpacked(packed: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0))
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer()
}

/** What the server said when the copy was made. */
export async function answer(method: string, address: string, body?: unknown): Promise<Response> {
  const name = nameOf(method, address, body)
  const kept = still!.answers[name]
  if (!kept) {
    console.warn('not in this copy: ' + name)
    return new Response(JSON.stringify({ detail: 'This copy does not have that; rnnscope serve does.' }), { status: 404 })
  }
  return new Response(await unpacked(kept[1]))
}

/** The events of a route, one after another. */
export async function events(address: string, each: (name: string, data: string) => void, gone: () => void) {
  const r = await answer('GET', address)
  if (!r.ok) return gone()
  for (const block of (await r.text()).split('\n\n')) {
    const lines = block.split('\n')
    const field = (k: string) => lines.filter((l) => l.startsWith(k + ': ')).map((l) => l.slice(k.length + 2)).join('\n')
    if (field('data')) each(field('event') || 'message', field('data'))
  }
}

/** Says whether an address of the page leads to a view that was copied. */
export function copied(hash: string, kept: Kept): boolean {
  const [where = ''] = hash.replace(/^#\/?/, '').split('?', 1)
  const [run = '', view = 'reader'] = where.split('/').map(decodeURIComponent)
  return run === '' || kept.pages.some((p) => p.run === run && p.view === view)
}

/** In a copy, links to views that it does not have are plain text, and say so; what is drawn later, too. */
export function plainLinks(root: HTMLElement, says: () => string): () => void {
  if (!still) return () => {}
  const kept = still
  const look = () => {
    for (const a of root.querySelectorAll<HTMLAnchorElement>('a[href^="#/"]')) {
      const absent = !copied(a.getAttribute('href')!, kept)
      if (a.hasAttribute('aria-disabled') === absent) continue
      a.toggleAttribute('aria-disabled', absent)
      if (absent) a.setAttribute('aria-disabled', 'true')
      a.title = absent ? says() : ''
    }
  }
  const stop = (e: MouseEvent) => {
    if ((e.target as Element | null)?.closest('a[aria-disabled]')) e.preventDefault()
  }
  const seen = new MutationObserver(look)
  seen.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ['href'] })
  root.addEventListener('click', stop, true)
  look()
  return () => {
    seen.disconnect()
    root.removeEventListener('click', stop, true)
  }
}
