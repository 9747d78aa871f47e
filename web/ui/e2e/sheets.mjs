// Contact sheets of the page: every view at four widths, light and dark, in English and Chinese, one sheet a view, to be looked at by a person.
// usage: node e2e/sheets.mjs BINARY RUNS OUTDIR RUN [VIEW?...,...] ; with ALL=1 every combination instead of one in two, with HALF=2 the other ones.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'

const [binary, runs, out, run, views] = process.argv.slice(2)
const every = ['', 'reader?n=300&c=40', 'unit', 'turn?len=200', 'match?n=200&span=40:52', 'why?c=60&n=200', 'evolution', 'beside?n=200', 'atlas?matrix=1', 'map?n=80&c=30', 'heatmap?n=300', 'memory?n=200', 'report', 'notes']
const port = 8451
const server = spawn(binary, ['serve', runs, '--port', String(port), '--token', 'sheets'], { stdio: ['ignore', 'pipe', 'inherit'] })
await new Promise((ready) => server.stdout.once('data', ready))
mkdirSync(out, { recursive: true })
process.on('exit', () => server.kill('SIGTERM'))
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
const looks = ['light en', 'dark zh', 'dark en', 'light zh'].map((x) => x.split(' '))
const pages = []
for (const [theme, lang] of looks) {
  const context = await browser.newContext({ colorScheme: theme, locale: lang === 'zh' ? 'zh-CN' : 'en-US', baseURL: `http://127.0.0.1:${port}` })
  const page = await context.newPage()
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && console.log(`${theme} ${lang}: ${m.text()}`))
  page.on('pageerror', (e) => console.log(`${theme} ${lang}: ${e}`))
  await page.goto('/?token=sheets')
  pages.push(page)
}
for (const hash of views ? views.split(',') : every) {
  const name = hash.split('?')[0] || 'runs'
  const shots = []
  for (const [k, width] of [375, 768, 1280, 1920].entries()) {
    for (const j of process.env.ALL ? [0, 1, 2, 3] : k % 2 === (process.env.HALF === '2' ? 1 : 0) ? [0, 1] : [2, 3]) {
      const page = pages[j]
      await page.setViewportSize({ width, height: 900 })
      await page.goto(hash ? `/#/${encodeURIComponent(run)}/${hash}` : '/#/')
      await page.locator('main h1').waitFor({ timeout: 90_000 })
      await page.waitForFunction(() => !document.querySelector('main .wait'), null, { timeout: 120_000 }).catch(() => console.log(`${name} ${width}: still waits`))
      if (name === 'turn') await page.locator('form button[type=submit]').click()
      await page.waitForTimeout(700)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      if (over > 0) console.log(`${name} ${width} ${looks[j].join(' ')}: ${over} px too wide`)
      const file = join(out, `${name}-${width}-${looks[j].join('-')}.png`)
      for (let k = 0; ; k++) {
        // A machine that does other work is patient.
        const failed = await page.screenshot({ path: file, fullPage: true, timeout: 60_000 }).then(() => null, (e) => e)
        if (!failed) break
        if (k === 2) throw failed
      }
      shots.push([`${width} ${looks[j].join(' ')}`, file, width])
    }
  }
  const sheet = await browser.newPage({ viewport: { width: 1900, height: 1000 } })
  const cells = shots.map(([title, file, width]) => `<figure><figcaption>${name} ${title}</figcaption><img width="${Math.round(width * (width < 500 ? 0.5 : width < 1000 ? 0.45 : 0.36))}" src="data:image/png;base64,${readFileSync(file).toString('base64')}"></figure>`)
  await sheet.setContent(`<style>body{display:flex;flex-wrap:wrap;gap:8px;margin:8px;background:#888;font:12px sans-serif;align-items:flex-start}figure{margin:0}img{max-height:1500px;object-fit:cover;object-position:top}</style>${cells.join('')}`)
  await sheet.screenshot({ path: join(out, `sheet-${name}.png`), fullPage: true })
  await sheet.close()
  console.log(`sheet-${name}.png`)
}
writeFileSync(join(out, 'made.txt'), new Date().toISOString() + '\n')
await browser.close()
process.exit()
