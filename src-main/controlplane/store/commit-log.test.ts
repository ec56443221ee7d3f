import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CommitLog, loggedChanges, readLogFile, RECORD_HEAD } from './commit-log.ts'
import type { Change } from './versioned-tree.ts'
import { pack, packedSize } from './writer-protocol.ts'

const root = mkdtempSync(join(tmpdir(), 'drydock-log-'))
let count = 0
const fresh = (): string => join(root, String(count++))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const put = (revision: number, size = 10): Change => ({
  revision,
  key: `/ключ/${revision}`,
  value: new Uint8Array(size).fill(revision),
  createRevision: revision,
})

function record(...changes: Change[]): Uint8Array {
  const area = new Uint8Array(RECORD_HEAD + packedSize(changes))
  return area.subarray(0, RECORD_HEAD + pack(changes, area.subarray(RECORD_HEAD)))
}

const revisions = (bytes: Uint8Array): number[] => [...loggedChanges(bytes)].map(({ revision }) => revision)

describe('a commit log', () => {
  it('gives back what was appended, with its time', () => {
    const file = fresh()
    const log = new CommitLog(file)
    log.append(record(put(1), put(2)), 1000)
    log.append(record({ revision: 3, key: '/ключ/1', value: undefined, createRevision: 1 }), 2000.5)
    log.close()
    const read = [...loggedChanges(readLogFile(file))].map((change) => ({
      ...change,
      value: change.value && new Uint8Array(change.value),
    }))
    expect(read).toEqual([
      { ...put(1), time: 1000 },
      { ...put(2), time: 1000 },
      { revision: 3, key: '/ключ/1', value: undefined, createRevision: 1, time: 2000.5 },
    ])
  })

  it('forces each batch to disk, after it was written whole', () => {
    const file = fresh()
    const seen: number[][] = []
    const log = new CommitLog(file, { sync: () => seen.push(revisions(readFileSync(file))) })
    log.append(record(put(1)), 0)
    log.append(record(put(2)), 0)
    log.close()
    expect(seen).toEqual([[1], [1, 2]])
  })

  it('keeps its length, and says when it has no more room', () => {
    const file = fresh()
    const capacity = 400
    const log = new CommitLog(file, { capacity })
    expect(statSync(file)).toMatchObject({ size: capacity, mode: 0o100600 })
    expect([put(1, 100), put(2, 100), put(3, 100)].map((change) => log.append(record(change), 0))).toEqual([
      true,
      true,
      false,
    ])
    expect(statSync(file).size).toBe(capacity)
    expect(revisions(readFileSync(file))).toEqual([1, 2])
    log.close()
  })

  it('begins again over what it held: nothing of an earlier round is read', () => {
    const file = fresh()
    const log = new CommitLog(file)
    for (const revision of [1, 2, 3]) log.append(record(put(revision)), 0)
    log.restart()
    log.append(record(put(4)), 0)
    expect(revisions(readFileSync(file))).toEqual([4])
    log.close()
    const later = new CommitLog(file)
    later.append(record(put(5)), 0)
    later.close()
    expect(revisions(readFileSync(file))).toEqual([5])
  })

  it('ends before a record that is torn, wherever that is', () => {
    const file = fresh()
    const log = new CommitLog(file, { capacity: 400 })
    for (const revision of [1, 2, 3]) log.append(record(put(revision)), 0)
    log.close()
    const whole = readFileSync(file)
    const length = record(put(1)).length
    for (let at = length; at < 2 * length; at++) {
      const torn = Buffer.from(whole)
      torn[at] = torn[at]! ^ 0x55
      expect(revisions(torn)).toEqual([1])
    }
    for (let end = 0; end < whole.length; end++) {
      expect(revisions(whole.subarray(0, end))).toEqual([1, 2, 3].slice(0, Math.min(Math.floor(end / length), 3)))
    }
  })

  it('is empty when it is new, missing or something else', () => {
    const file = fresh()
    expect(readLogFile(file)).toHaveLength(0)
    new CommitLog(file).close()
    expect(revisions(readFileSync(file))).toEqual([])
    writeFileSync(file, 'nothing of a log '.repeat(100))
    expect(revisions(readFileSync(file))).toEqual([])
  })
})
