import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

export interface CommandResult {
  code: number
  stdout: string
  stderr: string
}

/** Runs a program to its end, whatever its exit code. */
export async function command(
  program: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; timeout?: number } = {},
): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await run(program, [...args], {
      env: { ...process.env, ...options.env },
      timeout: options.timeout ?? 120_000,
      maxBuffer: 64 << 20,
    })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string }
    return { code: typeof code === 'number' ? code : -1, stdout, stderr }
  }
}

/** A real cluster through the command line, as a user makes one. */
export class TestCluster {
  readonly name: string
  readonly data: string

  constructor(name: string) {
    this.name = name
    this.data = mkdtempSync(join(tmpdir(), `drydock-${name}-`))
  }

  async drydock(...args: string[]): Promise<CommandResult> {
    const result = await command(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(root, 'out/cli/drydock.js'),
        ...args,
        '--name',
        this.name,
        '--data',
        join(this.data, 'cluster'),
      ],
      { timeout: 300_000 },
    )
    if (result.code !== 0)
      throw new Error(`drydock ${args.join(' ')}: exit ${result.code}\n${result.stderr}${result.stdout}`)
    return result
  }

  get kubeconfig(): string {
    return join(this.data, 'cluster', 'kubeconfig')
  }

  /** kubectl of a version; the test looks at the exit code. */
  kubectl(version: string, ...args: string[]): Promise<CommandResult> {
    return command(join(root, '.cache/clients', `kubectl-${version}`), args, { env: { KUBECONFIG: this.kubeconfig } })
  }

  /** kubectl 1.36, which must succeed; its stdout. */
  async k(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.kubectl('1.36', ...args)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: exit ${code}\n${stderr}${stdout}`)
    return stdout
  }

  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.k(...args, '-o', 'json')) as T
  }

  spawnKubectl(version: string, ...args: string[]): ChildProcess {
    return spawn(join(root, '.cache/clients', `kubectl-${version}`), args, {
      env: { ...process.env, KUBECONFIG: this.kubeconfig },
      stdio: 'pipe',
    })
  }

  /** A command inside a node. */
  onNode(node: string, ...args: string[]): Promise<CommandResult> {
    return command('docker', ['exec', `drydock-${this.name}-${node}`, ...args])
  }

  async delete(): Promise<void> {
    await this.drydock('down', '--delete')
    rmSync(this.data, { recursive: true, force: true })
  }
}

/** Asks until the answer is as wanted; the last answer is in the error. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  timeout = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeout
  for (;;) {
    let answer: T | undefined
    let failure: unknown
    try {
      answer = await ask()
      if (wanted(answer)) return answer
    } catch (error) {
      failure = error
    }
    if (Date.now() > deadline)
      throw new Error(
        `${what}: not within ${timeout / 1000} s; last: ${failure instanceof Error ? failure.message : JSON.stringify(answer)}`,
      )
    // Another system is asked from outside: there is no event to wait for.
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
