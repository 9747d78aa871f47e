/** Grounds on each side of 0: classes a0 to a20, whose colours the server names. */
export const levels = 10

/** The ground of a value: levels at the centre, 0 at scale below it, 2 levels at scale above it. */
export function level(v: number, scale: number, centre = 0): number {
  if (!Number.isFinite(v) || !(scale > 0)) return levels
  return levels + Math.round(levels * Math.max(-1, Math.min(1, (v - centre) / scale)))
}

/** The colours of the grounds as bytes, of the theme that is shown. */
export function grounds(): Uint8ClampedArray {
  const style = getComputedStyle(document.documentElement)
  const out = new Uint8ClampedArray(4 * (2 * levels + 1))
  for (let i = 0; i <= 2 * levels; i++) {
    const hex = style.getPropertyValue('--a' + i).trim()
    const n = parseInt(hex.slice(1), 16)
    out.set([(n >> 16) & 255, (n >> 8) & 255, n & 255, 255], 4 * i)
  }
  return out
}

export function ink(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue('--fig-' + name).trim()
}
