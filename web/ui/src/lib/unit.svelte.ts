import { getJSON, listen, path, query, type Run, type Unit } from './api'
import { percent } from './numbers'

const cache = new Map<string, Unit>()

/** A unit's page, with the sample it needs read first and told how far that is. */
export class UnitLoader {
  unit = $state.raw<Unit | null>(null)
  progress = $state('')
  error = $state('')
  private wanted = ''
  private stop: (() => void) | null = null
  private ready = new Set<string>()

  async load(run: Run, step: number, site: string, unit: number, fresh = 0) {
    const key = [run.id, step, site, unit, fresh].join('|')
    if (this.wanted === key) return
    this.wanted = key
    this.error = ''
    const known = cache.get(key)
    if (known) {
      this.unit = known
      return
    }
    const gate = run.sites.find((s) => s.name === site)?.state ? '' : site
    const sample = [run.id, step, gate].join('|')
    try {
      if (!this.ready.has(sample)) await this.sample(run, step, gate)
      this.ready.add(sample)
      if (this.wanted !== key) return
      const u = await getJSON<Unit>(path('runs', run.id, 'unit') + query({ step, site, unit }))
      if (cache.size > 200) cache.clear()
      cache.set(key, u)
      if (this.wanted === key) this.unit = u
    } catch (e) {
      if (this.wanted === key) {
        this.unit = null
        this.error = e instanceof Error ? e.message : String(e)
      }
    }
    if (this.wanted === key) this.progress = ''
  }

  private sample(run: Run, step: number, site: string): Promise<void> {
    return new Promise((done, failed) => {
      this.stop?.()
      this.stop = listen(
        path('runs', run.id, 'panel') + query({ step, site }),
        (name, d: { done: number; total: number; error: string }) => {
          if (name === 'progress') this.progress = d.total > 0 ? percent(d.done / d.total) : '…'
          if (name === 'ready') done()
          if (name === 'failed') failed(new Error(d.error))
        },
        ['progress', 'ready', 'failed'],
        ['ready', 'failed'],
        () => failed(new Error('the server went away')),
      )
    })
  }

  close() {
    this.stop?.()
  }
}
