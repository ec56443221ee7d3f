import { constants, createInflate, type Inflate } from 'node:zlib'
import { dictionary, DICTIONARY_ID } from './dictionary.ts'

/** Lower-case names; several values of one name are separated by NUL on the wire, by `, ` here. */
export type SpdyHeaders = Record<string, string>

/** An empty stored block: what Z_SYNC_FLUSH writes, and where Go's reader hands over what it has read. */
const syncFlush = Buffer.from([0, 0, 0, 0xff, 0xff])

/** The longest header block that is looked at: remote commands send a few dozen bytes. */
const MAX_INFLATED = 64 * 1024

/**
 * Writes header blocks as stored (uncompressed) deflate blocks: valid zlib for every reader, synchronous, and cheaper than
 * compressing thirty bytes. One encoder a connection, because zlib's header stands only before the first block.
 */
export class HeaderEncoder {
  #hasStarted = false

  encode(headers: SpdyHeaders): Buffer {
    const raw = pack(headers)
    const block = Buffer.alloc(5)
    block.writeUInt16LE(raw.length, 1)
    block.writeUInt16LE(~raw.length & 0xffff, 3)
    if (this.#hasStarted) return Buffer.concat([block, raw, syncFlush])
    this.#hasStarted = true
    // CMF 0x78 (deflate, 32 KiB window), FLG with FDICT set and the check bits of RFC 1950.
    const prologue = Buffer.from([0x78, 0x20, 0, 0, 0, 0])
    prologue[1] = 0x20 + (31 - ((0x78 * 256 + 0x20) % 31))
    prologue.writeUInt32BE(DICTIONARY_ID, 2)
    return Buffer.concat([prologue, block, raw, syncFlush])
  }
}

/** Reads header blocks. They share one zlib context, so they must be given in the order of their frames, one at a time. */
export class HeaderDecoder {
  #inflate: Inflate = createInflate({
    dictionary,
    flush: constants.Z_SYNC_FLUSH,
    readableHighWaterMark: MAX_INFLATED,
  } as Parameters<typeof createInflate>[0])

  /** Throws when the block is not zlib data or not a list of headers. */
  decode(block: Buffer): Promise<SpdyHeaders> {
    return new Promise((resolve, reject) => {
      this.#inflate.once('error', reject)
      this.#inflate.write(block, () => {
        this.#inflate.off('error', reject)
        const parts: Buffer[] = []
        for (let part = this.#inflate.read() as Buffer | null; part; part = this.#inflate.read() as Buffer | null) {
          parts.push(part)
        }
        try {
          resolve(unpack(Buffer.concat(parts)))
        } catch (error) {
          reject(error as Error)
        }
      })
    })
  }

  close(): void {
    this.#inflate.on('error', () => this.#inflate.destroy())
    this.#inflate.destroy()
  }
}

function pack(headers: SpdyHeaders): Buffer {
  const entries = Object.entries(headers)
  const parts = [uint32(entries.length)]
  for (const entry of entries) {
    for (const word of entry) {
      const bytes = Buffer.from(word, 'utf8')
      parts.push(uint32(bytes.length), bytes)
    }
  }
  return Buffer.concat(parts)
}

function unpack(raw: Buffer): SpdyHeaders {
  let at = 4
  const word = (): string => {
    const length = raw.readUInt32BE(at)
    if (at + 4 + length > raw.length) throw new RangeError('SPDY header block is cut short')
    const text = raw.toString('utf8', at + 4, at + 4 + length)
    at += 4 + length
    return text
  }
  const headers: SpdyHeaders = {}
  for (let left = raw.readUInt32BE(0); left > 0; left--) {
    const name = word().toLowerCase()
    headers[name] = word().replaceAll('\0', ', ')
  }
  return headers
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
