import type * as fs from 'node:fs'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { openPki } from '../pki/index.ts'
import { writeDurably } from './durable-file.ts'
import { sealingKeys } from './seal.ts'

/** What was done to which path, in order. */
const steps: string[] = []
const paths = new Map<number, string>()
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>()
  return {
    ...real,
    openSync(path: string, ...rest: [string, number?]) {
      const handle = real.openSync(path, ...rest)
      paths.set(handle, basename(path))
      return handle
    },
    writeSync(handle: number, bytes: Uint8Array, at: number) {
      steps.push(`write ${paths.get(handle)}`)
      // A disk may take less than it is given.
      return real.writeSync(handle, bytes, at, Math.min(20, bytes.length - at))
    },
    fsyncSync(handle: number) {
      steps.push(`sync ${paths.get(handle)}`)
      real.fsyncSync(handle)
    },
    renameSync(from: string, to: string) {
      steps.push(`rename ${basename(from)} ${basename(to)}`)
      real.renameSync(from, to)
    },
  }
})

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drydock-durable-'))
  steps.length = 0
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('writeDurably', () => {
  it('forces the bytes to disk, then puts them in place, then forces the folder', () => {
    writeDurably(join(directory, 'a'), 'x'.repeat(50))
    const folder = basename(directory)
    expect(steps).toEqual([
      'write a.new',
      'write a.new',
      'write a.new',
      'sync a.new',
      'rename a.new a',
      `sync ${folder}`,
    ])
    expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('x'.repeat(50))
    expect(statSync(join(directory, 'a')).mode & 0o777).toBe(0o600)
  })

  it('replaces what is there, also when an earlier try was cut off', () => {
    writeFileSync(join(directory, 'a'), 'old')
    writeFileSync(join(directory, 'a.new'), 'half of a longer one')
    writeDurably(join(directory, 'a'), 'new')
    expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('new')
    expect(readdirSync(directory)).toEqual(['a'])
  })
})

describe('keys and certificates', () => {
  const syncedFirst = (name: string): boolean => {
    const renamed = steps.indexOf(`rename ${name}.new ${name}`)
    return renamed > 0 && steps[renamed - 1] === `sync ${name}.new` && steps[renamed + 1]!.startsWith('sync ')
  }

  it('of the cluster are on disk before anything is signed with them', async () => {
    const pki = await openPki(directory, { clock: new FakeClock(Date.now()), sans: { dns: [], ips: [] } })
    await pki.client('admin', [])
    const names = ['ca', 'apiserver', 'client-admin'].flatMap((name) => [`${name}.key`, `${name}.crt`])
    expect([...names, 'sa.key'].filter((name) => !syncedFirst(name))).toEqual([])
  })

  it('that seal secrets are on disk before a secret is', () => {
    sealingKeys(directory)
    expect(syncedFirst('sealing.key')).toBe(true)
  })
})
