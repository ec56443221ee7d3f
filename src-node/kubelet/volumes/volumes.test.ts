import { lstat, mkdtemp, readFile, readdir, readlink, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { writeAtomically } from './atomic-writer.ts'
import { downwardPayload } from './downward-api.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'volumes-'))
})
afterAll(() => rm(root, { recursive: true }))

const files = (texts: Record<string, string>) =>
  new Map(Object.entries(texts).map(([path, words]) => [path, { data: Buffer.from(words), mode: 0o644 }]))

describe('the atomic writer', () => {
  it('swaps all files at once, and only when they differ', async () => {
    const directory = join(root, 'v')
    expect(await writeAtomically(directory, files({ a: '1', 'b/c': '2' }), { now: 0 })).toBe(true)
    expect(await readlink(join(directory, 'a'))).toBe('..data/a')
    expect(await readFile(join(directory, 'b/c'), 'utf8')).toBe('2')
    expect(await writeAtomically(directory, files({ a: '1', 'b/c': '2' }), { now: 1 })).toBe(false)
    expect(await writeAtomically(directory, files({ a: '3', d: '4' }), { now: 2 })).toBe(true)
    expect(await readFile(join(directory, 'a'), 'utf8')).toBe('3')
    const names = await readdir(directory)
    expect(names.filter((name) => !name.startsWith('..')).sort()).toEqual(['a', 'd'])
    expect(names.filter((name) => name.startsWith('..'))).toHaveLength(2)
    expect((await lstat(join(directory, '..data'))).isSymbolicLink()).toBe(true)
  })

  it('names what an agent wrote that died before it had named it', async () => {
    const directory = join(root, 'u')
    const written = files({ a: '1', 'b/c': '2' })
    await writeAtomically(directory, written, { now: 0 })
    await rm(join(directory, 'a'))
    await rm(join(directory, 'b'))
    expect(await writeAtomically(directory, written, { now: 1 })).toBe(false)
    expect(await readFile(join(directory, 'a'), 'utf8')).toBe('1')
    expect(await readFile(join(directory, 'b', 'c'), 'utf8')).toBe('2')
  })

  it('writes again what differs in its mode alone, and after an agent that died half-way', async () => {
    const directory = join(root, 'w')
    const file = (mode: number) => new Map([['a', { data: Buffer.from('1'), mode }]])
    await writeAtomically(directory, file(0o600), { now: 0 })
    expect(await writeAtomically(directory, file(0o644), { now: 1 })).toBe(true)
    await symlink('nowhere', join(directory, '..data_tmp'))
    expect(await writeAtomically(directory, file(0o600), { now: 2 })).toBe(true)
    await rm(join(directory, await readlink(join(directory, '..data'))), { recursive: true })
    expect(await writeAtomically(directory, file(0o600), { now: 3 })).toBe(true)
    expect(await readFile(join(directory, 'a'), 'utf8')).toBe('1')
  })
})

it('writes the fields of a pod', () => {
  const pod = partial<Pod>({
    metadata: { name: 'p', labels: { b: '2', a: 'x"y' } },
    spec: { containers: [{ name: 'c', resources: { limits: { cpu: '1500m' } } }] },
  })
  const facts = { nodeIp: '10.0.0.1', nodeName: 'n', allocatable: { memory: '2Gi' } }
  const limit = (resource: string, divisor?: string) => ({ containerName: 'c', resource, divisor })
  const made = downwardPayload(
    [
      { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
      { path: 'cpu', resourceFieldRef: limit('limits.cpu') },
      { path: 'milli', resourceFieldRef: limit('limits.cpu', '1m') },
      { path: 'memory', resourceFieldRef: limit('limits.memory', '1Mi') },
    ],
    0o644,
    pod,
    facts,
  )
  expect([...made].map(([path, { data }]) => `${path} ${data.toString()}`)).toEqual([
    'labels a="x\\"y"\nb="2"',
    'cpu 2',
    'milli 1500',
    'memory 2048',
  ])
})
