import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { promisify } from 'node:util'

/** The nginx that is run: its configuration's path, and where its log goes. */
export interface NginxOptions {
  /** Of the configuration that nginx runs with. */
  configuration: string
  /** Of the binary. */
  path?: string | undefined
  log(message: string): void
}

const run = promisify(execFile)
/** Milliseconds from an end of nginx that nobody asked for to its next start, doubled each time up to the second. */
const FIRST_DELAY = 100
const LAST_DELAY = 5_000

/** What nginx says about a configuration that it does not take. */
export class RefusedConfiguration extends Error {
  override readonly name = 'RefusedConfiguration'
}

/** The process that serves: one master, started again when it dies, reloaded in place. */
export class Nginx {
  readonly #options: NginxOptions
  readonly #path: string
  #child: ChildProcess | undefined
  #stopped: Promise<void> | undefined
  #again: NodeJS.Timeout | undefined
  #delay = FIRST_DELAY

  constructor(options: NginxOptions) {
    this.#options = options
    this.#path = options.path ?? '/usr/sbin/nginx'
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** The version, as three numbers. */
  async version(): Promise<number[]> {
    const { stderr } = await run(this.#path, ['-v'])
    return (/nginx\/(\d+)\.(\d+)\.(\d+)/.exec(stderr) ?? []).slice(1).map(Number)
  }

  /** Throws `RefusedConfiguration` when nginx would not run with the file. */
  async test(configuration: string): Promise<void> {
    const said = await this.#ask(['-t', '-q', '-c', configuration])
    if (said !== undefined) throw new RefusedConfiguration(said)
  }

  /** Starts with the configuration, or takes it up while connections go on. Throws when nginx cannot be told, since it has just died. */
  async serve(): Promise<void> {
    if (!this.#child?.pid) return this.#start()
    const said = await this.#ask(['-s', 'reload', '-c', this.#options.configuration])
    if (said !== undefined) throw new Error(`nginx could not be told to reload: ${said}`)
  }

  /** Lets the requests that are under way end, for so many milliseconds. */
  async stop(grace: number): Promise<void> {
    clearTimeout(this.#again)
    const child = this.#child
    if (!child) return
    const ended = Promise.withResolvers<void>()
    this.#stopped = ended.promise
    child.once('exit', () => ended.resolve())
    child.kill('SIGQUIT')
    const timer = setTimeout(() => killGroup(child), grace)
    await ended.promise
    clearTimeout(timer)
  }

  /** What nginx complains of; undefined when it does not. With this process's own output, since a configuration may name it. */
  async #ask(args: string[]): Promise<string | undefined> {
    const child = spawn(this.#path, args, { stdio: ['ignore', 'inherit', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    return code === 0 ? undefined : wordsOf(said) || `nginx ${args.join(' ')} ended with ${code}`
  }

  #start(): void {
    clearTimeout(this.#again)
    const { configuration, log } = this.#options
    const started = performance.now()
    // Of a process group of its own: workers whose master was killed would keep its ports.
    const child = spawn(this.#path, ['-c', configuration], { stdio: ['ignore', 'inherit', 'inherit'], detached: true })
    this.#child = child
    const ended = (words: string) => {
      if (this.#child !== child) return
      killGroup(child)
      this.#child = undefined
      if (this.#stopped) return
      if (performance.now() - started > 10_000) this.#delay = FIRST_DELAY
      log(`nginx ended (${words}); again in ${this.#delay} ms`)
      this.#again = setTimeout(() => this.#start(), this.#delay)
      this.#delay = Math.min(this.#delay * 2, LAST_DELAY)
    }
    child.once('error', (error) => ended(error.message))
    child.once('exit', (code, signal) => ended(signal ?? `code ${code}`))
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (!pid) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** What is wrong, without nginx's dates and the name of the file that nobody outside can open. */
function wordsOf(stderr: string): string {
  const said = stderr
    .split('\n')
    .flatMap((line) => /\[(?:emerg|crit|alert|error)\] (?:\d+#\d+: )?(.*)/.exec(line)?.[1] ?? [])
  return said.map((words) => words.replace(/ in \S+\.conf\S*:\d+$/, '')).join('; ')
}
