import type { StoredValue } from './store.ts'

/** Where bytes that memory has let go of are read again. */
export interface Archive {
  /** The value written at a revision. Throws `CompactedError` when it has been forgotten. */
  read(revision: number): Uint8Array
  /** Whether what was written at a revision can be read by now. */
  has(revision: number): boolean
}

/** A stored value whose bytes need not be in memory: what is newest has them there, the past mostly on disk. */
export class KeptValue implements StoredValue {
  readonly key: string
  readonly createRevision: number
  readonly modRevision: number
  /** The revision that wrote the bytes: of a delete, that of what was deleted. */
  readonly #writtenAt: number
  #bytes: Uint8Array | undefined
  #archive: Archive | undefined

  constructor(
    { key, createRevision, modRevision }: Omit<StoredValue, 'value'>,
    bytes: Uint8Array | undefined,
    writtenAt = modRevision,
    archive?: Archive,
  ) {
    this.key = key
    this.createRevision = createRevision
    this.modRevision = modRevision
    this.#bytes = bytes
    this.#writtenAt = writtenAt
    this.#archive = archive
  }

  get value(): Uint8Array {
    const bytes = this.#bytes ?? this.#archive?.read(this.#writtenAt)
    if (!bytes) throw new Error(`nothing is kept of ${this.key} at revision ${this.#writtenAt}`)
    return bytes
  }

  /** Bytes in memory. */
  get held(): number {
    return this.#bytes?.length ?? 0
  }

  /** Reads the bytes into memory, to stay there. */
  hold(place: (bytes: Uint8Array) => Uint8Array): void {
    this.#bytes ??= place(this.value)
  }

  /** Lets go of bytes that are in the archive. */
  release(archive: Archive): void {
    this.#archive = archive
    this.#bytes = undefined
  }
}
