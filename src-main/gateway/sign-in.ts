/**
 * Signing in by a program of the user's, as their kubeconfig names it (kubernetes.io, "Authenticating: client-go credential plugins"). It is
 * run without a shell and without a terminal, once for all who wait, and again when what it gave ends or the server does not take it.
 */
import { execFile } from 'node:child_process'
import { isAbsolute, resolve } from 'node:path'

/** The `exec` of a kubeconfig's user. */
export interface RawExec {
  apiVersion?: string
  command?: string
  args?: string[] | null
  env?: Array<{ name: string; value: string }> | null
  installHint?: string
  interactiveMode?: string
  provideClusterInfo?: boolean
}

/** An exec plugin of a kubeconfig (kubernetes.io, "client-go credential plugins"). */
export interface SignIn {
  apiVersion: string
  command: string
  args: string[]
  env: Record<string, string>
  installHint: string
  /** It asks the user something in a terminal. */
  interactive: boolean
  provideClusterInfo: boolean
}

/** @param folder of the kubeconfig: a command that is a path is relative to it */
export function signInOf(exec: RawExec, folder: string): SignIn {
  const command = exec.command ?? ''
  return {
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    command: /[\\/]/.test(command) && !isAbsolute(command) ? resolve(folder, command) : command,
    args: exec.args ?? [],
    env: Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
    installHint: (exec.installHint ?? '').trim(),
    interactive: exec.interactiveMode === 'Always',
    provideClusterInfo: exec.provideClusterInfo === true,
  }
}

/** What a program gave: one of them, or both. PEM texts. */
export interface Credentials {
  token?: string
  clientCertificate?: string
  clientKey?: string
  /** Milliseconds since the epoch; undefined for as long as the server takes them. */
  until?: number
}

/** What the program is told of the cluster, when it asks for that. */
export interface ClusterInfo {
  server: string
  certificateAuthority?: string | undefined
  insecure?: boolean | undefined
  serverName?: string | undefined
}

/** The process and the clock, for tests. */
export interface SignInOptions {
  run?: typeof runProgram
  /** Milliseconds since the epoch. */
  now?: () => number
}

/** Credentials of one cluster, fetched when they are needed. */
export interface SignedIn {
  /** Those that hold; rejects with a sentence that says why there are none. */
  credentials(): Promise<Credentials>
  /** Those that were fetched last, whether they hold or not. */
  readonly last: Credentials | undefined
  /** The server did not take these: the next question has others fetched, unless these are new. */
  refuse(credentials: Credentials): void
}

/** Milliseconds before their end at which credentials are fetched anew. */
const EARLY = 10_000
/** Milliseconds for which a failure is told again without another try: all lists of a page ask at once. */
const REST = 10_000

/** Runs the user's own program when credentials are first needed and when they are over; several who wait share one run. */
export function createSignedIn(
  signIn: SignIn,
  cluster: ClusterInfo,
  { run = runProgram, now = Date.now }: SignInOptions = {},
): SignedIn {
  let last: Credentials | undefined
  let fetchedAt = 0
  let running: Promise<Credentials> | undefined
  let failed: { error: unknown; until: number } | undefined
  const holds = (found: Credentials | undefined): found is Credentials =>
    found !== undefined && (found.until === undefined || now() < found.until - EARLY)
  const fetch = async (): Promise<Credentials> => {
    try {
      last = readCredential(signIn, await run(signIn, cluster))
      fetchedAt = now()
      failed = undefined
      return last
    } catch (error) {
      failed = { error, until: now() + REST }
      throw error
    } finally {
      running = undefined
    }
  }
  return {
    get last() {
      return last
    },
    async credentials() {
      if (holds(last)) return last
      if (failed && now() < failed.until) throw failed.error
      return (running ??= fetch())
    },
    refuse(credentials) {
      if (last === credentials && now() >= fetchedAt + REST) last = undefined
    },
  }
}

/** Reads an `ExecCredential`; throws a sentence when it is none. */
export function readCredential({ command }: SignIn, output: string): Credentials {
  const status = parsed(output)?.status
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = status ?? {}
  if (!token && !(clientCertificateData && clientKeyData))
    throw new Error(`"${command}" was to sign in, but gave neither a token nor a certificate with its key.`)
  const until = Date.parse(expirationTimestamp ?? '')
  return {
    ...(token ? { token } : {}),
    ...(clientCertificateData && clientKeyData
      ? { clientCertificate: clientCertificateData, clientKey: clientKeyData }
      : {}),
    ...(Number.isNaN(until) ? {} : { until }),
  }
}

interface ExecCredential {
  status?: {
    token?: string
    clientCertificateData?: string
    clientKeyData?: string
    expirationTimestamp?: string
  }
}

function parsed(text: string): ExecCredential | undefined {
  try {
    return JSON.parse(text) as ExecCredential
  } catch {
    return undefined
  }
}

/** Milliseconds a program has: it may open a browser and wait for its user there. */
const LONGEST = 120_000
/** Letters of what a program said last that are told. */
const MOST_WORDS = 400

/** Runs the program and resolves to what it wrote; rejects with what it said of its failure and what to do. */
export function runProgram(signIn: SignIn, cluster: ClusterInfo): Promise<string> {
  const { command, args, env, installHint, interactive } = signIn
  if (interactive)
    return Promise.reject(
      new Error(
        `This cluster is signed in to by "${command}" in a terminal, which the app has not. Use a kubeconfig with a token.`,
      ),
    )
  const given = { KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(signIn, cluster)) }
  return new Promise((done, fail) => {
    const child = execFile(
      command,
      args,
      { env: { ...process.env, ...env, ...given }, timeout: LONGEST, windowsHide: true },
      (error, stdout, stderr) => {
        if (!error) return done(stdout)
        const { code, killed } = error as NodeJS.ErrnoException & { killed?: boolean }
        const words = stderr.trim().slice(-MOST_WORDS)
        if (code === 'ENOENT')
          fail(
            new Error(
              `This cluster is signed in to by "${command}", which is not there. ${installHint || 'Install it.'}`,
            ),
          )
        else if (killed) fail(new Error(`"${command}" did not sign in within ${LONGEST / 1000} s. ${words}`))
        else fail(new Error(`"${command}" could not sign in: ${words || error.message} Sign in again as for kubectl.`))
      },
    )
    child.stdin?.end()
  })
}

function execInfo({ apiVersion, provideClusterInfo }: SignIn, cluster: ClusterInfo): object {
  const { server, certificateAuthority, insecure, serverName } = cluster
  const told = {
    server,
    ...(certificateAuthority
      ? { 'certificate-authority-data': Buffer.from(certificateAuthority).toString('base64') }
      : {}),
    ...(insecure ? { 'insecure-skip-tls-verify': true } : {}),
    ...(serverName ? { 'tls-server-name': serverName } : {}),
  }
  const spec = { interactive: false, ...(provideClusterInfo ? { cluster: told } : {}) }
  return { apiVersion, kind: 'ExecCredential', spec }
}
