import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test as base, type Page } from '@playwright/test'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A page that has come in with the key, and on which nothing may go wrong. */
export const test = base.extend<{ page: Page }>({
  page: async ({ page }, use) => {
    const wrong: string[] = []
    page.on('pageerror', (e) => wrong.push(String(e)))
    page.on('console', (m) => {
      if (m.type() === 'error' || m.type() === 'warning') wrong.push(m.text())
    })
    await page.goto('/?token=e2e')
    await use(page)
    expect(wrong, 'errors in the browser').toEqual([])
  },
})

export { expect }

export async function open(page: Page, hash: string) {
  await page.goto('/#/small/' + hash)
  await expect(page.locator('main h1')).toBeVisible()
}

/** Nothing serious in the eyes of axe. */
export async function accessible(page: Page) {
  await page.evaluate(axe)
  const found = await page.evaluate(async () => {
    const r = await (window as unknown as { axe: { run: (o: object) => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } }).axe.run({})
    return r.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | ')}`)
  })
  expect(found).toEqual([])
}

/** A reading has come to its end. */
export async function read(page: Page) {
  await expect(page.locator('.letters i').first()).toBeVisible()
  await expect(page.locator('.letters i.late')).toHaveCount(0)
}
