/**
 * Consoles of kubectl and helm, the user's own programs, for any cluster that the gateway reaches. They are the gateway's: what runs in one goes on
 * while its window reloads or shows another cluster, and is told again afterwards. When all windows have gone, so does what runs.
 */
import type { CommandWish, ConsoleProgram, KubectlState } from '../../../src-wire/gateway/kubectl.ts'
import type { OpenMessage } from '../../../src-wire/gateway/messages.ts'
import { UserError } from '../../cluster/user-error.ts'
import type { ClusterSource, KubectlActions } from '../cluster-actions.ts'
import type { Stream, StreamOutput } from '../streams.ts'
import type { Upstream } from '../upstream.ts'
import { checkCommand, checkCompletion, checkConsole } from './check.ts'
import { Command, type Ending } from './command.ts'
import { complete } from './complete.ts'
import { home, type Place } from './environment.ts'
import { filterOf } from './filters.ts'
import { missingKubectl } from './find.ts'
import { findOwn, foundProgram, type FindProgram, type FoundProgram } from './programs.ts'
import { Transcript } from './transcript.ts'
import { versionOf } from './version.ts'

/** Consoles that are kept; the one that was used longest ago goes first, if nothing runs in it and nobody looks. */
const MOST = 64
/** Milliseconds without any window after which what runs is ended: a reload takes less. */
const LEASH = 60_000

/** The consoles of one gateway. */
export interface Consoles {
  actions(cluster: string): KubectlActions
  /** Lets a window read and write a console; `onEnd` runs when the console has gone. */
  attach(open: OpenMessage, output: StreamOutput, onEnd: () => void): Stream
  /** A window is there; the result says that it has gone. */
  enter(): () => void
  /** Ends all that runs, and resolves when it has ended. */
  stop(): Promise<void>
}

/** The clusters that consoles speak to, and how long what runs goes on without any window. */
export interface ConsolesOptions {
  clusters: Pick<ClusterSource, 'connection'>
  /** Where a cluster's own program signs in, once for all. */
  upstream(cluster: string): Pick<Upstream, 'credentials'>
  /** Where the programs are. */
  find?: FindProgram
  /** Milliseconds; a minute by default. */
  leash?: number
}

interface Console {
  transcript: Transcript
  command: Command | undefined
  /** Of those who look. */
  onGone: Set<() => void>
}

/** Consoles without any yet; each is made when a window first attaches to it or runs something in it. */
export function createConsoles(options: ConsolesOptions): Consoles {
  const board = new ConsoleBoard(options)
  return {
    actions: (cluster) => ({
      'kubectl.state': () => board.state(),
      'kubectl.run': (wish) => board.run(cluster, wish),
      'kubectl.complete': async (wish) => {
        checkCompletion(wish)
        return complete(board.program(wish.program), await board.place(cluster, wish.namespace), wish.words)
      },
      'kubectl.interrupt': async ({ console }) => nothing(board.find(cluster, console)?.command?.interrupt()),
      'kubectl.clear': async ({ console }) => nothing(board.find(cluster, console)?.transcript.clear()),
      'kubectl.close': async ({ console }) => nothing(board.close(cluster, console)),
    }),
    attach: (open, output, onEnd) => board.attach(open, output, onEnd),
    enter: () => board.enter(),
    stop: () => board.stop(),
  }
}

class ConsoleBoard {
  readonly #options: ConsolesOptions
  /** By cluster and id, in the order of their use. */
  readonly #consoles = new Map<string, Console>()
  readonly #under = new Set<Promise<unknown>>()
  #windows = 0
  #leash: NodeJS.Timeout | undefined

  constructor(options: ConsolesOptions) {
    this.#options = options
  }

  program(name: ConsoleProgram): FoundProgram {
    return foundProgram(name, this.#options.find ?? findOwn)
  }

  async state(): Promise<KubectlState> {
    const path = (this.#options.find ?? findOwn)('kubectl')
    if (!path) return { missing: missingKubectl(), home: home() }
    return { path, home: home(), version: await versionOf(path) }
  }

  /** How kubectl reaches a cluster: a program that signs in is run by the gateway, not by kubectl, which so starts nothing. */
  async place(cluster: string, namespace: string): Promise<Place> {
    const connection = this.#options.clusters.connection(cluster)
    if (!connection) throw new UserError(`There is no cluster "${cluster}".`)
    const { signIn, ...rest } = connection
    if (!signIn) return { connection, namespace }
    const { until: _, ...credentials } = (await this.#options.upstream(cluster).credentials()) ?? {}
    return { connection: { ...rest, ...credentials }, namespace }
  }

  find(cluster: string, id: string): Console | undefined {
    checkConsole(id)
    return this.#consoles.get(keyOf(cluster, id))
  }

  /** Its failure to begin is told in the console too, where the person looks. */
  async run(cluster: string, wish: CommandWish): Promise<{ succeeded: boolean }> {
    const console = this.#use(cluster, wish.console)
    if (console.command) throw new UserError('Something runs in this console already.', 'End it with Ctrl-C first.')
    const { line, namespace } = wish
    console.transcript.note({ type: 'began', line: String(line), namespace: String(namespace) })
    try {
      const ending = await this.#ended(console, cluster, wish)
      console.transcript.note({ type: 'ended', ...ending })
      return { succeeded: ending.code === 0 }
    } catch (error) {
      console.transcript.note({ type: 'ended', message: wordsOf(error) })
      return { succeeded: false }
    }
  }

  async #ended(console: Console, cluster: string, wish: CommandWish): Promise<Ending> {
    checkCommand(wish)
    const { words, input, namespace } = wish
    const command = new Command({
      program: this.program(wish.program),
      words,
      filters: wish.filters.map(filterOf),
      input,
      place: () => this.place(cluster, namespace),
      say: (on, bytes) => console.transcript.say(on, bytes),
    })
    console.command = command
    if (console.transcript.isHeld) command.hold()
    const settled = command.ended.catch(() => undefined).finally(() => this.#under.delete(settled))
    this.#under.add(settled)
    try {
      return await command.ended
    } finally {
      console.command = undefined
    }
  }

  attach({ id, cluster, path, credit }: OpenMessage, output: StreamOutput, onEnd: () => void): Stream {
    const console = this.#use(cluster, path)
    output.send({ type: 'opened', id })
    const reader = console.transcript.read((on, bytes) => output.sendBytes(id, on, bytes), credit)
    const leave = (): void => {
      if (!console.onGone.delete(leave)) return
      reader.close()
      output.send({ type: 'closed', id })
      onEnd()
    }
    console.onGone.add(leave)
    return {
      grant: (bytes) => reader.grant(bytes),
      close: leave,
      input(payload) {
        if (!console.command) return
        console.transcript.note({ type: 'typed', text: Buffer.from(payload).toString() })
        console.command.input(Buffer.from(payload))
      },
    }
  }

  close(cluster: string, id: string): void {
    const console = this.find(cluster, id)
    if (!console) return
    this.#consoles.delete(keyOf(cluster, id))
    console.command?.interrupt()
    for (const leave of console.onGone) leave()
  }

  enter(): () => void {
    this.#windows++
    clearTimeout(this.#leash)
    return () => {
      if (--this.#windows > 0) return
      this.#leash = setTimeout(() => this.#interruptAll(), this.#options.leash ?? LEASH).unref()
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.#leash)
    this.#interruptAll()
    await Promise.all(this.#under)
  }

  #interruptAll(): void {
    for (const { command } of this.#consoles.values()) command?.interrupt()
  }

  /** The console of that id, made when it is not there. */
  #use(cluster: string, id: unknown): Console {
    checkConsole(id)
    const key = keyOf(cluster, id)
    const console = this.#consoles.get(key) ?? consoleOf()
    this.#consoles.delete(key)
    this.#consoles.set(key, console)
    if (this.#consoles.size > MOST) this.#forgetOne(console)
    return console
  }

  #forgetOne(used: Console): void {
    const idle = [...this.#consoles].find(([, one]) => one !== used && !one.command && one.onGone.size === 0)
    if (idle) this.#consoles.delete(idle[0])
  }
}

function consoleOf(): Console {
  const console: Console = {
    transcript: new Transcript({ hold: () => console.command?.hold(), resume: () => console.command?.resume() }),
    command: undefined,
    onGone: new Set(),
  }
  return console
}

const keyOf = (cluster: string, id: string): string => `${cluster}/${id}`
const nothing = (_done: void): null => null

function wordsOf(error: unknown): string {
  if (error instanceof UserError) return [error.message, error.remedy].filter(Boolean).join(' ')
  return error instanceof Error ? error.message : String(error)
}
