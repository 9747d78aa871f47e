// The state of the page is its address: what is shown can be sent to somebody, and going back
// goes back.

export type View = 'runs' | 'reader' | 'unit' | 'turn' | 'match' | 'why' | 'evolution' | 'beside' | 'atlas' | 'map' | 'heatmap' | 'memory' | 'report' | 'notes'

export const views: View[] = ['reader', 'unit', 'turn', 'match', 'why', 'evolution', 'beside', 'atlas', 'map', 'heatmap', 'memory', 'report', 'notes']

export interface Route {
  run: string
  view: View
  params: Record<string, string>
}

export function parse(hash: string): Route {
  const [where = '', rest = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [run = '', view = ''] = where.split('/').map(safe)
  const params = Object.fromEntries(new URLSearchParams(rest))
  if (!run) return { run: '', view: 'runs', params }
  return { run, view: (views as string[]).includes(view) ? (view as View) : 'reader', params }
}

function safe(s: string): string {
  try {
    return decodeURIComponent(s)
  } catch {
    return s
  }
}

export function format(r: Route): string {
  const q = new URLSearchParams()
  for (const k of Object.keys(r.params).sort()) if (r.params[k] !== '') q.set(k, r.params[k]!)
  const s = q.toString()
  if (r.view === 'runs' || !r.run) return '#/' + (s ? '?' + s : '')
  return `#/${encodeURIComponent(r.run)}/${r.view}${s ? '?' + s : ''}`
}

class Router {
  run = $state('')
  view = $state<View>('runs')
  params = $state<Record<string, string>>({})

  constructor() {
    this.read()
    window.addEventListener('hashchange', () => this.read())
  }

  private read() {
    const r = parse(location.hash)
    this.run = r.run
    this.view = r.view
    this.params = r.params
  }

  get(name: string, otherwise = ''): string {
    return this.params[name] ?? otherwise
  }

  number(name: string, otherwise: number): number {
    const n = Number(this.params[name])
    return this.params[name] === undefined || !Number.isFinite(n) ? otherwise : n
  }

  /** Changes parameters without a new entry of the history. */
  set(params: Record<string, string | number | undefined>) {
    const next = { ...this.params }
    for (const [k, v] of Object.entries(params)) {
      if (v === undefined || v === '') delete next[k]
      else next[k] = String(v)
    }
    const hash = format({ run: this.run, view: this.view, params: next })
    if (hash === location.hash) return
    history.replaceState(null, '', hash)
    this.params = next
  }

  /** The address of another view; what both speak of (unit, step, passage) is taken along. */
  to(view: View, params: Record<string, string | number | undefined> = {}, run = this.run): string {
    const keep: Record<string, string> = {}
    if (run === this.run) for (const k of ['unit', 'step', 'at', 'n', 't', 'concept', 'c']) if (this.params[k] !== undefined) keep[k] = this.params[k]!
    for (const [k, v] of Object.entries(params)) {
      if (v === undefined) delete keep[k]
      else keep[k] = String(v)
    }
    return format({ run, view, params: keep })
  }
}

export const route = new Router()

/** l0.h[3] */
export function unitName(site: string, unit: number): string {
  return `${site}[${unit}]`
}

export function parseUnit(s: string): { site: string; unit: number } | null {
  const m = /^(l\d+\.[a-z.]+)\[(\d+)\]$/.exec(s)
  return m ? { site: m[1]!, unit: Number(m[2]) } : null
}
