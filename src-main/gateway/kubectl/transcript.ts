import { channel, type Channel } from '../../../src-wire/gateway/frames.ts'
import type { ConsoleNote } from '../../../src-wire/gateway/kubectl.ts'

/** Bytes of a console that are kept. */
const MOST_BYTES = 1 << 20
/** Pieces that are kept: each costs some memory of its own. */
const MOST_PIECES = 8192

/** What is kept of a console's output for windows that come later or read slowly. */
export interface TranscriptOptions {
  /** Somebody who reads cannot take any more: who writes should wait. */
  hold(): void
  /** All can take more again. */
  resume(): void
  /** Bytes, 1 MiB by default. */
  most?: number
}

/** Somebody who reads along, from the first that is kept on. */
export interface Reader {
  grant(bytes: number): void
  close(): void
}

interface Piece {
  on: Channel
  bytes: Uint8Array
}

interface Position {
  take(on: Channel, bytes: Uint8Array): void
  /** Number of the piece that comes next. */
  next: number
  /** Bytes that may still be sent. */
  credit: number
}

/**
 * What was said in a console, as much as is kept, told to any number of readers at their own pace. One who is slower than what is kept is
 * told that something was left out.
 */
export class Transcript {
  readonly #options: Required<TranscriptOptions>
  readonly #readers = new Set<Position>()
  #pieces: Piece[] = []
  /** Number of the first piece that is kept. */
  #first = 0
  /** Number of the first piece that whoever comes anew is told, kept or not. */
  #begin = 0
  #size = 0
  #isHeld = false

  constructor(options: TranscriptOptions) {
    this.#options = { most: MOST_BYTES, ...options }
  }

  /** Whether who writes should wait. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  say(on: Channel, bytes: Uint8Array): void {
    this.#pieces.push({ on, bytes })
    this.#size += bytes.byteLength
    if (this.#size > this.#options.most || this.#pieces.length > MOST_PIECES) this.#forget()
    for (const reader of this.#readers) this.#tell(reader)
    this.#judge()
  }

  note(note: ConsoleNote): void {
    this.say(channel.note, bytesOf(note))
  }

  clear(): void {
    this.#first = this.#begin = this.#end
    this.#pieces = []
    this.#size = 0
    for (const reader of this.#readers) reader.next = this.#first
  }

  /** @param credit bytes that may be told before the reader has taken any */
  read(take: Position['take'], credit: number): Reader {
    const reader = { take, next: this.#begin, credit }
    this.#readers.add(reader)
    this.#tell(reader)
    this.#judge()
    return {
      grant: (bytes) => {
        reader.credit += bytes
        this.#tell(reader)
        this.#judge()
      },
      close: () => {
        this.#readers.delete(reader)
        this.#judge()
      },
    }
  }

  get #end(): number {
    return this.#first + this.#pieces.length
  }

  /** A quarter at once: to forget piece by piece would move all the others each time. */
  #forget(): void {
    const { most } = this.#options
    let gone = 0
    while (
      gone < this.#pieces.length - 1 &&
      (this.#size > most * 0.75 || this.#pieces.length - gone > MOST_PIECES * 0.75)
    )
      this.#size -= this.#pieces[gone++]!.bytes.byteLength
    this.#pieces.splice(0, gone)
    this.#first += gone
  }

  #tell(reader: Position): void {
    while (reader.credit > 0 && reader.next < this.#end) {
      const isCut = reader.next < this.#first
      const piece = isCut ? { on: channel.note, bytes: cut } : this.#pieces[reader.next - this.#first]!
      reader.next = isCut ? this.#first : reader.next + 1
      reader.credit -= piece.bytes.byteLength
      reader.take(piece.on, piece.bytes)
    }
  }

  #judge(): void {
    const isHeld = [...this.#readers].some(({ credit }) => credit <= 0)
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    if (isHeld) this.#options.hold()
    else this.#options.resume()
  }
}

const bytesOf = (note: ConsoleNote): Uint8Array => Buffer.from(JSON.stringify(note))
const cut = bytesOf({ type: 'cut' })
