import { Writable, type Readable } from 'node:stream'

const HEADER_SIZE = 8
const STDERR_TYPE = 2

/** Where the parts of a multiplexed stream go; a missing one is dropped. */
export interface DemuxTargets {
  stdout: Writable | undefined
  stderr: Writable | undefined
}

/** Takes Docker's multiplexed output apart, no faster than the targets take it in; ends them when the source ends. */
export function demux(source: Readable, { stdout, stderr }: DemuxTargets): void {
  let held: Buffer = Buffer.alloc(0)
  const parts = new Writable({
    write(chunk: Buffer, _encoding, done) {
      held = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
      const full: Writable[] = []
      while (held.length >= HEADER_SIZE) {
        const end = HEADER_SIZE + held.readUInt32BE(4)
        if (held.length < end) break
        const target = held[0] === STDERR_TYPE ? stderr : stdout
        const open = target && !target.destroyed && !target.writableEnded
        if (open && !target.write(held.subarray(HEADER_SIZE, end))) full.push(target)
        held = held.subarray(end)
      }
      void Promise.all(full.map(drained)).then(() => done())
    },
    final(done) {
      stdout?.end()
      stderr?.end()
      done()
    },
    destroy(error, done) {
      for (const target of [stdout, stderr]) if (target && !target.writableEnded) target.end()
      done(error)
    },
  })
  parts.on('error', () => undefined)
  source.on('error', () => parts.destroy())
  source.on('close', () => parts.end())
  source.pipe(parts)
}

function drained(target: Writable): Promise<void> {
  if (target.destroyed || !target.writableNeedDrain) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      target.off('drain', done)
      target.off('close', done)
      resolve()
    }
    target.on('drain', done)
    target.on('close', done)
  })
}
