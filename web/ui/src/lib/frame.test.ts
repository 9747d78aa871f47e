import { describe, expect, it } from 'vitest'
import { split } from './frame'

/** A frame by the documentation of web.FrameType. */
function frame(head: object, body: Uint8Array): Uint8Array {
  let text = JSON.stringify(head)
  while (new TextEncoder().encode(text).length % 4) text += ' '
  const h = new TextEncoder().encode(text)
  const out = new Uint8Array(12 + h.length + body.length)
  out.set(new TextEncoder().encode('RNS1'))
  new DataView(out.buffer).setUint32(4, h.length, true)
  new DataView(out.buffer).setUint32(8, body.length, true)
  out.set(h, 12)
  out.set(body, 12 + h.length)
  return out
}

describe('frames', () => {
  const body = new Uint8Array(16)
  new DataView(body.buffer).setFloat32(0, 0.25, true)
  new DataView(body.buffer).setFloat32(4, -2, true)
  body.set([7, 8, 9], 8)
  new DataView(body.buffer).setInt32(12, -5, true)
  const one = frame({ kind: 'ü', arrays: [{ name: 'a', type: 'f32', shape: [2, 1] }, { name: 'b', type: 'u8', shape: [3] }, { name: 'c', type: 'i32', shape: [1] }] }, body)

  it('are read as they are laid out', () => {
    const { frames, rest } = split(one)
    expect(rest.length).toBe(0)
    expect(frames[0]!.head.kind).toBe('ü')
    expect([...frames[0]!.arrays.a!.data]).toEqual([0.25, -2])
    expect([...frames[0]!.arrays.b!.data]).toEqual([7, 8, 9])
    expect([...frames[0]!.arrays.c!.data]).toEqual([-5])
  })

  it('may come in any pieces', () => {
    const two = new Uint8Array(2 * one.length)
    two.set(one)
    two.set(one, one.length)
    for (let cut = 0; cut <= two.length; cut++) {
      const a = split(two.slice(0, cut))
      const joined = new Uint8Array(a.rest.length + two.length - cut)
      joined.set(a.rest)
      joined.set(two.subarray(cut), a.rest.length)
      const b = split(joined)
      expect(a.frames.length + b.frames.length).toBe(2)
      expect(b.rest.length).toBe(0)
    }
  })

  it('and nothing else is taken for one', () => {
    expect(() => split(new TextEncoder().encode('<html><body>no'))).toThrow()
  })
})
