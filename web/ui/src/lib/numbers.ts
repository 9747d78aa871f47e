import type { Interval } from './api'

/** A number with so many decimals; – where there is none. */
export function fixed(x: number | null | undefined, decimals = 2): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return '–'
  return x.toFixed(decimals).replace(/^-(0(\.0+)?)$/, '$1').replace('-', '−')
}

export function grouped(n: number | null | undefined): string {
  return n === null || n === undefined ? '–' : Math.round(n).toLocaleString('en-US')
}

/** 0.93 [0.90, 0.96] */
export function interval(i: Interval | null | undefined, decimals = 2, factor = 1): string {
  if (!i || i.estimate === null) return '–'
  const f = (x: number) => fixed(x * factor, decimals)
  return i.lo === null || i.hi === null ? f(i.estimate) : `${f(i.estimate)} [${f(i.lo)}, ${f(i.hi)}]`
}

export function percent(x: number | null | undefined, decimals = 0): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return '–'
  return (100 * x).toFixed(decimals) + ' %'
}

/** A probability as a reader wants it. */
export function probability(p: number): string {
  if (p >= 0.1) return p.toFixed(2)
  if (p >= 0.001) return p.toFixed(3)
  return p < 1e-6 ? '<10⁻⁶' : p.toExponential(0).replace('e-', '·10⁻').replace(/⁻(\d+)/, (_, d: string) => '⁻' + [...d].map((c) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)]).join(''))
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}
