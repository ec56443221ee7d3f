import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createAuthority, createLeaf } from '../../../src-main/controlplane/pki/x509.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { StatusError } from '../../../src-kube/machinery/errors.ts'
import type { AdminCredentials } from '../../../src-main/controlplane/protocol.ts'
import { adminTransport } from '../../../src-main/cluster/api.ts'
import { formatKubeconfig, kubeconfigFor } from '../../../src-main/cluster/kubeconfig.ts'

/** The real thing: kube-apiserver on etcd; without controllers, and a scheduler only when asked for: they would take from its share of the machine. */
export interface Real {
  readonly port: number
  readonly admin: AdminCredentials
  /** Of all its processes. */
  readonly pids: readonly number[]
  stop(): Promise<void>
}

const DAY = 86_400_000

/**
 * Starts the binaries `etcd` and `kube-apiserver` of a folder with their own defaults, but for what needs a controller manager (the admission by
 * service accounts waits for one that makes them).
 *
 * @param binaries Folder of the executables.
 * @param data Folder for their data, certificates and logs.
 * @param options `port`: the first of three, API server, etcd's clients, etcd's peers. `scheduler`: kube-scheduler is started too.
 */
export async function startReal(
  binaries: string,
  data: string,
  { port, scheduler = false }: { port: number; scheduler?: boolean },
): Promise<Real> {
  const files = await certificates(data)
  const children: ChildProcess[] = []
  const start = (name: string, args: readonly string[]): ChildProcess => {
    const child = spawn(join(binaries, name), args, { stdio: 'ignore' })
    children.push(child)
    return child
  }
  const ended = (child: ChildProcess): Promise<never> =>
    new Promise((_, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`${child.spawnfile} ended with ${code}`)))
    })
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      await gone
    }
  }
  try {
    const etcd = start('etcd', etcdFlags(data, port + 1))
    await Promise.race([reachable(port + 1), ended(etcd)])
    const server = start('kube-apiserver', serverFlags(files, port))
    await Promise.race([ready(port, files.admin), ended(server)])
    if (scheduler) start('kube-scheduler', schedulerFlags(schedulerConfig(data, port, files.admin)))
    return { port, admin: files.admin, pids: children.map((child) => child.pid!), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function etcdFlags(data: string, port: number): string[] {
  const [clients, peers] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`]
  return [
    ['data-dir', join(data, 'etcd')],
    ['listen-client-urls', clients],
    ['advertise-client-urls', clients],
    ['listen-peer-urls', peers],
    ['initial-advertise-peer-urls', peers],
    ['initial-cluster', `default=${peers}`],
  ].map(([name, value]) => `--${name}=${value}`)
}

function serverFlags(files: Files, port: number): string[] {
  return [
    ['etcd-servers', `http://127.0.0.1:${port + 1}`],
    ['bind-address', '127.0.0.1'],
    ['advertise-address', '127.0.0.1'],
    ['secure-port', port],
    ['tls-cert-file', files.serving],
    ['tls-private-key-file', files.servingKey],
    ['client-ca-file', files.ca],
    ['service-account-issuer', 'https://kubernetes.default.svc'],
    ['service-account-key-file', files.serving],
    ['service-account-signing-key-file', files.servingKey],
    ['authorization-mode', 'Node,RBAC'],
    ['disable-admission-plugins', 'ServiceAccount'],
    ['service-cluster-ip-range', '10.96.0.0/12'],
  ].map(([name, value]) => `--${name}=${value}`)
}

/** Its default of 50 calls a second would be all that is measured. */
const schedulerFlags = (config: string): string[] => [
  `--kubeconfig=${config}`,
  '--leader-elect=false',
  '--kube-api-qps=5000',
  '--kube-api-burst=5000',
]

function schedulerConfig(data: string, port: number, admin: AdminCredentials): string {
  const path = join(data, 'scheduler.conf')
  const access = { server: `https://127.0.0.1:${port}`, ...admin }
  writeFileSync(path, formatKubeconfig(kubeconfigFor('real', access)), { mode: 0o600 })
  return path
}

interface Files {
  readonly ca: string
  readonly serving: string
  readonly servingKey: string
  readonly admin: AdminCredentials
}

async function certificates(data: string): Promise<Files> {
  mkdirSync(data, { recursive: true })
  const file = (name: string, text: string): string => {
    const path = join(data, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const validity = { notBefore: Date.now() - DAY, notAfter: Date.now() + DAY }
  const ca = await createAuthority('kubernetes-ca', validity.notBefore, validity.notAfter)
  const serving = await createLeaf(ca, {
    ...validity,
    commonName: 'kube-apiserver',
    dns: ['localhost'],
    ips: ['127.0.0.1'],
    usage: 'server',
  })
  const admin = await createLeaf(ca, {
    ...validity,
    commonName: 'admin',
    organizations: ['system:masters'],
    usage: 'client',
  })
  return {
    ca: file('ca.crt', ca.cert),
    serving: file('serving.crt', serving.cert),
    servingKey: file('serving.key', serving.key),
    admin: { ca: ca.cert, cert: admin.cert, key: admin.key },
  }
}

/** Resolves when something listens. Nothing tells of it: it is tried again and again. */
async function reachable(port: number): Promise<void> {
  const listens = await new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => setTimeout(resolve, 50, false))
  })
  if (!listens) await reachable(port)
}

/** Resolves when the namespaces are there that the load goes to; until then the server refuses what it has no roles for yet. */
async function ready(port: number, admin: AdminCredentials): Promise<void> {
  await reachable(port)
  const transport = adminTransport({ server: `https://127.0.0.1:${port}`, ...admin })
  const namespaces = createClient(transport).resource(refs.namespaces)
  try {
    for (const name of ['default', 'kube-public']) {
      while (!(await namespaces.get(name).catch(notYet))) await new Promise((resolve) => setTimeout(resolve, 100))
    }
  } finally {
    transport.close()
  }
}

function notYet(error: unknown): undefined {
  if (!(error instanceof StatusError)) throw error
}
