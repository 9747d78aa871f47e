import { getJSON, listen, postJSON, type Job, type Run, type RunLine, type Shelf } from './api'
import { still } from './still'
import { words, type Word } from './words'

type Lang = 'en' | 'zh'

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function remember(key: string, value: string) {
  try {
    localStorage.setItem(key, value)
  } catch {
    // A browser may refuse to keep anything.
  }
}

/** What all views share. */
class App {
  lang = $state<Lang>((remembered('lang') as Lang | null) ?? (navigator.language.startsWith('zh') ? 'zh' : 'en'))
  theme = $state<'light' | 'dark'>((remembered('theme') as 'light' | 'dark' | null) ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'))
  shelf = $state<Shelf | null>(null)
  jobs = $state<Job[]>([])
  error = $state('')

  apply() {
    document.documentElement.lang = this.lang === 'zh' ? 'zh-CN' : 'en'
    document.documentElement.dataset.theme = this.theme
    remember('lang', this.lang)
    remember('theme', this.theme)
  }

  /** Says a word of the page; {0} and so on are filled in. */
  say(key: Word | string, ...args: (string | number)[]): string {
    const pair = (words as Record<string, readonly [string, string]>)[key]
    const s = pair ? pair[this.lang === 'zh' ? 1 : 0] : key
    return s.replace(/\{(\d)\}/g, (_, i: string) => String(args[Number(i)] ?? ''))
  }

  has(key: string): boolean {
    return key in words
  }

  /** What the program calls a thing, in the page's language where there is a word for it. */
  told(prefix: string, name: string): string {
    return this.has(prefix + name) ? this.say(prefix + name) : name
  }

  concept(name: string): string {
    const c = this.shelf?.concepts.find((k) => k.name === name)
    return c ? (this.lang === 'zh' ? c.title_zh : c.title) : name
  }

  plain(name: string): string {
    const c = this.shelf?.concepts.find((k) => k.name === name)
    return c ? (this.lang === 'zh' ? c.plain_zh : c.plain) : ''
  }

  rule(name: string): string {
    return this.shelf?.concepts.find((k) => k.name === name)?.rule ?? ''
  }

  async load() {
    try {
      this.shelf = await getJSON<Shelf>('api/runs')
      this.error = ''
    } catch (e) {
      this.error = String(e instanceof Error ? e.message : e)
    }
  }

  /** Follows the jobs; views that show what a job makes look at done. */
  done = $state(0)
  follow() {
    if (still) return () => {}
    return listen(
      'api/events',
      (name, d: { jobs: Job[]; runs: RunLine[]; gone: string[] }) => {
        if (name === 'runs') {
          this.take(d.runs, d.gone)
          return
        }
        const ended = (js: Job[]) => js.filter((j) => ['done', 'failed', 'stopped'].includes(j.state)).length
        const before = ended(this.jobs)
        this.jobs = d.jobs
        if (ended(d.jobs) > before) {
          this.done++
          void this.load()
        }
      },
      ['jobs', 'runs'],
      [],
      () => {},
    )
  }

  /** How often each run has been written to since the page came; views of a training look at theirs. */
  moved = $state<Record<string, number>>({})
  private take(lines: RunLine[], gone: string[]) {
    if (!this.shelf) return
    const rest = this.shelf.runs.filter((r) => !gone.includes(r.id) && !lines.some((l) => l.id === r.id))
    const runs = [...rest, ...lines].sort((a, b) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1))
    this.shelf = { ...this.shelf, runs }
    const moved = { ...this.moved }
    for (const l of lines) moved[l.id] = (moved[l.id] ?? 0) + 1
    this.moved = moved
  }

  async start(job: Record<string, unknown>) {
    try {
      const j = await postJSON<Job>('api/jobs', { step: -1, ...job })
      this.jobs = [j, ...this.jobs.filter((o) => o.id !== j.id)]
      this.error = ''
    } catch (e) {
      this.error = String(e instanceof Error ? e.message : e)
    }
  }

  async stop(id: number) {
    try {
      await postJSON<void>(`api/jobs/${id}/stop`, {})
    } catch (e) {
      this.error = String(e instanceof Error ? e.message : e)
    }
  }

  /** Says whether a command is under way for a run. */
  working(run: string, kind: string): boolean {
    return this.jobs.some((j) => j.run === run && j.kind === kind && (j.state === 'running' || j.state === 'waiting'))
  }
}

export const app = new App()

const runs = new Map<string, Promise<Run>>()

/** What is known of a run; asked for once until fresh. */
export function loadRun(id: string, fresh = false): Promise<Run> {
  let p = runs.get(id)
  if (!p || fresh) {
    p = getJSON<Run>('api/runs/' + encodeURIComponent(id))
    runs.set(id, p)
    p.catch(() => runs.delete(id))
  }
  return p
}
