import { app } from './app.svelte'
import { getJSON, path, postJSON } from './api'

export interface Note {
  id: string
  site: string
  unit: number
  at: number
  length: number
  text: string
  step: number
  label: string
  comment: string
  made: string
  changed: string
}

/** What people wrote about one run; all parts of the page show the same. */
class Notes {
  run = $state('')
  all = $state.raw<Note[]>([])
  error = $state('')

  async load(run: string) {
    if (this.run !== run) [this.run, this.all] = [run, []]
    try {
      const x = await getJSON<{ notes: Note[] | null }>(path('runs', run, 'notes'))
      if (this.run === run) [this.all, this.error] = [x.notes ?? [], '']
    } catch (e) {
      this.error = e instanceof Error ? e.message : String(e)
    }
  }

  async put(run: string, n: Partial<Note>): Promise<boolean> {
    try {
      await postJSON<Note>(path('runs', run, 'notes'), { unit: -1, at: -1, length: 0, step: -1, label: '', comment: '', ...n })
      await this.load(run)
      return this.error === ''
    } catch (e) {
      this.error = e instanceof Error ? e.message : String(e)
      return false
    }
  }

  async remove(run: string, id: string) {
    try {
      await postJSON<void>(path('runs', run, 'notes', id, 'remove'), {})
    } catch (e) {
      this.error = e instanceof Error ? e.message : String(e)
    }
    await this.load(run)
  }
}

export const notes = new Notes()
export const mayNote = () => app.shelf?.writes ?? false
