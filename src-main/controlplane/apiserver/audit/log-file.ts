import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'

/** The file of audit events, and when it is put aside. */
export interface AuditLogOptions {
  path: string
  clock: Pick<Clock, 'now'>
  /** Bytes at which the file is put aside and a new one begun; 100 MiB when absent (kube-apiserver's usual `--audit-log-maxsize`). */
  maxBytes?: number
  /** Files put aside that are kept; 10 when absent. */
  maxBackups?: number
  log(message: string, error?: unknown): void
}

/**
 * A file of lines that is put aside when it is full, as `audit-<time>.log` beside it. What is added in one turn is written at once; nobody waits
 * for it but {@link close}.
 */
export class AuditLog {
  readonly #options: Required<AuditLogOptions>
  #lines: string[] = []
  #file: FileHandle | undefined
  #size = 0
  #writing: Promise<void> | undefined

  constructor(options: AuditLogOptions) {
    this.#options = { maxBytes: 100 * 2 ** 20, maxBackups: 10, ...options }
  }

  add(line: string): void {
    this.#lines.push(line)
    this.#writing ??= Promise.resolve()
      .then(() => this.#writeAll())
      .catch((error: unknown) => this.#options.log('the audit log cannot be written', error))
      .finally(() => (this.#writing = undefined))
  }

  /** Resolves when everything is in the file; what cannot be written has been told to the log. */
  async close(): Promise<void> {
    await this.#writing
    await this.#file?.close()
    this.#file = undefined
  }

  async #writeAll(): Promise<void> {
    while (this.#lines.length > 0) {
      const bytes = Buffer.from(`${this.#lines.splice(0).join('\n')}\n`)
      let file = (this.#file ??= await this.#open())
      if (this.#size > 0 && this.#size + bytes.length > this.#options.maxBytes) {
        await this.#putAside(file)
        file = this.#file = await this.#open()
      }
      await file.write(bytes)
      this.#size += bytes.length
    }
  }

  async #open(): Promise<FileHandle> {
    const { path } = this.#options
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, 'a', 0o600)
    this.#size = (await file.stat()).size
    return file
  }

  async #putAside(full: FileHandle): Promise<void> {
    this.#file = undefined
    await full.close()
    const { path, clock, maxBackups } = this.#options
    const [folder, end] = [dirname(path), extname(path)]
    const stem = basename(path, end)
    const time = new Date(clock.now()).toISOString().replaceAll(':', '-').replace('Z', '')
    await rename(path, join(folder, `${stem}-${time}${end}`))
    const old = (await readdir(folder)).filter((name) => name.startsWith(`${stem}-`) && name.endsWith(end)).sort()
    for (const name of old.slice(0, Math.max(0, old.length - maxBackups))) await rm(join(folder, name))
  }
}
