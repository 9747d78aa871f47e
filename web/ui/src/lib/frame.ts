// Arrays as the server sends them: see the Go package web/frame for the layout.

export type Values = Float32Array | Int32Array | Uint16Array | Uint8Array

export interface NamedArray {
  shape: number[]
  data: Values
}

export interface Frame<H = Record<string, unknown>> {
  head: H
  arrays: Record<string, NamedArray>
}

interface ArrayHead {
  name: string
  type: 'f32' | 'i32' | 'u16' | 'u8'
  shape: number[]
}

const sizes = { f32: 4, i32: 4, u16: 2, u8: 1 }

/** Splits what has come so far into whole frames, and gives what is left. */
export function split(bytes: Uint8Array): { frames: Frame[]; rest: Uint8Array } {
  const frames: Frame[] = []
  let at = 0
  while (bytes.length - at >= 12) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at)
    if (view.getUint32(0, false) !== 0x524e5331) throw new Error('the answer is not a frame')
    const head = view.getUint32(4, true)
    const body = view.getUint32(8, true)
    if (bytes.length - at < 12 + head + body) break
    frames.push(parse(bytes.subarray(at + 12, at + 12 + head), bytes.slice(at + 12 + head, at + 12 + head + body)))
    at += 12 + head + body
  }
  return { frames, rest: bytes.subarray(at) }
}

function parse(head: Uint8Array, body: Uint8Array): Frame {
  const all = JSON.parse(new TextDecoder().decode(head)) as Record<string, unknown> & { arrays: ArrayHead[] }
  const arrays: Record<string, NamedArray> = {}
  let at = 0
  for (const a of all.arrays ?? []) {
    const n = a.shape.reduce((x, y) => x * y, 1)
    arrays[a.name] = { shape: a.shape, data: typed(a.type, body.buffer as ArrayBuffer, body.byteOffset + at, n) }
    at += Math.ceil((n * sizes[a.type]) / 4) * 4
  }
  return { head: all, arrays }
}

function typed(type: ArrayHead['type'], buffer: ArrayBuffer, at: number, n: number): Values {
  switch (type) {
    case 'f32':
      return new Float32Array(buffer, at, n)
    case 'i32':
      return new Int32Array(buffer, at, n)
    case 'u16':
      return new Uint16Array(buffer, at, n)
    default:
      return new Uint8Array(buffer, at, n)
  }
}

/** Hands out frames as they arrive. */
export async function* frames(response: Response): AsyncGenerator<Frame> {
  const reader = response.body!.getReader()
  let rest = new Uint8Array(0)
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const all = new Uint8Array(rest.length + value.length)
    all.set(rest)
    all.set(value, rest.length)
    const got = split(all)
    rest = got.rest.slice()
    yield* got.frames
  }
}
