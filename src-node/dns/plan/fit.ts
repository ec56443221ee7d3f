import { encode, type Packet } from 'dns-packet'
import { compressed } from './compress.ts'
import { truncated } from './edns.ts'

const written = (reply: Packet): Uint8Array => compressed(encode(reply))

/** An answer as bytes, at most `size` of them: whole, or else with as many of its records as fit. Pure. */
export function writtenWithin(reply: Packet, size: number): Uint8Array {
  const whole = written(reply)
  if (whole.length <= size) return whole
  let [fits, over] = [0, (reply.answers ?? []).length + 1]
  let best = written(truncated(reply, 0))
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2)
    const bytes = written(truncated(reply, middle))
    if (bytes.length > size) over = middle
    else [fits, best] = [middle, bytes]
  }
  return best
}
