import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { UserError } from '../../cluster/user-error.ts'
import type { ClusterConnection } from '../cluster-actions.ts'
import { kubeconfigOf } from '../kubeconfig-text.ts'
import { failureOf } from './words.ts'

/** Bytes of output that are taken; charts and manifests stay far below. */
const MOST_OUTPUT = 16 << 20
/** Milliseconds that helm gets to note what it did not finish. */
const GRACE = 5000

/** One run of helm, with the files that it reads; these are there only while it runs, and only for this user. */
export interface HelmRun {
  /** Path of the program. */
  program: string
  /** The cluster it speaks to; none for what concerns charts alone. */
  connection?: ClusterConnection | undefined
  /** Written to a file that only this run sees; `arguments` gets its path. */
  values?: string | undefined
  arguments(values: string | undefined): readonly string[]
  /** Given to it on its standard input: what must not stand among arguments. */
  input?: string | undefined
  /** Every line as it comes, of both outputs. */
  line?(text: string): void
  /** Ends helm, which then tells why it did not finish. */
  signal?: AbortSignal | undefined
}

/**
 * Runs helm without a shell, in a private folder: a chart's name never means a folder by chance, and the kubeconfig is gone afterwards.
 * Helm's own configuration is the user's. Resolves to what it said on its standard output; a failure is a {@link UserError} in helm's words.
 */
export async function runHelm(run: HelmRun): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-helm-'))
  try {
    const kubeconfig = join(folder, 'kubeconfig')
    const hasValues = run.values !== undefined && run.values.trim() !== ''
    const values = hasValues ? join(folder, 'values.yaml') : undefined
    await writeFile(kubeconfig, run.connection ? kubeconfigOf(run.connection) : '', { mode: 0o600 })
    if (values) await writeFile(values, run.values ?? '', { mode: 0o600 })
    if (run.signal?.aborted) throw new UserError('it had not begun.')
    return await spawned(run, values, folder, environmentFor(kubeconfig))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Without what would lead helm to another cluster, namespace or place for its releases than the one on screen. */
export function environmentFor(kubeconfig: string, environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(
    ([name]) => !/^HELM_(KUBE|NAMESPACE$|DRIVER|DEBUG$|MAX_HISTORY$)/.test(name),
  )
  return { ...Object.fromEntries(kept), KUBECONFIG: kubeconfig, NO_COLOR: '1' }
}

function spawned(run: HelmRun, values: string | undefined, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { program, line = () => undefined, signal } = run
  return new Promise((resolve, reject) => {
    const child = spawn(program, run.arguments(values), {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    })
    // A program that ends without having read it says why by itself.
    child.stdin.on('error', () => undefined)
    child.stdin.end(run.input ?? '')
    const said = new Said(child, line)
    const untie = endOnAbort(child, signal)
    child.on('error', (cause) => {
      untie()
      const words = `${program} could not be run: ${cause.message}.`
      reject(new UserError(words, 'Install helm anew, or name another.', { cause }))
    })
    child.on('close', (code, killed) => {
      untie()
      if (said.isTooMuch) return reject(new UserError('Helm said more than 16 MiB, so it was ended.'))
      if (code === 0) return resolve(said.out)
      reject(failureOf(said.err || said.out || `helm ended with ${code ?? killed}`))
    })
  })
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** The lines of both outputs; ends a program that says too much. */
class Said {
  out = ''
  err = ''
  #size = 0

  constructor(child: Child, line: (text: string) => void) {
    for (const from of ['out', 'err'] as const) {
      const stream = from === 'out' ? child.stdout : child.stderr
      stream.on('data', (part: Buffer) => {
        this.#size += part.length
        if (this.isTooMuch) silence(child)
      })
      createInterface({ input: stream }).on('line', (text) => {
        if (this.isTooMuch) return
        this[from] += `${text}\n`
        line(text)
      })
    }
  }

  get isTooMuch(): boolean {
    return this.#size > MOST_OUTPUT
  }
}

/** What helm has started itself ends with its pipes. */
function silence(child: Child): void {
  child.kill('SIGKILL')
  child.stdout.destroy()
  child.stderr.destroy()
}

/** Ends the program when the signal says so, at last by force; the result takes that back once it has ended. */
function endOnAbort(child: Child, signal: AbortSignal | undefined): () => void {
  let grace: NodeJS.Timeout | undefined
  const stop = (): void => {
    child.kill('SIGTERM')
    grace = setTimeout(() => child.kill('SIGKILL'), GRACE)
  }
  signal?.addEventListener('abort', stop, { once: true })
  return () => {
    clearTimeout(grace)
    signal?.removeEventListener('abort', stop)
  }
}
