// A copy of views, opened from the disk: nothing may be asked of anybody.
import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from '@playwright/test'

const views = ['reader?n=200&c=40', 'unit?unit=l0.c[3]', 'turn?unit=l0.c[3]&v=0.5&len=80', 'match?n=200&span=40:46', 'why?c=60&n=150', 'evolution', 'beside?n=120', 'atlas', 'map?n=60', 'heatmap?n=200', 'memory?n=120', 'report', 'notes']

test('a copy of chosen views needs no server', async ({ page }) => {
  test.setTimeout(240_000)
  const dir = join(mkdtempSync(join(tmpdir(), 'lesson-')), 'copy')
  execFileSync(process.env.RNNSCOPE_BINARY ?? 'rnnscope', ['-q', 'serve', process.env.RNNSCOPE_RUNS ?? 'runs', '--export', dir, ...views.flatMap((v) => ['--view', 'small/' + v])])
  const wrong: string[] = []
  page.on('pageerror', (e) => wrong.push(String(e)))
  page.on('console', (m) => {
    if (m.type() === 'error' || m.type() === 'warning') wrong.push(m.text())
  })
  page.on('request', (r) => {
    if (/^(https?|wss?):/.test(r.url())) wrong.push('asked for ' + r.url())
  })
  const index = pathToFileURL(join(dir, 'index.html')).href
  await page.goto(index)
  await expect(page.locator('ol.lesson a')).toHaveCount(views.length)
  const links = await page.locator('ol.lesson a').evaluateAll((as) => as.map((a) => a.getAttribute('href')!))
  for (const link of links) {
    await page.goto(index + link)
    await expect(page.locator('main h1')).toBeVisible()
    await expect(page.locator('main .wait')).toHaveCount(0)
    await page.waitForTimeout(600)
    await expect(page.locator('.problem'), link).toHaveCount(0)
  }
  // It can be looked at: another unit colours the passage, a sample is written again.
  await page.goto(index + links[0]!)
  const letters = page.locator('.letters').first().locator('i')
  await expect(letters).toHaveCount(200)
  const before = await letters.evaluateAll((is) => is.map((i) => i.className).join())
  await page.getByRole('button', { name: 'Next unit' }).click()
  await expect.poll(() => letters.evaluateAll((is) => is.map((i) => i.className).join())).not.toBe(before)
  await page.goto(index + links[2]!)
  await page.getByRole('button', { name: 'Write' }).click()
  await expect(page.locator('pre.sample').first()).not.toBeEmpty()
  expect(wrong).toEqual([])
})

test('in a copy, links to views that it does not have are plain text', async ({ page }) => {
  const dir = join(mkdtempSync(join(tmpdir(), 'lesson-')), 'copy')
  execFileSync(process.env.RNNSCOPE_BINARY ?? 'rnnscope', ['-q', 'serve', process.env.RNNSCOPE_RUNS ?? 'runs', '--export', dir, '--view', 'small/reader?n=60&c=20', '--view', 'small/atlas'])
  await page.goto(pathToFileURL(join(dir, 'index.html')).href + '#/small/reader?n=60&c=20')
  await expect(page.locator('nav.views a')).toHaveCount(2)
  const unit = page.locator('aside h2 a', { hasText: 'l0.h[0]' })
  await expect(unit).toHaveAttribute('aria-disabled', 'true')
  await expect(unit).toHaveAttribute('title', 'Not in this copy')
  const before = page.url()
  await unit.click({ force: true })
  expect(page.url()).toBe(before)
  await page.locator('nav.views a', { hasText: 'Atlas' }).click()
  await expect(page.locator('main h1')).toHaveText('Atlas')
})
