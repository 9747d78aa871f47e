import { describe, expect, it } from 'vitest'
import { Latest } from './latest'
import { level } from './colour'
import { fixed, interval, probability } from './numbers'
import { csv } from './save'
import { columns, places } from './width'
import { words } from './words'

describe('numbers', () => {
  it('say what they are', () => {
    expect(fixed(-0.004, 2)).toBe('0.00')
    expect(fixed(-1.5, 1)).toBe('−1.5')
    expect(fixed(null)).toBe('–')
    expect(fixed(NaN)).toBe('–')
    expect(interval({ estimate: 0.5, lo: 0.25, hi: 0.75, n: 3 })).toBe('0.50 [0.25, 0.75]')
    expect(interval({ estimate: 0.5, lo: null, hi: null, n: 3 })).toBe('0.50')
    expect(probability(0.5)).toBe('0.50')
    expect(probability(0.0002)).toBe('2·10⁻⁴')
    expect(probability(0)).toBe('<10⁻⁶')
  })
})

describe('colour', () => {
  it('has ten steps each way and a middle for what is no number', () => {
    expect([level(-2, 1), level(-1, 1), level(0, 1), level(1, 1), level(9, 1)]).toEqual([0, 0, 10, 20, 20])
    expect(level(NaN, 1)).toBe(10)
    expect(level(3, 0)).toBe(10)
  })
})

describe('csv', () => {
  it('quotes what needs it and leaves out what is not there', () => {
    expect(csv([['a,b', '"', '\n', null, NaN, 1.5]])).toBe('"a,b","""","\n",,,1.5\r\n')
  })
})

describe('words', () => {
  it('have both languages with the same places to fill in', () => {
    for (const [key, [en, zh]] of Object.entries(words)) {
      const places = (s: string) => [...new Set(s.match(/\{\d\}/g) ?? [])].sort().join()
      expect(zh, key).not.toBe('')
      expect(places(zh), key).toBe(places(en))
    }
  })
})

it('knows the columns of symbols in any script', () => {
  for (const [s, n] of [['a', 1], ['say', 3], ['漢', 2], ['「', 2], ['א', 1], ['ب', 1], ['😀', 2], ['e\u0301', 1], ['\u0301', 0], ['⏎', 1]] as const) expect(columns(s), s).toBe(n)
  expect(places(['a', '漢', '\u0301', 'b'])).toEqual([0, 1, 3, 4, 5])
})

it('only the answer to the last question is taken', async () => {
  const asked = new Latest()
  const took: string[] = []
  let late: (x: string) => void = () => {}
  const first = asked.ask(new Promise<string>((done) => (late = done)), (x) => took.push(x))
  await asked.ask(Promise.resolve('second'), (x) => took.push(x))
  late('first')
  await first
  const third = asked.ask(Promise.resolve('third'), (x) => took.push(x))
  asked.forget()
  await third
  await asked.ask(Promise.reject(new Error('no')), (x: string) => took.push(x), (e) => took.push(String(e)))
  expect(took).toEqual(['second', 'Error: no'])
})
