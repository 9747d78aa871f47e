import { frames, type Frame } from './frame'
import { answer, events, still } from './still'

export interface RunLine {
  id: string
  name: string
  path: string
  cell: string
  layers: number
  hidden: number
  characters: number
  step: number
  iterations: number
  loss: number | null
  state: 'finished' | 'training' | 'stopped' | 'imported' | 'states' | 'broken'
  working: string
  updated: string
  error?: string
}

export interface ConceptInfo {
  name: string
  title: string
  title_zh: string
  plain: string
  plain_zh: string
  rule: string
  kind: string
  class: string
}

export interface Shelf {
  runs: RunLine[]
  dir: string
  writes: boolean
  version: string
  concepts: ConceptInfo[]
}

export interface Site {
  name: string
  layer: number
  part: string
  units: number
  state: boolean
}

export interface Span {
  lo: number
  hi: number
}

export interface Run extends RunLine {
  seed: number
  sha256: string
  split: { name: string; train: Span; val: Span; test: Span }
  symbols: string[]
  spelled: string[]
  symbol_kind: string
  sites: Site[]
  steps: number[] | null
  newest: number
  views: string[] | null
  passage: number
  parameters: number
  command: string
  has_text: boolean
  has_weights: boolean
}

export interface Interval {
  estimate: number | null
  lo: number | null
  hi: number | null
  n: number
}

export interface Subject {
  text: string
  split: string
  step: number
}

export interface Tested extends Subject {
  role: 'best' | 'site' | 'state'
  verdict: string
  holds: boolean
  auroc: Interval
  p: number | null
  untrained: number | null
  networks: number
  within: number | null
  could_show: number | null
}

export interface Causal extends Subject {
  verdict: string
  d: Interval
  resample: Interval
  p: number | null
  gate: boolean
  limit: number | null
  reasons: string[] | null
  equivalent_to_none: boolean
}

export interface Place {
  kind: 'high' | 'low' | 'range'
  at: number
  lo: number
  ids: number[]
  values: number[]
  value: number
  band?: [number, number]
}

export interface UnitConcept {
  concept: string
  title: string
  title_zh: string
  kind: string
  on: number
  n: number
  sign: number
  auroc: Interval
  on_bins: number[]
  off_bins: number[]
  tested: Tested | null
  causal: Causal | null
  other: boolean
  chosen: { site: string; unit: number; verdict: string } | null
}

export interface Unit extends Subject {
  site: string
  unit: number
  units: number
  measured: number
  range: { low: number; middle: number; high: number; mean: number; sd: number }
  scale: number
  centre: number
  histogram: { lo: number; hi: number; counts: number[] }
  places: Place[]
  concepts: UnitConcept[]
  responses: { concept: string; event: 'on' | 'off'; from: number; events: number; mean: Interval[] }[] | null
  tau: number | null
  kept: {
    times: { gate: number | null; autocorrelation: number | null } | null
    waiting: { kind: string; unit: { verdict: string; failed: string[] | null } }[]
    steered: Curve[]
    ablated: { all: Interval; kinds: { kind: string; change: Interval }[] } | null
    findings: Finding[]
    described: Described | null
    missing: string[]
  }
}

/** A unit in words: rules with their share of the text and mean in standard deviations there. */
export interface Described extends Subject {
  leaves: number[]
  median: number | null
  fresh: { beyond?: number | null } | null
  unit: {
    r2: Interval[]
    short: Interval[]
    beyond: Interval[]
    p: number | null
    remembers: boolean
    fidelity?: Interval[] | null
    family: number
    rules: { share: number; z: number; text: Record<string, string> }[] | null
  }
}

export interface Curve {
  concept: string
  predicts: string[] | null
  doses: { quantile: number; value: number; logit: Interval; share: number }[]
  n: number
  slope: number | null
  spearman: number | null
  others: number | null
  compared: number
  steers: boolean
}

export interface Finding {
  concept: string
  site: string
  unit: number
  metric: string
  estimate: number | null
  lo: number | null
  hi: number | null
  n: number
  split: string
  method: string
}

export interface SymbolChange {
  id: number
  high: Interval
  low: Interval
}

export interface Output extends Subject {
  measured: number
  high: number
  low: number
  raised: SymbolChange[] | null
  lowered: SymbolChange[] | null
  moved: number
  others: number
  compared: number
}

export interface Job {
  id: number
  kind: string
  run: string
  command: string
  state: 'waiting' | 'running' | 'done' | 'failed' | 'stopped'
  error?: string
  progress: { what: string; done: number; total: number; unit: string; extra: string; left: number }
}

/** What went wrong, in the server's words. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

async function failed(r: Response): Promise<ApiError> {
  const text = await r.text()
  try {
    const j = JSON.parse(text) as { detail?: string; errors?: { message: string; location?: string }[] }
    const more = (j.errors ?? []).map((e) => `${e.message}${e.location ? ` (${e.location})` : ''}`).join('; ')
    return new ApiError(r.status, [j.detail, more].filter(Boolean).join(': ') || text)
  } catch {
    return new ApiError(r.status, text.slice(0, 300))
  }
}

export function path(...parts: (string | number)[]): string {
  return 'api/' + parts.map((p) => encodeURIComponent(p)).join('/')
}

export function query(p: Record<string, string | number | undefined>): string {
  const q = new URLSearchParams()
  for (const [k, v] of Object.entries(p)) if (v !== undefined) q.set(k, String(v))
  return '?' + q.toString()
}

function ask(method: 'GET' | 'POST', address: string, signal?: AbortSignal, body?: unknown): Promise<Response> {
  if (still) return answer(method, address, body)
  return fetch(address, method === 'GET' ? { signal } : { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal })
}

export async function getJSON<T>(address: string, signal?: AbortSignal): Promise<T> {
  const r = await ask('GET', address, signal)
  if (!r.ok) throw await failed(r)
  return (await r.json()) as T
}

export async function postJSON<T>(address: string, body: unknown): Promise<T> {
  const r = await ask('POST', address, undefined, body)
  if (!r.ok) throw await failed(r)
  return (r.status === 204 ? undefined : await r.json()) as T
}

export async function getFrame<H>(address: string, signal?: AbortSignal): Promise<Frame<H>> {
  const r = await ask('GET', address, signal)
  if (!r.ok) throw await failed(r)
  for await (const f of frames(r)) return f as Frame<H>
  throw new Error('the answer was empty')
}

export async function postFrames(address: string, body: unknown, signal: AbortSignal, each: (f: Frame) => void): Promise<void> {
  const r = await ask('POST', address, signal, body)
  if (!r.ok) throw await failed(r)
  for await (const f of frames(r)) each(f)
}

/** Listens to events of a route until one of the names in last has come. */
export function listen(address: string, each: (name: string, data: never) => void, names: string[], last: string[], gone: () => void): () => void {
  if (still) {
    void events(address, (name, data) => names.includes(name) && each(name, JSON.parse(data) as never), gone)
    return () => {}
  }
  const source = new EventSource(address)
  for (const name of names)
    source.addEventListener(name, (e) => {
      if (last.includes(name)) source.close()
      each(name, JSON.parse((e as MessageEvent<string>).data) as never)
    })
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED || last.length > 0) {
      source.close()
      gone()
    }
  }
  return () => source.close()
}
