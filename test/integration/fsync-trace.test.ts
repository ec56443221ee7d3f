/** Every acknowledgement comes after the fsync that covers it: by the system calls that strace saw. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { command } from '../helpers/command.ts'
import { checkTrace, straceOptions, type TraceReport } from '../helpers/fsync-trace.ts'
import { ownFolder, removeLeftovers } from '../helpers/leftovers.ts'

const root = ownFolder('fsync-trace')
beforeAll(() => removeLeftovers('fsync-trace'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Runs the writer under strace and has its trace judged. */
async function traced(mode: string): Promise<TraceReport> {
  const trace = join(root, `${mode}.trace`)
  const writer = join(import.meta.dirname, 'traced-writer.ts')
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', writer, mode, join(root, mode)]
  const { code, stderr } = await command('strace', [...straceOptions, '-o', trace, ...node])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return checkTrace(readFileSync(trace, 'latin1'), '/store.db-log')
}

describe('the trace of system calls', () => {
  it.each(['store', 'app'])('shows each acknowledgement of the %s after the fsync that covers it', async (mode) => {
    const { acknowledged, syncs, violations } = await traced(mode)
    console.info(`${mode}: ${acknowledged} acknowledgements, ${syncs} syncs of the log`)
    expect(violations).toEqual([])
    expect(acknowledged).toBe(200)
    // Group commit: one sync covers many.
    expect(syncs).toBeLessThan(200)
  })

  it('gives away a log that does not wait for the disk', async () => {
    const { acknowledged, violations } = await traced('unsynced')
    expect(acknowledged).toBe(200)
    expect(violations).toHaveLength(200)
    expect(violations[0]).toMatch(/traced-\d+ was acknowledged before the log was forced to disk/)
  })
})

describe('checkTrace', () => {
  const hex = (bytes: Buffer | string): string =>
    [...Buffer.from(bytes)].map((b) => `\\x${Buffer.from([b]).toString('hex')}`).join('')
  const log = `7<${hex('/d/store.db-log')}>`
  const batch = (text: string): string => `1 1.0 pwrite64(${log}, "${hex(text)}", 4096, 0) = 4096`
  const sync = `1 1.0 fdatasync(${log}) = 0`
  const ack = (key: string): string => `2 1.0 write(1<${hex('pipe:[1]')}>, "${hex(`ACK ${key}\n`)}", 9) = 9`
  const judge = (...lines: string[]): string[] => checkTrace(lines.join('\n'), '/store.db-log').violations

  it('wants the batch written, then a sync, then the acknowledgement', () => {
    expect(judge(batch('/b'), batch('/a'), sync, ack('/a'))).toEqual([])
    expect(judge(batch('/a'), ack('/a'), sync)).toEqual(['/a was acknowledged before the log was forced to disk'])
    expect(judge(sync, batch('/a'), ack('/a'))).toHaveLength(1)
    expect(judge(ack('/a'), batch('/a'), sync)).toEqual(['/a was acknowledged before it was written'])
    expect(judge(batch('/b'), sync, ack('/a'))).toEqual(['/a was acknowledged and never committed to the log'])
  })

  it('does not take a sync that failed, began too early or ended too late', () => {
    const [begin, end] = [`1 1.0 fsync(${log} <unfinished ...>`, '1 1.1 <... fsync resumed>) = 0']
    const commit = [batch('/a')]
    expect(judge(...commit, begin, end, ack('/a'))).toEqual([])
    expect(judge(...commit, begin, ack('/a'), end)).toHaveLength(1)
    const other = (line: string): string => line.replace(/^1/, '3')
    expect(judge(other(begin), ...commit, other(end), ack('/a'))).toHaveLength(1)
    expect(judge(...commit, `1 1.0 fsync(${log}) = -1 EIO (Input/output error)`, ack('/a'))).toHaveLength(1)
  })
})
