import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { machineStart } from './machine-start.ts'

it('is told by the first process, whatever its name', async () => {
  const files: Record<string, string> = {
    '/proc/1/stat': `1 (a (b) c) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 350025 2 3\n`,
    '/proc/uptime': '3600.50 7000.00\n',
  }
  expect(await machineStart((path) => Promise.resolve(files[path]!), 1_000_000_000)).toBe(1_000_000_000 - 100_250)
})

it('lies before this moment on a real machine', async () => {
  const now = Date.now()
  const started = await machineStart((path) => readFile(path, 'utf8'), now)
  expect(started).toBeLessThan(now)
  expect(started).toBeGreaterThan(0)
})
