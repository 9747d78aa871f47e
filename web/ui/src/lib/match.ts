// What the server tells of selections and their places.
import type { Interval } from './api'

export interface Chosen {
  unit: { site: string; unit: number }
  f: number
  edge: number
  above: boolean
}

export interface ChosenTrack extends Chosen {
  track: number[]
}

export interface Rule {
  quantile: number
  off: number
  before: boolean
  after: boolean
  runs: boolean
  tolerance: number
}

export interface Found {
  lo: number
  hi: number
  alike: number
  distance: number
  from: number
  ids: number[]
  before: string
  text: string
  after: string
  tracks: { concept: string; spans: [number, number][] }[] | null
}

export interface Shared {
  concept?: string
  gram?: string
  where: string
  share: number
  base: number
  excess: number
  p: number
}

export interface Result {
  part: string
  span: string
  length: number
  how: string
  rule?: Rule
  units: Chosen[] | null
  windows: number
  places: Found[] | null
  shared: Shared[] | null
  null: { draws: number; same_last: boolean; concept_95: number; gram_95: number; concept_some: number; gram_some: number }
  meaning?: { concept: string; precision: Interval; recall: Interval; base: number }
  looks: number
}

export interface Matched {
  result: Result | null
  text: string
  step: number
  looks: number
}

export interface Refined {
  result: Result
  judged: Interval
}

export interface IndexState {
  ready: boolean
  symbols: number
  units: number
  step: number
}

export type SpanOf = { lo: number; hi: number }

/** 10-14,90-95 as it stands in an address. */
export function readSpans(s: string): SpanOf[] {
  return s
    .split(',')
    .map((p) => p.split('-').map(Number))
    .filter((p) => p.length === 2 && Number.isInteger(p[0]) && Number.isInteger(p[1]) && p[1]! > p[0]!)
    .map((p) => ({ lo: p[0]!, hi: p[1]! }))
}

export function writeSpans(spans: SpanOf[]): string {
  return spans.map((p) => `${p.lo}-${p.hi}`).join(',')
}

/** Symbols cut where a track begins or ends, so that each piece lies in the same tracks all over. */
export function pieces(n: number, cuts: number[], tracks: [number, number][][]): { lo: number; hi: number; on: boolean[] }[] {
  const at = new Set([0, n, ...cuts.filter((c) => c > 0 && c < n)])
  for (const spans of tracks) for (const [lo, hi] of spans) at.add(Math.max(0, lo)).add(Math.min(n, hi))
  const edges = [...at].sort((a, b) => a - b)
  return edges.slice(0, -1).map((lo, i) => ({ lo, hi: edges[i + 1]!, on: tracks.map((spans) => spans.some(([a, b]) => a <= lo && lo < b)) }))
}

export const trackInks = ['ochre', 'green', 'purple', 'vermilion', 'blue']
