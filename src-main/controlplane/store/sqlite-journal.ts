import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import { RECORD_HEAD } from './commit-log.ts'
import type { Journal } from './sequenced-store.ts'
import { whenMoved } from './shared-count.ts'
import { StoreBrokenError, StoreFullError } from './store.ts'
import type { Change } from './versioned-tree.ts'
import {
  ANSWERED,
  ANSWER_AT_PORT,
  ASKED,
  createLink,
  pack,
  packedSize,
  RECORD_BYTES,
  type Link,
  type WriterAnswer,
  type WriterRequest,
} from './writer-protocol.ts'

/** Beside this module when bundled, in the sources otherwise. */
function threadModule(): URL {
  const bundled = new URL('./writer-thread.js', import.meta.url)
  return existsSync(fileURLToPath(bundled)) ? bundled : new URL('./writer-thread.ts', import.meta.url)
}

/** Megabytes of the writer's heap for what it needs for a moment: the handles of a few hundred rows. */
const YOUNG = 3

/** The journal in a commit log and a SQLite file ([commit-log.ts](commit-log.ts)), written by a thread of its own. */
export class SqliteJournal implements Journal {
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #link: Link = createLink()
  /** Ends what waits for the thread when it is gone. */
  #fail: (error: Error) => void = () => {}
  #ended: Error | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(file: string) {
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    this.#worker = new Worker(threadModule(), {
      workerData: { file, port: port2, link: this.#link },
      transferList: [port2],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
    })
    this.#worker.on('error', (error: Error) => this.#end(error))
    this.#worker.on('exit', () => this.#end(new StoreBrokenError('the writer thread has ended')))
  }

  /** Up to this revision the past can be read from the file. */
  get settled(): number {
    return Number(Atomics.load(this.#link.settled, 0))
  }

  commit(batch: readonly Change[], time: number): Promise<void> {
    return this.#inTurn(() => {
      const size = RECORD_HEAD + packedSize(batch)
      const { area } = this.#link
      if (size <= area.length) {
        this.#link.time[0] = time
        return this.#ask(RECORD_HEAD + pack(batch, area.subarray(RECORD_HEAD)))
      }
      const record = new Uint8Array(size)
      const end = RECORD_HEAD + pack(batch, record.subarray(RECORD_HEAD))
      return this.#send({ type: 'commit', record: record.subarray(0, end), time })
    }) as Promise<void>
  }

  compact(revision: number): Promise<void> {
    return this.#inTurn(() => this.#send({ type: 'compact', revision })) as Promise<void>
  }

  snapshot(path: string): Promise<void> {
    return this.#inTurn(() => this.#send({ type: 'snapshot', path })) as Promise<void>
  }

  /** Last revision written before `time` (ms since the epoch) and the bytes of all that is kept. */
  history(before: number): Promise<{ lastBefore: number; bytes: number }> {
    return this.#inTurn(() => this.#send({ type: 'history', before })) as Promise<{ lastBefore: number; bytes: number }>
  }

  async close(): Promise<void> {
    await this.#inTurn(() => this.#send({ type: 'close' }))
    await this.#worker.terminate()
  }

  /** One request at a time: the shared memory holds one. */
  #inTurn(work: () => Promise<unknown>): Promise<unknown> {
    this.#last = this.#last.then(work, work)
    return this.#last
  }

  #send(request: WriterRequest): Promise<unknown> {
    this.#port.postMessage(request)
    return this.#ask(0)
  }

  async #ask(recordBytes: number): Promise<unknown> {
    if (this.#ended) throw this.#ended
    const { words } = this.#link
    const answered = Atomics.load(words, ANSWERED)
    words[RECORD_BYTES] = recordBytes
    Atomics.add(words, ASKED, 1)
    Atomics.notify(words, ASKED)
    await new Promise<void>((resolve, reject) => {
      // A thread that has answered its last request may be gone before the answer is looked at.
      this.#fail = (error) => (Atomics.load(words, ANSWERED) === answered ? reject(error) : resolve())
      whenMoved(words, ANSWERED, answered, resolve)
    })
    if (words[ANSWER_AT_PORT] === 0) return undefined
    const { message } = receiveMessageOnPort(this.#port) as { message: WriterAnswer }
    if (message.isFull) throw new StoreFullError(message.error)
    if (message.error !== undefined) throw new StoreBrokenError(message.error)
    return message.result
  }

  #end(error: Error): void {
    this.#ended ??= error
    this.#fail(this.#ended)
  }
}
