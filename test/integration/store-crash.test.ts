import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src-main/controlplane/store/index.ts'

const root = mkdtempSync(join(tmpdir(), 'drydock-crash-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const writer = join(import.meta.dirname, 'store-writer.ts')

/** Runs the writer and kills it (SIGKILL) once it has acknowledged as many; resolves with all that it acknowledged. */
async function writeUntilKilled(
  directory: string,
  round: number,
  after: number,
  mode: string,
): Promise<Map<string, number>> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', writer, directory, String(round), mode],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const acknowledged = new Map<string, number>()
  let rest = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [key, revision] = line.split(' ')
      if (revision) acknowledged.set(key!, Number(revision))
    }
    if (acknowledged.size >= after) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.once('close', resolve))
  return acknowledged
}

describe('kill -9 of the writer', () => {
  it.each(['plain', 'compact'])('loses no acknowledged object in ten rounds (%s)', async (mode) => {
    const directory = join(root, mode)
    const all = new Map<string, number>()
    for (let round = 0; round < 10; round++) {
      const after = 40 + ((round * 97) % 900)
      for (const [key, revision] of await writeUntilKilled(directory, round, after, mode)) all.set(key, revision)
      const store = await openStore({ directory })
      const { items } = await store.range('')
      const found = new Map(items.map((item) => [item.key, item.modRevision]))
      const lost = [...all].filter(([key, revision]) => found.get(key) !== revision)
      await store.close()
      expect(lost).toEqual([])
    }
    expect(all.size).toBeGreaterThan(1000)
  })
})
