import { readFileSync } from 'node:fs'
import { accessible, expect, open, read, test } from './page'

test('without the key nothing is shown', async ({ browser }) => {
  const page = await (await browser.newContext()).newPage()
  const r = await page.goto('/')
  expect(r!.status()).toBe(401)
  await expect(page.getByRole('heading')).toHaveText('This page needs its key')
})

test('reader: choose, step, type', async ({ page }) => {
  await open(page, 'reader?n=300')
  await read(page)
  const letters = page.locator('.letters').first()
  await letters.locator('i').nth(40).click()
  await expect(page.getByRole('heading', { name: /At symbol 40/ })).toBeVisible()
  await expect(page.locator('.next li')).toHaveCount(5)
  const before = await letters.locator('i').evaluateAll((is) => is.map((i) => i.className).join())
  await letters.press(']')
  await expect(page).toHaveURL(/unit=l0\.h%5B1%5D/)
  await expect.poll(() => letters.locator('i').evaluateAll((is) => is.map((i) => i.className).join())).not.toBe(before)
  await letters.press('ArrowRight')
  await expect(page.getByRole('heading', { name: /At symbol 41/ })).toBeVisible()

  // Typing reads what follows the edit and no more, and says so.
  const box = page.getByLabel('Text to read')
  const text = 'He said, "I do not know" and went. '.repeat(8)
  await box.fill(text)
  await expect(page.locator('[data-ms]')).toContainText(`of ${text.length} symbols read`)
  await box.press('End')
  await box.press('Control+End')
  await box.pressSequentially('x')
  await expect(page.locator('[data-ms]')).toContainText(`1 of ${text.length + 1} symbols read`)
  await expect(letters.locator('i')).toHaveCount(text.length + 1)
  await read(page)

  // The address is the state: opened again it shows the same.
  await expect(page).toHaveURL(/went\.\+x/) // it follows when the typing rests
  const url = page.url()
  await page.goto('about:blank')
  await page.goto(url)
  await expect(letters.locator('i')).toHaveCount(text.length + 1)
})

test('reader: which units fire here, with the null beside them', async ({ page }) => {
  await open(page, 'reader?n=200&c=30')
  await read(page)
  await page.getByRole('button', { name: 'Rank the units' }).click()
  await expect(page.locator('.ranks li')).toHaveCount(20)
  await expect(page.locator('.ranks .lane b')).toHaveCount(40)
  const first = await page.locator('.ranks button').first().innerText()
  // Span and ranking are part of the address.
  await page.locator('.letters i').nth(36).click({ modifiers: ['Shift'] })
  await expect(page.locator('.ranks li')).toHaveCount(0)
  await page.getByRole('button', { name: 'Rank the units' }).click()
  await expect(page.locator('.ranks li')).toHaveCount(20)
  await expect(page).toHaveURL(/rank=1&span=30%3A37/)
  const url = page.url()
  await page.goto('about:blank')
  await page.goto(url)
  await expect(page.locator('.letters i.in')).toHaveCount(7)
  await expect(page.locator('.ranks li')).toHaveCount(20)
  expect(first).toMatch(/^l0/)
  await page.locator('.ranks button').first().click()
  await expect(page).toHaveURL(/unit=l0/)
})

test('unit: every one has a page, and untested is said', async ({ page }) => {
  for (const name of ['l0.h[0]', 'l0.c[31]', 'l0.f[3]']) {
    await open(page, `unit?unit=${encodeURIComponent(name)}`)
    await expect(page.getByRole('heading', { level: 1 })).toContainText(name)
    await expect(page.locator('table.plain').first()).toBeVisible()
    await expect(page.locator('.places .letters').first()).toBeVisible()
  }
  await expect(page.getByText('not tested').first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Test it' }).first()).toBeEnabled()
  await expect(page.getByText(/The dissection chose another unit for it: l0/).first()).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Likelier when high' })).toBeVisible()
  await page.keyboard.press(']')
  await expect(page.getByRole('heading', { level: 1 })).toContainText('l0.f[4]')
})

test('unit: over training', async ({ page }) => {
  await open(page, 'unit?unit=l0.h%5B2%5D')
  await page.getByRole('button', { name: 'Measure it at every snapshot' }).click()
  await expect(page.getByRole('button', { name: 'Measure it at every snapshot' })).toBeEnabled({ timeout: 80_000 })
  await expect(page.locator('svg .curve.gray')).toBeVisible()
})

test('turn: three samples from one stream', async ({ page }) => {
  await open(page, 'turn?unit=l0.c%5B3%5D&len=120&v=4')
  await page.getByRole('button', { name: 'Write' }).click()
  const samples = page.locator('pre.sample')
  await expect(samples).toHaveCount(3)
  await expect(page.getByText(/The first two agree for/)).toBeVisible()
  for (let i = 0; i < 3; i++) expect((await samples.nth(i).innerText()).length).toBeGreaterThan(100)
  // The address writes them again; what is seen can be kept as a picture of letters.
  const [url, said] = [page.url(), await samples.first().innerText()]
  await page.goto('about:blank')
  await page.goto(url)
  await expect(page.getByText(/The first two agree for/)).toBeVisible()
  expect(await samples.first().innerText()).toBe(said)
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'SVG' }).first().click()])
  const svg = readFileSync((await file.path())!, 'utf8')
  expect(svg).toContain('Untouched</text>')
  expect(svg).not.toContain('Add a unit')
  await page.locator('input[type=range]').focus()
  await page.keyboard.press('ArrowLeft')
  await expect(page).not.toHaveURL(/v=4($|&)/)
})

test('why: what decided a character, and against another', async ({ page }) => {
  await open(page, 'why?c=120&n=300')
  await expect(page.getByText(/The largest single effect here/)).toBeVisible()
  await expect(page.locator('.letters i.here')).toHaveCount(1)
  // Where the pointer rests is asked about, and what was chosen comes back when it leaves.
  const asked = page.getByRole('heading', { level: 2 }).first()
  const chosen = await asked.innerText()
  await page.locator('.letters i').nth(200).hover()
  await expect(page.locator('.letters i').nth(200)).toHaveClass(/here/)
  await page.mouse.move(2, 2)
  await expect(page.locator('.letters i').nth(120)).toHaveClass(/here/)
  await expect(asked).toHaveText(chosen)
  await expect(page).toHaveURL(/c=120/)
  await page.getByRole('combobox', { name: 'Why it and not' }).selectOption({ index: 1 })
  await expect(page.getByRole('heading', { name: /and not/ })).toBeVisible()
  await page.getByLabel(/becomes/).fill('x')
  await page.getByRole('button', { name: 'Show what changes' }).click()
  await expect(page.getByText(/how far the states are/)).toBeVisible()
  await expect(page).toHaveURL(/to=x/) // and is part of the address
  const url = page.url()
  await page.goto('about:blank')
  await page.goto(url)
  await expect(page.getByText(/how far the states are/)).toBeVisible()
})

test('evolution: the slider moves everything', async ({ page }) => {
  await open(page, 'evolution')
  await expect(page.locator('pre.sample')).toBeVisible()
  const last = await page.locator('pre.sample').innerText()
  const slider = page.getByRole('slider')
  await slider.focus()
  await page.keyboard.press('Home')
  await expect(page).toHaveURL(/step=0/)
  await expect(page.getByText('step 0', { exact: false }).first()).toBeVisible()
  expect(await page.locator('pre.sample').innerText()).not.toBe(last)
  await read(page)
  await expect(page.getByText(/bits a symbol over this passage · step 0/)).toBeVisible()
  // The unit over training, with the step that is looked at.
  await page.getByRole('button', { name: 'Measure it at every snapshot' }).click()
  await expect(page.locator('svg .curve.gray').first()).toBeVisible({ timeout: 80_000 })
})

test('side by side: one pointer', async ({ page }) => {
  await open(page, 'beside?n=150')
  const sides = page.locator('.beside .letters')
  await expect(sides).toHaveCount(2)
  await expect(sides.nth(1).locator('i')).toHaveCount(150)
  await sides.nth(0).locator('i').nth(20).hover()
  await expect(sides.nth(1).locator('i').nth(20)).toHaveClass(/here/)
})

test('atlas: find, sort, and every unit beside every concept', async ({ page }) => {
  await open(page, 'atlas')
  const rows = page.locator('tbody tr')
  await expect(rows.first()).toBeVisible()
  const all = await rows.count()
  await expect(rows.filter({ hasText: 'not in this text' })).toHaveCount(0) // until one asks for them
  // Each concept tells its rule, and what was not found tells what could have been.
  await rows.first().getByText('The exact rule').click()
  await expect(rows.first().locator('details[open] p').first()).not.toBeEmpty()
  const missed = rows.filter({ has: page.locator('td:nth-child(3) .verdict', { hasText: 'not found' }) })
  expect(await missed.count()).toBeGreaterThan(0)
  for (const r of await missed.all()) await expect(r).toContainText(/would have been found, in four texts of five|could not have shown any unit/)
  await page.getByLabel('Search').fill('digit')
  await expect.poll(() => rows.count()).toBeLessThan(all)
  await page.getByRole('button', { name: 'Measure it' }).click()
  const matrix = page.locator('canvas.matrix')
  await expect(matrix).toBeVisible()
  await matrix.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Unit l0')
  await page.goBack()
  await expect(matrix).toBeVisible() // the address says that it was asked for
  await matrix.click({ position: { x: 40, y: 40 } })
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Unit l0')
})

test('map: states, the passage, and the nearest', async ({ page }) => {
  await open(page, 'map?n=100')
  await expect(page.locator('canvas.map')).toBeVisible()
  await page.locator('.letters i').nth(30).click()
  await expect(page.locator('.places li')).toHaveCount(12)
  await expect(page.getByText(/5 times in 100/)).toBeVisible()
  await page.locator('canvas.map').focus()
  await page.keyboard.press('ArrowRight')
  await expect(page).toHaveURL(/c=31/)
})

test('heatmap: drawn, zoomed, opened', async ({ page }) => {
  await open(page, 'heatmap?n=400')
  const canvas = page.locator('canvas.heat')
  await expect.poll(() => canvas.evaluate(coloursOf)).toBeGreaterThan(8)
  await canvas.focus()
  await page.keyboard.press('+')
  await expect(page).toHaveURL(/seen=/) // what is seen is part of the address
  await page.keyboard.press('ArrowRight')
  await expect(page.getByText(/^l0\.[hc]\[\d+\] · \d+/)).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/reader.*unit=l0/)
  await page.goBack()
  for (const kind of ['SVG', 'JSON'] as const) {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: kind }).click()])
    expect(readFileSync((await file.path())!, 'utf8')).toContain(kind === 'SVG' ? '<image' : '"value"')
  }
  await canvas.click({ position: { x: 100, y: 60 } })
  await expect(page).toHaveURL(/reader.*unit=l0/)
  // All sites, layer by layer.
  await open(page, 'heatmap?n=200&site=all&order=number')
  await expect(canvas).toHaveAttribute('data-drawn', /[1-9]/)
  await canvas.click({ position: { x: 60, y: 4 } })
  await expect(page).toHaveURL(/unit=l0\.[hc]%5B[0-3]%5D/)
})

test('memory: arcs over the text', async ({ page }) => {
  await open(page, 'memory?n=240')
  await expect(page.locator('svg .mono').first()).toBeVisible()
  await expect(page.locator('svg .tick').first()).toBeVisible()
  await expect(page.getByRole('heading', { name: 'How it counts quotes' })).toBeVisible()
})

test('report: the same parts as in the one-file report', async ({ page }) => {
  await open(page, 'report')
  for (const name of ['losses', 'evolution', 'heatmap', 'concepts']) await expect(page.locator(`main section svg[role=img], main section figure svg`).first(), name).toBeVisible()
  await expect(page.locator('main section > h2')).toHaveCount(8)
  expect(await page.locator('main section').filter({ hasText: 'not tested' }).count()).toBe(3) // use, explain and mistakes have not been asked for
  await page.getByText('The exact rule of each').click()
  await expect(page.locator('details[open] p.prose').first()).toBeVisible()
  const verdicts = page.locator('table').filter({ hasText: 'Capital letter' }).first()
  await expect(verdicts).toBeVisible()
})

test('runs: a training is started, seen, and stopped', async ({ page }) => {
  await page.goto('/#/')
  await expect(page.getByRole('link', { name: 'small' })).toBeVisible()
  await page.getByRole('checkbox', { name: /small$/ }).uncheck()
  await expect(page).toHaveURL(/#\/\?runs=/)
  await page.reload()
  await expect(page.getByRole('checkbox', { name: /small$/ })).not.toBeChecked()
  const name = 'started-' + Date.now()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('combobox', { name: 'Text' }).selectOption('novel')
  await page.getByRole('button', { name: 'Start' }).click()
  await page.getByRole('button', { name: /^Jobs/ }).click()
  await expect(page.locator('.drawer')).toContainText(`--out`)
  await expect(page.locator('.drawer progress').first()).toBeVisible()
  await page.locator('.drawer').getByRole('button', { name: 'Stop' }).first().click()
  await expect(page.locator('.drawer article').first()).toContainText('stopped')
  await page.getByRole('button', { name: /^Jobs/ }).click()
  await expect(page.getByRole('link', { name })).toBeVisible()
})

test('what is seen can be kept', async ({ page }) => {
  await open(page, 'unit?unit=l0.h%5B1%5D')
  await expect(page.locator('table.plain').first()).toBeVisible()
  for (const kind of ['SVG', 'CSV'] as const) {
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('figure.card').first().getByRole('button', { name: kind }).click()])
    const content = readFileSync((await file.path())!, 'utf8')
    expect(content).toContain(kind === 'SVG' ? '<svg' : 'from,count')
  }
})

const every = ['reader?n=200&c=20', 'unit', 'turn', 'match?n=120', 'why?c=60&n=150', 'evolution', 'beside?n=120', 'atlas', 'map?n=60', 'heatmap?n=200', 'memory?n=120', 'report', 'notes']

for (const [theme, lang] of [
  ['light', 'en'],
  ['dark', 'zh'],
] as const)
  test(`every view, ${theme}, ${lang}: no barrier and no overflow at any width`, async ({ browser }) => {
    test.setTimeout(420_000)
    const context = await browser.newContext({ colorScheme: theme, locale: lang === 'zh' ? 'zh-CN' : 'en-US', baseURL: 'http://127.0.0.1:8431' })
    const page = await context.newPage()
    await page.goto('/?token=e2e')
    for (const hash of ['', ...every]) {
      await page.setViewportSize({ width: 1280, height: 900 })
      await page.goto(hash ? '/#/small/' + hash : '/#/')
      await expect(page.locator('main h1')).toBeVisible()
      await expect(page.locator('main .wait')).toHaveCount(0)
      await page.waitForTimeout(400)
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(lang === 'zh' ? 'zh-CN' : 'en')
      await accessible(page)
      for (const width of [375, 768, 1920]) {
        await page.setViewportSize({ width, height: 900 })
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        expect(over, `${hash || 'runs'} at ${width}`).toBeLessThanOrEqual(0)
        if (process.env.RNNSCOPE_SCREENSHOTS) await page.screenshot({ path: `${process.env.RNNSCOPE_SCREENSHOTS}/${hash.split('?')[0] || 'runs'}-${width}-${theme}-${lang}.png`, fullPage: true })
      }
    }
    await context.close()
  })

// coloursOf counts the values in a picture. It reads a copy: a canvas of the page that is read again and again is something browsers warn of.
function coloursOf(c: HTMLCanvasElement): number {
  const copy = document.createElement('canvas')
  copy.width = c.width
  copy.height = c.height
  const g = copy.getContext('2d', { willReadFrequently: true })!
  g.drawImage(c, 0, 0)
  return new Set(g.getImageData(0, 0, c.width, c.height).data).size
}
