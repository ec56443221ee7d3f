import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { File } from '../plan/model.ts'
import type { Nginx } from './nginx.ts'

const CURRENT = 'nginx.conf'
const NEXT = 'nginx.conf.next'

/** The configuration on disk: the one that nginx runs with stays in its place until nginx has taken to a newer one. */
export class Configuration {
  readonly #directory: string
  readonly #nginx: Pick<Nginx, 'test' | 'serve'>
  #text: string | undefined

  constructor(directory: string, nginx: Pick<Nginx, 'test' | 'serve'>) {
    this.#directory = directory
    this.#nginx = nginx
  }

  static path(directory: string): string {
    return join(directory, CURRENT)
  }

  /** Throws `RefusedConfiguration`; nothing has changed then. Answers whether nginx was told: it is not of what it knows. */
  async apply(text: string, files: readonly File[]): Promise<boolean> {
    if (text === this.#text) return false
    await this.test(text, files)
    await rename(join(this.#directory, NEXT), join(this.#directory, CURRENT))
    await this.#nginx.serve()
    this.#text = text
    await this.#clean(files)
    return true
  }

  /** Throws `RefusedConfiguration` when nginx would not run with it. */
  async test(text: string, files: readonly File[]): Promise<void> {
    await mkdir(this.#directory, { recursive: true })
    for (const { name, content } of files) await writeFile(join(this.#directory, name), content, { mode: 0o600 })
    const path = join(this.#directory, NEXT)
    await writeFile(path, text, { mode: 0o600 })
    await this.#nginx.test(path)
  }

  /** Keys and passwords that no host needs any more are not kept. */
  async #clean(files: readonly File[]): Promise<void> {
    const needed = new Set(files.map(({ name }) => name))
    for (const name of await readdir(this.#directory))
      if (/^(tls|users)-/.test(name) && !needed.has(name)) await rm(join(this.#directory, name))
  }
}
