/** What a fake etcd keeps: every write at its revision. */
export interface FakeWrite {
  key: string
  /** Undefined for a delete. */
  value: Buffer | undefined
  createRevision: number
  modRevision: number
}

/** etcd's key-value store, multi-version, in memory; as far as our requests go (etcd.io, "KV API guarantees"). */
export class FakeHistory {
  readonly writes: FakeWrite[] = []
  revision = 1
  compacted = 0

  /** What stood at a revision, in key order. */
  at(start: string, end: string | undefined, revision: number): FakeWrite[] {
    const found = new Map<string, FakeWrite>()
    for (const write of this.writes) {
      const within = end === undefined ? write.key === start : write.key >= start && write.key < end
      if (within && write.modRevision <= revision) found.set(write.key, write)
    }
    return [...found.values()].filter(({ value }) => value).sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  get(key: string): FakeWrite | undefined {
    return this.at(key, undefined, this.revision)[0]
  }

  write(key: string, value: Buffer | undefined): FakeWrite {
    const createRevision = this.get(key)?.createRevision ?? this.revision + 1
    const write = { key, value, createRevision, modRevision: ++this.revision }
    this.writes.push(write)
    return write
  }

  compact(revision: number): void {
    this.compacted = revision
    const kept = new Set(this.at('', '\u{7f}', revision))
    const left = this.writes.filter((write) => write.modRevision > revision || kept.has(write))
    this.writes.splice(0, this.writes.length, ...left)
  }
}
