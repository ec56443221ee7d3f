/**
 * The ingress controller: a pod that watches Ingresses and what they name, writes nginx's configuration, has nginx test it and reload. One replica writes
 * the addresses; several would agree on them.
 */
import '../src-node/polyfills.ts'
import { setMaxListeners } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { systemClock } from '../src-kube/machinery/clock.ts'
import { clusterTransport } from './cluster.ts'
import { Configuration } from './host/configuration.ts'
import { NamesServer } from './host/names-server.ts'
import { Nginx } from './host/nginx.ts'
import { SignInServer } from './host/sign-in-server.ts'
import { ownCertificate } from './host/own-certificate.ts'
import { startController } from './controller.ts'

/** In memory, since keys of certificates are in it; no volume, since pods with volumes of their own are in the way of `kubectl drain`. */
const DIRECTORY = '/dev/shm/ingress'
/** Milliseconds that requests under way have when the pod ends. */
const GRACE = 20_000

const log = (message: string): void => console.log(`${new Date().toISOString()} ${message}`)

const resolversOf = (resolvConf: string): string[] =>
  [...resolvConf.matchAll(/^nameserver\s+([\d.]+)\s*$/gm)].map(([, address]) => address!)

async function run(): Promise<void> {
  const stopping = new AbortController()
  const { signal } = stopping
  // Every informer and connection listens to the one end of the process.
  setMaxListeners(0, signal)
  const nginx = new Nginx({ configuration: Configuration.path(DIRECTORY), log })
  const end = async (): Promise<void> => {
    stopping.abort()
    await nginx.stop(GRACE)
    process.exit(0)
  }
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => void end())
  mkdirSync(DIRECTORY, { recursive: true, mode: 0o700 })
  const names = new NamesServer()
  const [major = 0, minor = 0, patch = 0] = await nginx.version()
  const { SERVICE = '', POD_NAME = '', POD_NAMESPACE = '', POD_UID = '' } = process.env
  await startController({
    transport: clusterTransport(process.env, signal),
    clock: systemClock,
    signal,
    configuration: new Configuration(DIRECTORY, nginx),
    names,
    service: SERVICE,
    pod: { apiVersion: 'v1', kind: 'Pod', name: POD_NAME, namespace: POD_NAMESPACE, uid: POD_UID },
    nginx: {
      directory: DIRECTORY,
      temporary: '/tmp',
      accessLog: '/dev/stdout',
      ports: { http: 8080, https: 8443, health: 10_254 },
      names: await names.start(0),
      signIn: await new SignInServer().start(0),
      certificate: await ownCertificate(DIRECTORY),
      resolvers: resolversOf(readFileSync('/etc/resolv.conf', 'utf8')),
      http2Directive: major * 1e6 + minor * 1e3 + patch >= 1_025_001,
      workers: 2,
    },
    log,
  })
}

process.on('unhandledRejection', (reason) => {
  log(`unhandled: ${reason instanceof Error ? reason.stack : String(reason)}`)
})
await run()
