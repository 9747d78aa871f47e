// Times the live page in a real browser, on runs that bench/serve makes: usage: node e2e/speed.mjs BINARY RUNS OUT.json [what ...].
// What is timed ends with the paint that shows it, as somebody who looks would see it: the first frame after which the page
// fulfils a condition, and a task behind that frame. Several rounds each; the middle one is told.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync, existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const [binary, runs, out, ...only] = process.argv.slice(2)
const port = 8432
const address = `http://127.0.0.1:${port}/`
const wanted = (name) => only.length === 0 || only.includes(name)
const middle = (xs) => xs.toSorted((a, b) => a - b)[Math.floor(xs.length / 2)]
const results = existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : {}

const server = spawn(binary, ['serve', runs, '--port', String(port), '--token', 'speed'], { stdio: ['ignore', 'pipe', 'inherit'] })
const gone = new Promise((done) => server.once('exit', done))
await new Promise((ready) => server.stdout.once('data', ready))
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
const client = await page.context().newCDPSession(page)

// In the page: the time at which ready() was first true and painted, counted from a moment.
await page.addInitScript(() => {
  window.painted = (ready, from, limit = 20_000) =>
    new Promise((done, failed) => {
      const look = () => {
        if (ready()) {
          // The frame that this callback belongs to is painted next, and the message comes behind that.
          const c = new MessageChannel()
          c.port1.onmessage = () => done(performance.now() - from())
          c.port2.postMessage(0)
        } else if (from() < Infinity && performance.now() - from() > limit) failed(new Error('it was never shown'))
        else requestAnimationFrame(look)
      }
      requestAnimationFrame(look)
    })
})
await page.goto(address + '?token=speed')

async function tell(name, rounds, more = {}) {
  results[name] = { ms: +middle(rounds).toFixed(1), rounds: rounds.map((x) => +x.toFixed(1)), ...more }
  writeFileSync(out, JSON.stringify(results, null, 1))
  console.log(name, results[name].ms, JSON.stringify(rounds.map((x) => Math.round(x))), more)
}

// A letter typed at character 1,000 of 2,000: until what is seen of the passage has its new colours, and until all of it has.
async function keystroke(run) {
  await page.goto(address + `#/${run}/reader`)
  const box = page.locator('#text')
  await box.waitFor()
  const text = await page.evaluate(async (run) => {
    const r = await (await fetch(`api/runs/${run}`)).json()
    return r.spelled
  }, run)
  const sentence = 'He went to the house and said that it was so, but nobody there would know. '
  const all = [...sentence.repeat(30)].filter((c) => text.includes(c)).join('').slice(0, 2000)
  await box.fill(all)
  const letters = page.locator('.letters').first()
  const whole = (n) => page.waitForFunction((n) => document.querySelectorAll('.letters')[0].children.length === n && !document.querySelector('.letters i.late'), n)
  await whole(2000)
  await page.locator('aside .facts').waitFor({ timeout: 300_000 }) // the sample behind the unit's card is read, once
  await page.waitForTimeout(1500)
  await letters.evaluate((e) => { const i = e.children[1000]; e.scrollTop += i.getBoundingClientRect().top - e.getBoundingClientRect().top - 60 })
  await letters.scrollIntoViewIfNeeded()
  await box.evaluate((e) => { e.focus({ preventScroll: true }); e.setSelectionRange(1000, 1000) })
  const seen = []
  const full = []
  for (let i = 0; i < 12; i++) {
    const n = 2000 + i
    await page.evaluate((n) => {
      let begun = Infinity
      addEventListener('keydown', (e) => (begun = e.timeStamp), { capture: true, once: true })
      const box = document.querySelector('.letters')
      const cells = box.children
      const view = () => {
        const b = box.getBoundingClientRect()
        return [Math.max(0, b.top), Math.min(innerHeight, b.bottom)]
      }
      const ready = (everything) => () => {
        if (begun === Infinity || cells.length !== n + 1) return false
        if (everything) return !box.querySelector('i.late')
        const [top, bottom] = view()
        for (let i = 1000; i < cells.length; i++) {
          const r = cells[i].getBoundingClientRect()
          if (r.top > bottom) break
          if (r.bottom >= top && cells[i].classList.contains('late')) return false
        }
        return true
      }
      const from = () => begun
      window.wait = Promise.all([window.painted(ready(false), from), window.painted(ready(true), from)])
    }, n)
    await page.keyboard.press(i % 2 ? 'e' : 'a')
    const [a, b] = await page.evaluate(() => window.wait)
    if (i >= 2) { // the first two warm up
      seen.push(a)
      full.push(b)
    }
    await page.waitForTimeout(500)
  }
  const readings = await page.locator('[data-ms]').getAttribute('data-ms')
  await tell('keystroke ' + run, seen, { all: +middle(full).toFixed(1), answer: +Number(readings).toFixed(1) })
}

// Another unit's page, after the first.
async function units(run, names) {
  await page.goto(address + `#/${run}/unit?unit=${encodeURIComponent(names[0])}`)
  const shown = (name) => page.evaluate((name) => {
    const begun = performance.now()
    return window.painted(() => document.querySelector('main h1')?.textContent.includes(name) && document.querySelectorAll('.places .letters').length > 8 && !!document.querySelector('main table.plain tbody tr') && !document.querySelector('main .wait'), () => begun, 60_000)
  }, name)
  await shown(names[0])
  await page.waitForTimeout(3000)
  const rounds = []
  for (const name of names.slice(1)) {
    const wait = page.evaluate((name) => {
      const begun = performance.now()
      const p = window.painted(() => document.querySelector('main h1')?.textContent.includes(name) && document.querySelectorAll('.places .letters').length > 8 && !!document.querySelector('main table.plain tbody tr') && !document.querySelector('main .wait'), () => begun)
      location.hash = location.hash.replace(/unit=[^&]*/, 'unit=' + encodeURIComponent(name))
      return p
    }, name)
    rounds.push(await wait)
    await page.waitForTimeout(1500)
  }
  await tell('unit ' + run, rounds, { units: names.slice(1) })
}

// The first view of a run: from a browser that has never seen it to the passage read and coloured.
async function first(run) {
  const rounds = []
  for (let i = 0; i < 3; i++) {
    const fresh = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    const p = await fresh.newPage()
    await p.goto(address + '?token=speed')
    await p.goto('about:blank')
    const begun = Date.now()
    await p.goto(address + `#/${run}/reader`)
    await p.waitForFunction(() => document.querySelectorAll('.letters i').length > 100 && !document.querySelector('.letters i.late'), null, { polling: 'raf', timeout: 120_000 })
    rounds.push(Date.now() - begun)
    await fresh.close()
  }
  await tell('first ' + run, rounds, { first: rounds[0] })
}

// A heatmap of 2,000 symbols by 512 units, drawn anew while it is dragged and zoomed.
async function heat(run, n) {
  await page.goto(address + `#/${run}/heatmap?n=${n}&at=0`)
  await page.waitForFunction(() => Number(document.querySelector("canvas.heat")?.dataset.drawn) > 0, null, { timeout: 120_000 })
  await page.waitForTimeout(2000)
  const canvas = page.locator('canvas.heat')
  const box = await canvas.boundingBox()
  const rounds = []
  const frames = []
  const step = async (act) => {
    await page.evaluate(() => { window.wait = new Promise((done) => {
      let begun = 0
      const at = (e) => { if (!begun) begun = e.timeStamp }
      for (const k of ['wheel', 'pointermove', 'keydown']) addEventListener(k, at, { capture: true, once: true, passive: true })
      const c = document.querySelector('canvas.heat')
      const before = c.dataset.drawn
      window.painted(() => c.dataset.drawn !== before, () => begun || performance.now()).then((ms) => done([ms, Number(c.dataset.ms)]))
    }) })
    await act()
    const [ms, drawing] = await page.evaluate(() => window.wait)
    frames.push(ms)
    rounds.push(drawing)
  }
  await canvas.focus()
  for (let i = 0; i < 6; i++) await step(() => page.keyboard.press('+'))
  for (let i = 0; i < 6; i++) await step(() => page.keyboard.press(i % 2 ? 'ArrowRight' : 'ArrowDown'))
  await page.mouse.move(box.x + 300, box.y + 200)
  for (let i = 0; i < 6; i++) await step(() => page.keyboard.press('-'))
  await tell('heatmap ' + run, rounds, { frame: +middle(frames).toFixed(1), worst: +Math.max(...rounds).toFixed(1) })
}

// Choosing units and searching an index, as the page asks for it: from request to answer, after the first, which labels the text.
async function match(run) {
  await page.goto(address + `#/${run}/match`)
  const got = await page.evaluate(async (run) => {
    const post = async (path, body) => (await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).text()
    const of = await (await fetch(`api/runs/${run}`)).json()
    const index = await (await fetch(`api/runs/${run}/index`)).json()
    const reading = /"reading":"(\w+)"/.exec(await post(`api/runs/${run}/read`, { at: of.split.val.lo + 5000, n: 300 }))[1]
    const times = { choose: [], refine: [] }
    for (let i = 0; i < 7; i++)
      for (const what of ['choose', 'refine']) {
        const begun = performance.now()
        const r = JSON.parse(await post(`api/readings/${reading}/${what}`, { lo: 40 + 20 * i, hi: 60 + 20 * i, at: of.split.val.lo + 5000 }))
        if (what === 'refine' && r.result.places.length !== 50) throw new Error('not 50 places')
        times[what].push(performance.now() - begun)
      }
    return { index, times }
  }, run)
  await tell('choose ' + run, got.times.choose.slice(1), { symbols: got.index.symbols, units: got.index.units })
  await tell('match ' + run, got.times.refine.slice(1), { symbols: got.index.symbols, units: got.index.units, first: Math.round(got.times.refine[0]) })
}

try {
  if (wanted('match') && existsSync(`${runs}/k256/run.db`)) await match('k256')
  if (wanted('keystroke')) for (const run of ['k128', 'k512']) if (existsSync(`${runs}/${run}/run.db`)) await keystroke(run)
  if (wanted('unit')) await units('k128', ['l0.h[1]', 'l0.c[100]', 'l0.c[17]', 'l0.h[99]', 'l0.h[9]', 'l0.c[4]'])
  if (wanted('unit512')) await units('k512', ['l0.h[1]', 'l1.c[500]', 'l0.c[17]', 'l1.h[300]', 'l0.h[9]', 'l1.c[4]'])
  if (wanted('heat')) await heat('k512', 2000)
  if (wanted('first')) await first('gb')
} finally {
  await browser.close()
  server.kill('SIGTERM')
  await gone
}
