import { defineConfig } from '@playwright/test'

// The program and a directory with the run "small" come from outside: .ci/page makes both.
const binary = process.env.RNNSCOPE_BINARY ?? 'rnnscope'
const runs = process.env.RNNSCOPE_RUNS ?? 'runs'

export default defineConfig({
  testDir: 'e2e',
  workers: 1,
  retries: process.env.CI ? 1 : 0, // a busy machine is told as flaky, not as broken
  timeout: 90_000,
  expect: { timeout: 45_000 },
  reporter: [['list']],
  outputDir: process.env.RNNSCOPE_SCREENSHOTS ?? 'test-results',
  use: {
    baseURL: 'http://127.0.0.1:8431',
    viewport: { width: 1280, height: 900 },
    locale: 'en-US',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] },
  },
  webServer: { command: `"${binary}" serve "${runs}" --port 8431 --token e2e`, url: 'http://127.0.0.1:8431/', timeout: 20_000 },
})
