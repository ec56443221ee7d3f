import type { Writable } from 'node:stream'
import type { Part } from '../../registry/parts.ts'

/** Bytes that a long answer is written in at once. */
export const BLOCK = 256 * 1024
/** Blocks that wait for the next long answer: one that is sent as fast as its client reads uses few of them. */
const MOST_SPARE = 8

/**
 * Memory in which long answers are put together, used again and again. Were it allocated anew, two lists of some thousand objects would be as much as
 * makes V8 mark its whole heap, which costs more than the answers.
 */
const spare: Buffer[] = []

const takeBlock = (): Buffer => spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK)

function giveBack(block: Buffer): void {
  if (spare.length < MOST_SPARE) spare.push(block)
}

/** Writes `bytes`, the beginning of `block`. Who was cut off may still hold it: it is not used again then. */
const writeBlock = (response: Writable, block: Buffer, length: number): boolean =>
  response.write(block.subarray(0, length), (error) => {
    if (!error) giveBack(block)
  })

/**
 * Writes the parts in blocks, and waits by `room` each time the response has enough for now. A part that no block holds is written as it is: it may not
 * change any more.
 *
 * @param room resolves with false when nobody reads any more; nothing is written from then on
 */
export async function writeParts(
  response: Writable,
  parts: Iterable<Part>,
  room: () => Promise<boolean>,
): Promise<void> {
  let block = takeBlock()
  let length = 0
  for (const part of parts) {
    if (length + part.length > BLOCK) {
      const isFree = length === 0 || writeBlock(response, block, length)
      if (length > 0) block = takeBlock()
      length = 0
      if (!isFree && !(await room())) return giveBack(block)
      const isWhole = part.length > BLOCK
      if (isWhole && !response.write(part) && !(await room())) return giveBack(block)
      if (isWhole) continue
    }
    if (typeof part === 'string') block.write(part, length, 'latin1')
    else block.set(part, length)
    length += part.length
  }
  if (length > 0) writeBlock(response, block, length)
  else giveBack(block)
}
