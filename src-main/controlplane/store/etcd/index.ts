import { readFileSync } from 'node:fs'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import type { Store } from '../store.ts'
import { EtcdClient } from './client.ts'
import { EtcdStore } from './etcd-store.ts'
import { registryKeys } from './keys.ts'

/** Where etcd is and how it is spoken to, by kube-apiserver's own options `--etcd-servers`, `--etcd-cafile`, `--etcd-certfile`, `--etcd-keyfile`, `--etcd-prefix`. */
export interface EtcdSettings {
  servers: readonly string[]
  /** Paths of PEM files. */
  cafile?: string | undefined
  certfile?: string | undefined
  keyfile?: string | undefined
  /** What all keys begin with. Default `/registry`. */
  prefix?: string | undefined
}

/** The etcd that keeps a cluster's state, as kube-apiserver's options name it. */
export interface OpenEtcdOptions extends EtcdSettings {
  /** Resources that kube-apiserver has built in, by which keys are named as it names them. */
  builtIn: ReadonlyArray<{ group: string; plural: string }>
  clock: Clock
  /** Hears of what goes wrong beside requests. */
  log: (message: string, error: unknown) => void
  /** Milliseconds until a request is given up that etcd does not answer. Default 7 s. */
  timeout?: number
}

/** Milliseconds; what counts is that there is a timer. */
const A_DAY = 86_400_000

/** A store in etcd that others may share. Throws `EtcdError` when no member answers. */
export async function openEtcdStore(options: OpenEtcdOptions): Promise<Store> {
  const { servers, cafile, certfile, keyfile, prefix = '/registry', builtIn, clock, log, timeout } = options
  const pem = (file: string | undefined): string | undefined =>
    file === undefined ? undefined : readFileSync(file, 'utf8')
  const tls = { ca: pem(cafile), cert: pem(certfile), key: pem(keyfile) }
  const client = new EtcdClient({ servers, tls, clock, ...(timeout === undefined ? {} : { timeout }) })
  const store = new EtcdStore({ client, keys: registryKeys(prefix, builtIn), clock, log, patience: timeout })
  // While nobody answers, only the clock's timers wait, which keep no thread alive: it would end without a word.
  const alive = setInterval(() => {}, A_DAY)
  try {
    return await store.open()
  } catch (error) {
    await store.close()
    throw error
  } finally {
    clearInterval(alive)
  }
}
