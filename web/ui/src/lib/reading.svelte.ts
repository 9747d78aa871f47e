import { untrack } from 'svelte'
import { getFrame, postFrames, path, query, type Run } from './api'
import type { Frame } from './frame'
import { still } from './still'

export interface Asked {
  run: string
  step: number
  site: string
  unit: number
  at: number // -1: the beginning, or what is given
  n: number
  text: string | null // null: the run's own
}

const likeliest = 5
// Milliseconds before a part of an answer is shown, and then between parts: to draw takes a processor that the network could use.
const patience = 50
const rest = 200

/** A passage that the network has read, kept on both sides: an edit brings what follows it. */
export class Reading {
  id = $state('')
  ids = $state.raw<Int32Array>(new Int32Array(0))
  value = $state.raw<Float32Array>(new Float32Array(0))
  loss = new Float32Array(0)
  entropy = new Float32Array(0)
  next = new Int32Array(0)
  probability = new Float32Array(0)
  k = likeliest

  read = $state(0) // symbols that have come
  same = $state(0) // of them, those that an edit left
  scale = $state(1)
  centre = $state(0)
  part = $state('given')
  at = $state(-1)
  step = $state(-1)
  foreign = $state<{ symbol: string; count: number }[]>([])
  site = $state('')
  unit = $state(0)
  ms = $state(0)
  busy = $state(false)
  error = $state('')
  version = $state(0) // rises with every change of what is shown

  private abort: AbortController | null = null
  private scaleKnown = false

  async ask(q: Asked): Promise<void> {
    this.abort?.abort()
    const own = (this.abort = new AbortController())
    this.busy = true
    const begun = performance.now()
    try {
      const body: Record<string, unknown> = { step: q.step, at: q.at, n: q.n, site: q.site, unit: q.unit }
      // What an earlier request read and did not bring is sent again. Not a reason to ask anew.
      const [id, have] = untrack(() => [this.id, this.read])
      if (id) Object.assign(body, { reading: id, have })
      if (q.text !== null) body.text = q.text
      // What comes between two pictures is taken at once: each change makes the page draw anew.
      const come: Frame[] = []
      let due = 0
      let next = begun + patience
      const take = () => {
        due = 0
        if (own.signal.aborted) return
        for (const f of come.splice(0)) this.take(f.head, f.arrays as unknown as Record<string, { data: never }>)
        this.ms = performance.now() - begun
        next = performance.now() + rest
        this.version++
      }
      await postFrames(path('runs', q.run, 'read'), body, own.signal, (f) => {
        come.push(f)
        // Most edits are read within one picture's time: then the page is drawn once. The head alone shows nothing new.
        if (f.head.kind === 'piece') due ||= window.setTimeout(take, Math.max(0, next - performance.now()))
      })
      clearTimeout(due)
      take()
      this.error = ''
      // A copy has the passage in the unit that was looked at when it was made, and the others beside it.
      if (still && q.site && (this.site !== q.site || this.unit !== q.unit)) await this.show(q.site, q.unit)
    } catch (e) {
      if (own.signal.aborted) return
      this.error = e instanceof Error ? e.message : String(e)
    }
    if (this.abort === own) this.busy = false
  }

  private take(head: Record<string, unknown>, arrays: Record<string, { data: never }>) {
    switch (head.kind) {
      case 'passage': {
        const same = head.same as number
        const total = head.total as number
        const ids = new Int32Array(total)
        ids.set(this.ids.subarray(0, same))
        ids.set(arrays.id!.data, same)
        this.grow(total, same)
        this.ids = ids
        this.id = head.reading as string
        this.part = head.part as string
        this.at = head.at as number
        this.step = head.step as number
        this.foreign = (head.foreign as { symbol: string; count: number }[] | null) ?? []
        if (this.site !== head.site || this.unit !== head.unit) this.scaleKnown = false
        this.site = head.site as string
        this.unit = head.unit as number
        if ((head.scale as number) > 0) {
          this.scale = head.scale as number
          this.centre = head.centre as number
          this.scaleKnown = true
        }
        this.same = same
        this.read = same
        break
      }
      case 'piece': {
        const lo = head.lo as number
        this.value.set(arrays.value!.data, lo)
        this.loss.set(arrays.loss!.data, lo)
        this.entropy.set(arrays.entropy!.data, lo)
        this.next.set(arrays.next!.data, lo * this.k)
        this.probability.set(arrays.probability!.data, lo * this.k)
        this.read = head.hi as number
        break
      }
      case 'end':
        if (!this.scaleKnown) {
          this.scale = head.scale as number
          this.centre = head.centre as number
        }
        this.scaleKnown = true
    }
  }

  /** Makes room for n symbols; the first same stay. */
  private grow(n: number, same: number) {
    const f = (old: Float32Array, per = 1) => {
      const a = new Float32Array(n * per)
      a.set(old.subarray(0, same * per))
      return a
    }
    this.value = f(this.value)
    this.loss = f(this.loss)
    this.entropy = f(this.entropy)
    this.probability = f(this.probability, this.k)
    const next = new Int32Array(n * this.k)
    next.set(this.next.subarray(0, same * this.k))
    this.next = next
  }

  /** Colours the passage by another unit; nothing is read anew. */
  async show(site: string, unit: number): Promise<boolean> {
    if (!this.id) return false
    try {
      const f = await getFrame<{ scale: number; centre: number }>(path('readings', this.id, 'unit') + query({ site, unit }))
      const v = f.arrays.value!.data as Float32Array
      const all = new Float32Array(this.ids.length)
      all.set(v.subarray(0, all.length))
      this.value = all
      this.scale = f.head.scale
      this.centre = f.head.centre
      this.scaleKnown = true
      this.site = site
      this.unit = unit
      this.version++
      return true
    } catch (e) {
      if ((e as { status?: number }).status === 410) this.id = ''
      return false
    }
  }

  /** Mean loss in bits over what was read. */
  mean(): number {
    let sum = 0
    let n = 0
    for (let i = 0; i < this.read; i++)
      if (Number.isFinite(this.loss[i])) {
        sum += this.loss[i]!
        n++
      }
    return n ? sum / n : NaN
  }

  close() {
    this.abort?.abort()
  }
}

/** The text of symbols, as it is written. */
export function spell(run: Run, ids: ArrayLike<number>, lo = 0, hi = ids.length): string {
  let s = ''
  for (let i = lo; i < hi; i++) s += run.spelled[ids[i]!] ?? ''
  return s
}
