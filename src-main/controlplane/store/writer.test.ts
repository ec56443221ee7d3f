import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { loggedChanges, readLogFile, RECORD_HEAD } from './commit-log.ts'
import { newestRevision, openDatabase } from './database.ts'
import { takeOverLog } from './take-over.ts'
import { Writer } from './writer.ts'
import { pack, packedSize } from './writer-protocol.ts'

const root = mkdtempSync(join(tmpdir(), 'drydock-writer-'))
let count = 0
const fresh = (): string => join(root, `${count++}.db`)
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** One batch that puts a value of so many bytes at each revision. */
function record(revisions: readonly number[], bytes = 10): Uint8Array {
  const changes = revisions.map((revision) => ({
    revision,
    key: `/k/${revision}`,
    value: new Uint8Array(bytes).fill(revision),
    createRevision: revision,
  }))
  const area = new Uint8Array(RECORD_HEAD + packedSize(changes))
  return area.subarray(0, RECORD_HEAD + pack(changes, area.subarray(RECORD_HEAD)))
}

/** Revisions that a database has, by a connection of its own. */
function inDatabase(file: string): number[] {
  const database = new DatabaseSync(file)
  const rows = database.prepare('SELECT revision FROM log ORDER BY revision').all() as Array<{ revision: number }>
  database.close()
  return rows.map(({ revision }) => revision)
}

const inLog = (file: string): number[] =>
  [...loggedChanges(readLogFile(`${file}-log`))].map((change) => change.revision)

describe('the writer of a store', () => {
  it('has a batch in the log when the commit returns, and in the database when it settles', () => {
    const file = fresh()
    const settled: number[] = []
    const writer = new Writer(file, (revision) => settled.push(revision))
    const area = record([1, 2])
    writer.commit(area, 5)
    // Its caller fills the same memory with the next batch.
    area.fill(0)
    expect([inLog(file), inDatabase(file)]).toEqual([[1, 2], []])
    writer.settle()
    expect([inDatabase(file), settled]).toEqual([
      [1, 2],
      [0, 2],
    ])
    writer.commit(record([3]), 5)
    expect(inLog(file)).toEqual([3])
    writer.close()
    expect(inDatabase(file)).toEqual([1, 2, 3])
  })

  it('takes over one row a call', () => {
    const file = fresh()
    const writer = new Writer(file)
    writer.commit(record([1, 2]), 0)
    writer.commit(record([3]), 0)
    let calls = 0
    while (writer.tidy()) calls++
    // Three rows, and the ends of two batches.
    expect(calls).toBe(5)
    expect(inDatabase(file)).toEqual([])
    writer.settle()
    expect(inDatabase(file)).toEqual([1, 2, 3])
    writer.close()
  })

  it('settles when the log is full, and takes what is larger than the log at once', () => {
    const file = fresh()
    const settled: number[] = []
    const writer = new Writer(file, (revision) => settled.push(revision), { capacity: 1000 })
    writer.commit(record([1], 600), 0)
    writer.commit(record([2], 600), 0)
    expect([inDatabase(file), inLog(file)]).toEqual([[1], [2]])
    writer.commit(record([3], 2000), 0)
    expect([inDatabase(file), settled]).toEqual([
      [1, 2, 3],
      [0, 1, 2, 3],
    ])
    writer.commit(record([4]), 0)
    expect(inLog(file)).toEqual([4])
    writer.close()
  })

  it('answers of what is in the log too when it is asked for history, compaction or a copy', () => {
    const file = fresh()
    const writer = new Writer(file)
    writer.commit(record([1, 2]), 5)
    expect(writer.history(10)).toEqual({ lastBefore: 2, bytes: 20 })
    writer.commit(record([3]), 5)
    writer.compact(3)
    writer.commit(record([4]), 5)
    const copy = fresh()
    writer.snapshot(copy)
    expect(inDatabase(copy)).toEqual([1, 2, 3, 4])
    writer.close()
  })

  it('tells a row that the database refuses with the next commit, and leaves it in the log', () => {
    const file = fresh()
    const writer = new Writer(file)
    const database = new DatabaseSync(file)
    database.exec('ALTER TABLE log RENAME TO gone')
    writer.commit(record([1]), 0)
    while (writer.tidy());
    for (const act of [() => writer.commit(record([2]), 0), () => writer.settle(), () => writer.compact(1)])
      expect(act).toThrow(/no such table/)
    writer.close()
    expect(inLog(file)).toEqual([1])
    database.exec('ALTER TABLE gone RENAME TO log')
    database.close()
    const mended = openDatabase(file)
    expect([takeOverLog(mended, file), newestRevision(mended), takeOverLog(mended, file)]).toEqual([1, 1, 0])
    mended.close()
  })
  describe('on a full disk', () => {
    /** A writer whose database may have so many pages more than it has. */
    function confined(file: string, capacity?: number) {
      let database: DatabaseSync
      const open = (path: string): DatabaseSync => (database = openDatabase(path))
      const settled: number[] = []
      const writer = new Writer(file, (revision) => settled.push(revision), { open, ...(capacity && { capacity }) })
      const pages = (more: number): void => {
        const { page_count } = database.prepare('PRAGMA page_count').get() as { page_count: number }
        database.exec(`PRAGMA max_page_count = ${page_count + more}`)
      }
      return { writer, pages, settled }
    }
    const LARGE = 300_000

    it('refuses what it cannot promise, and goes on once there is room, with all that was promised', () => {
      const file = fresh()
      const { writer, pages, settled } = confined(file)
      writer.commit(record([1]), 5)
      writer.settle()
      pages(0)
      // It is in the log, and so promised.
      writer.commit(record([2, 3], LARGE), 6)
      while (writer.tidy());
      for (const act of [
        () => writer.commit(record([4]), 7),
        () => writer.settle(),
        () => writer.commit(record([4]), 7),
      ])
        expect(act).toThrow('database or disk is full')
      expect([inLog(file), inDatabase(file)]).toEqual([[2, 3], [1]])
      pages(1000)
      writer.commit(record([4]), 8)
      expect([inLog(file), inDatabase(file)]).toEqual([[4], [1, 2, 3]])
      writer.commit(record([5]), 9)
      writer.close()
      expect([inDatabase(file), settled]).toEqual([
        [1, 2, 3, 4, 5],
        [0, 1, 3, 5],
      ])
    })

    it('refuses what is larger than its log, and takes it when there is room', () => {
      const file = fresh()
      const { writer, pages } = confined(file, 1000)
      pages(0)
      expect(() => writer.commit(record([1], LARGE), 5)).toThrow('database or disk is full')
      writer.commit(record([1]), 5)
      pages(1000)
      writer.commit(record([2], LARGE), 5)
      expect(inDatabase(file)).toEqual([1, 2])
      writer.close()
    })

    it('leaves in the log what the next start takes over', () => {
      const file = fresh()
      const { writer, pages } = confined(file)
      pages(0)
      writer.commit(record([1, 2], LARGE), 6)
      while (writer.tidy());
      expect(() => writer.commit(record([3]), 7)).toThrow('database or disk is full')
      writer.close()
      const next = openDatabase(file)
      expect([takeOverLog(next, file), newestRevision(next)]).toEqual([2, 2])
      next.close()
    })
  })
})
