import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noted, type PullRecord, type PullSecret } from '../plan/pull-records.ts'

/** By the image's id, then by the repository it came from. */
type Records = Record<string, Record<string, PullRecord>>

/** Where it is written down which credentials fetched which images. */
export interface PullRecordFileOptions {
  /** The kubelet's own directory. */
  stateDirectory: string
  /** Ids of the images that the node has: others are forgotten. */
  images(): Promise<string[]>
  log(message: string): void
}

const none: PullRecord = { everybody: false, secrets: [] }

/** What the kubelet pulled, and with whose secrets: a file, so that it outlives the agent (KEP-2535). */
export class PullRecordFile {
  readonly #options: PullRecordFileOptions
  readonly #directory: string
  readonly #file: string
  #records: Promise<Records> | undefined
  #saved: Promise<void> = Promise.resolve()

  constructor(options: PullRecordFileOptions) {
    this.#options = options
    this.#directory = join(options.stateDirectory, 'image_manager')
    this.#file = join(this.#directory, 'pulled.json')
  }

  /** Undefined for an image that the kubelet did not pull. */
  async of(image: string, repository: string): Promise<PullRecord | undefined> {
    const of = (await this.#known())[image]
    return of && (of[repository] ?? none)
  }

  /** Notes a pull. A disk that cannot keep it is told of: the image is there all the same. */
  async note(image: string, repository: string, by: PullSecret | undefined): Promise<void> {
    const records = await this.#known()
    const of = records[image] ?? {}
    const record = noted(of[repository], by)
    if (JSON.stringify(record) === JSON.stringify(of[repository])) return
    records[image] = { ...of, [repository]: record }
    this.#saved = this.#saved.then(() => this.#save(records))
    await this.#saved
  }

  #known(): Promise<Records> {
    this.#records ??= this.#read()
    return this.#records
  }

  async #read(): Promise<Records> {
    try {
      const records = JSON.parse(await readFile(this.#file, 'utf8')) as Records
      const present = new Set(await this.#options.images())
      return Object.fromEntries(Object.entries(records).filter(([image]) => present.has(image)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#options.log(`${this.#file}: ${String(error)}`)
      return {}
    }
  }

  /** Whole or not at all: a half-written file would tell of nothing. */
  async #save(records: Records): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true })
      await writeFile(`${this.#file}.new`, JSON.stringify(records), { mode: 0o600 })
      await rename(`${this.#file}.new`, this.#file)
    } catch (error) {
      this.#options.log(`${this.#file}: ${String(error)}`)
    }
  }
}
