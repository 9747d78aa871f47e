// Fifty clients for a minute: each reads passages, edits them, looks at units, the atlas and samples, one request after another.
// usage: node e2e/clients.mjs BINARY RUNS OUT.json RUN,... [SECONDS] [CLIENTS]. Told are requests, errors, times and the server's largest memory.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const [binary, runs, out, named, seconds = '60', clients = '50'] = process.argv.slice(2)
const port = 8441
const server = spawn(binary, ['serve', runs, '--port', String(port), '--token', 'clients'], { stdio: ['ignore', 'pipe', 'inherit'] })
const gone = new Promise((done) => server.once('exit', done))
await new Promise((ready) => server.stdout.once('data', ready))
const headers = { Authorization: 'Bearer clients', 'Content-Type': 'application/json' }
const until = Date.now() + 1000 * Number(seconds)
const times = []
const wrong = {}
let busy = 0

async function ask(path, body) {
  const begun = performance.now()
  try {
    const r = await fetch(`http://127.0.0.1:${port}/${path}`, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(60_000) })
    const got = Buffer.from(await r.arrayBuffer())
    times.push(performance.now() - begun)
    if (r.status === 503) busy++
    else if (!r.ok) wrong[`${r.status} ${path.replace(/readings\/\w+/, 'readings/..')}`] = got.toString().slice(0, 200)
    return got
  } catch (e) {
    wrong[String(e.cause ?? e)] = path
    return Buffer.alloc(0)
  }
}

const all = named.split(',')
async function client(i) {
  const run = all[i % all.length]
  let text = 'He went to the house and said that it was so, but nobody there would know. '.repeat(6)
  let reading
  for (let k = 0; Date.now() < until; k++) {
    const got = (await ask(`api/runs/${run}/read`, { text, ...(reading ? { reading, have: 1e5 } : {}) })).toString('latin1')
    reading = /"reading":"(\w+)"/.exec(got)?.[1]
    if (!reading) continue
    const at = 100 + ((i * 31 + k * 17) % 300)
    text = text.slice(0, at) + 'aeiou'[k % 5] + text.slice(at + 1)
    const next = [`api/runs`, `api/runs/${run}/atlas`, `api/readings/${reading}/labels`, `api/readings/${reading}/unit?site=l0.h&unit=${k % 16}`, `api/runs/${run}/unit?site=l0.h&unit=${(i + k) % 16}`, `api/readings/${reading}/why?at=${at}`, `api/runs/${run}/evolution`, `api/readings/${reading}/heat?site=l0.h`, `api/readings/${reading}/rank?lo=${at}&hi=${at + 5}`]
    await ask(next[(i + k) % next.length])
  }
}

let peak = 0
const watch = setInterval(() => {
  const m = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))
  if (m) peak = Math.max(peak, Number(m[1]) / 1024)
}, 500)
await Promise.all(Array.from({ length: Number(clients) }, (_, i) => client(i)))
clearInterval(watch)
server.kill('SIGTERM')
await gone
times.sort((a, b) => a - b)
const result = { clients: Number(clients), seconds: Number(seconds), requests: times.length, errors: Object.keys(wrong).length, refused_as_busy: busy, median_ms: +times[times.length >> 1].toFixed(1), p99_ms: +times[Math.floor(times.length * 0.99)].toFixed(1), peak_mib: Math.round(peak) }
writeFileSync(out, JSON.stringify({ ...(existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : {}), clients: result }, null, 1))
console.log(result, wrong)
process.exitCode = Object.keys(wrong).length ? 1 : 0
