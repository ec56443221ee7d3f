import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { channel, type Channel } from '../../../src-wire/gateway/frames.ts'
import { UserError } from '../../cluster/user-error.ts'
import { home, withKubeconfig, type Place } from './environment.ts'
import type { Filter } from './filters.ts'
import { createPipeline } from './pipeline.ts'
import type { FoundProgram } from './programs.ts'

/** Milliseconds that it gets to end by itself. */
const GRACE = 3000

/** One run of a program, and who gets what it says. */
export interface CommandOptions {
  program: FoundProgram
  words: readonly string[]
  filters: readonly Filter[]
  /** Given whole to its standard input; without it that stays open. */
  input?: string | undefined
  /** Asked once the command is to begin; what it rejects with is why there is none. */
  place(): Promise<Place>
  say(on: Channel, bytes: Uint8Array): void
}

/** How a command ended: with a code, or by a signal, also when it ends with a code of its own upon that. */
export interface Ending {
  code?: number
  signal?: string
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** One run of kubectl or helm, without a shell and without a terminal. */
export class Command {
  /** Rejects when it did not even begin. */
  readonly ended: Promise<Ending>
  readonly #options: CommandOptions
  /** What is typed before it runs. */
  readonly #early: Uint8Array[] = []
  #child: Child | undefined
  #isHeld = false
  #isUnwanted = false
  /** Its filters want no more lines: that it was ended is no failure. */
  #isEnough = false
  #force: NodeJS.Timeout | undefined

  constructor(options: CommandOptions) {
    this.#options = options
    if (options.input !== undefined) this.#early.push(Buffer.from(options.input), nothing)
    this.ended = this.#begin()
  }

  /** An empty piece ends the standard input. */
  input(bytes: Uint8Array): void {
    const stdin = this.#child?.stdin
    if (!stdin) this.#early.push(bytes)
    else if (bytes.byteLength === 0) stdin.end()
    else if (stdin.writable) stdin.write(bytes)
  }

  /** As Ctrl-C does; by force when it is said twice, or after three seconds. */
  interrupt(): void {
    const isSaid = this.#isUnwanted
    this.#isUnwanted = true
    if (isSaid) return this.kill()
    this.#child?.kill('SIGINT')
    this.#force = setTimeout(() => this.kill(), GRACE)
  }

  kill(): void {
    this.#isUnwanted = true
    this.#child?.kill('SIGKILL')
  }

  /** Nobody can take what it says: it is read no further until {@link resume}. */
  hold(): void {
    this.#isHeld = true
    for (const stream of this.#outputs) stream.pause()
  }

  resume(): void {
    this.#isHeld = false
    for (const stream of this.#outputs) stream.resume()
  }

  get #outputs(): Readable[] {
    return this.#child ? [this.#child.stdout, this.#child.stderr] : []
  }

  async #begin(): Promise<Ending> {
    return withKubeconfig(await this.#options.place(), (kubeconfig) => this.#run(kubeconfig))
  }

  #run(kubeconfig: string): Promise<Ending> {
    if (this.#isUnwanted) return Promise.resolve({ signal: 'SIGINT' })
    const { program, words, filters, say } = this.#options
    const child = spawn(program.path, words, {
      cwd: home(),
      env: program.environment(kubeconfig),
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    })
    this.#child = child
    const pipeline = createPipeline(filters, {
      say: (bytes) => say(channel.stdout, bytes),
      enough: () => this.#endSoon(),
    })
    child.stdout.on('data', (bytes: Buffer) => pipeline.write(bytes))
    child.stderr.on('data', (bytes: Buffer) => say(channel.stderr, bytes))
    // A command that ends without having read it says why by itself.
    child.stdin.on('error', () => undefined)
    for (const bytes of this.#early.splice(0)) this.input(bytes)
    if (this.#isHeld) this.hold()
    return new Promise((resolve, reject) => {
      child.on('error', (cause) => {
        const words = `${program.path} could not be run: ${cause.message}.`
        reject(new UserError(words, `Install ${program.name} anew, or name another.`, { cause }))
      })
      child.on('close', (code, signal) => {
        clearTimeout(this.#force)
        const judged = pipeline.end()
        if (this.#isEnough) resolve({ code: judged ?? 0 })
        else if (this.#isUnwanted && code !== 0) resolve({ signal: signal ?? 'SIGINT' })
        else resolve(code === null ? { signal: signal ?? 'SIGKILL' } : { code: judged ?? code })
      })
    })
  }

  #endSoon(): void {
    if (this.#isEnough) return
    this.#isEnough = true
    if (!this.#isUnwanted) this.interrupt()
  }
}

const nothing = new Uint8Array()
