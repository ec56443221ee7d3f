import type { Readable } from 'node:stream'

/** JSON values separated by newlines, as a watch streams them. A last line that was cut off is dropped: its sender is gone. */
export async function* jsonLines(source: Readable | AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  let held: Buffer[] = []
  for await (const chunk of source as AsyncIterable<Buffer>) {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const tail = chunk.subarray(from, end)
      const line = held.length > 0 ? Buffer.concat([...held, tail]) : tail
      held = []
      from = end + 1
      if (line.length > 0) yield JSON.parse(line.toString('utf8')) as unknown
    }
    if (from < chunk.length) held.push(chunk.subarray(from))
  }
}
