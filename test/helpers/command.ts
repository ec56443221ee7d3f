import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const root = join(import.meta.dirname, '../..')

export interface CommandResult {
  /** -1 when it could not be run or was ended from outside. */
  code: number
  stdout: string
  stderr: string
}

/** Surroundings of a command: what is added to this process's environment, and after how many milliseconds it is ended (two minutes). */
export interface CommandOptions {
  env?: NodeJS.ProcessEnv
  timeout?: number
}

/** Runs a program to its end, whatever its exit code. */
export async function command(
  program: string,
  args: readonly string[],
  { env, timeout = 120_000 }: CommandOptions = {},
): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await execute(program, [...args], {
      env: { ...process.env, ...env },
      timeout,
      maxBuffer: 64 << 20,
    })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string }
    return { code: typeof code === 'number' ? code : -1, stdout, stderr }
  }
}

/** Words that run the built command line under this process's Node, before its own. */
export const drydockWords: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  join(root, 'out/cli/drydock.js'),
]

/** The built command line, run to its end. */
export const drydock = (args: readonly string[], options?: CommandOptions): Promise<CommandResult> =>
  command(process.execPath, [...drydockWords, ...args], options)

/** Path of a kubectl that `npm test` fetched, `1.36`. */
export const kubectlOf = (version: string): string => join(root, '.cache/clients', `kubectl-${version}`)
