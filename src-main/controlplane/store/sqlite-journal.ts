import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Journal } from './sequenced-store.ts'
import { StoreBrokenError } from './store.ts'
import type { Change } from './versioned-tree.ts'
import { pack, type WriterAnswer, type WriterRequest } from './writer-protocol.ts'

/** Beside this module when bundled, in the sources otherwise. */
function threadModule(): URL {
  const bundled = new URL('./writer-thread.js', import.meta.url)
  return existsSync(fileURLToPath(bundled)) ? bundled : new URL('./writer-thread.ts', import.meta.url)
}

type WithoutId<T> = T extends { id: number } ? Omit<T, 'id'> : never

/** The journal in a SQLite file (WAL, synchronous=FULL), written by a thread of its own. */
export class SqliteJournal implements Journal {
  readonly #worker: Worker
  readonly #now: () => number
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  #id = 0
  #ended: Error | undefined

  constructor(file: string, now: () => number) {
    this.#now = now
    this.#worker = new Worker(threadModule(), { workerData: { file } })
    this.#worker.on('message', ({ id, result, error }: WriterAnswer) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(result)
      else waiting?.reject(new StoreBrokenError(error))
    })
    this.#worker.on('error', (error: Error) => this.#end(error))
    this.#worker.on('exit', () => this.#end(new StoreBrokenError('the writer thread has ended')))
  }

  commit(batch: readonly Change[]): Promise<void> {
    const packed = pack(batch)
    return this.#ask({ type: 'commit', batch: packed, time: this.#now() }, [
      packed.values.buffer as ArrayBuffer,
    ]) as Promise<void>
  }

  compact(revision: number): Promise<void> {
    return this.#ask({ type: 'compact', revision }) as Promise<void>
  }

  snapshot(path: string): Promise<void> {
    return this.#ask({ type: 'snapshot', path }) as Promise<void>
  }

  /** Last revision written before `time` (ms since the epoch) and the bytes of all that is kept. */
  history(before: number): Promise<{ lastBefore: number; bytes: number }> {
    return this.#ask({ type: 'history', before }) as Promise<{ lastBefore: number; bytes: number }>
  }

  async close(): Promise<void> {
    await this.#ask({ type: 'close' })
    await this.#worker.terminate()
  }

  #ask(request: WithoutId<WriterRequest>, transfer: ArrayBuffer[] = []): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended)
    const id = ++this.#id
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ ...request, id }, transfer)
    })
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const { reject } of this.#waiting.values()) reject(this.#ended)
    this.#waiting.clear()
  }
}
