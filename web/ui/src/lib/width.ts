// How wide a symbol is, in columns of a fixed-width font: 2 for East Asian wide characters and emoji, 0 for what is drawn over the one before it.

const wide = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const none = /\p{Mn}|\p{Me}|[\u200b-\u200f\ufe00-\ufe0f]/u

export function columns(s: string): number {
  let n = 0
  for (const c of s) n += none.test(c) ? 0 : wide.test(c) ? 2 : 1
  return n
}

/** Where each of the symbols begins, and where the last ends; one that has no width of its own takes a column. */
export function places(symbols: Iterable<string>): number[] {
  const out = [0]
  for (const s of symbols) out.push(out[out.length - 1]! + Math.max(1, columns(s)))
  return out
}
