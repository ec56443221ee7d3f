import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { unlessMissing } from '../../host/unless-missing.ts'

/** A file in which an agent leaves what the next one must know: it is always whole, and what was written last stands in the end. */
export class CheckpointFile {
  readonly #file: string
  #writing: Promise<void> = Promise.resolve()

  constructor(file: string) {
    this.#file = file
  }

  /** Undefined when nothing was left. */
  read(): Promise<string | undefined> {
    return unlessMissing(readFile(this.#file, 'utf8'))
  }

  /** Nothing is being written any more. */
  get settled(): Promise<void> {
    return this.#writing
  }

  /** Resolves once the text is in the file. */
  write(text: string): Promise<void> {
    const written = this.#writing.then(async () => {
      await mkdir(dirname(this.#file), { recursive: true })
      await writeFile(`${this.#file}.new`, text, { mode: 0o600 })
      await rename(`${this.#file}.new`, this.#file)
    })
    this.#writing = written.catch(() => undefined)
    return written
  }
}
