import { createClient, type Client } from '../../../../src-kube/client/typed-client.ts'
import { findKind, kinds } from '../../../../src-kube/kinds/index.ts'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { parseApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import type { Admission, UserInfo } from '../../admission/admission.ts'
import { memoryStore } from '../../store/index.ts'
import type { Store } from '../../store/store.ts'
import type { AskWebhook } from '../conversion/conversions.ts'
import { createRegistry } from '../index.ts'
import type { Registry, Target, WriteOptions } from '../registry.ts'
import { createStrategies } from '../strategies/index.ts'
import { inProcessTransport } from '../transport.ts'

export const admin: UserInfo = { name: 'admin', groups: ['system:masters'] }

/** Admission that lets everything pass. */
export const open: Admission = { admit: () => Promise.resolve(), validate: () => Promise.resolve() }

export interface Arranged {
  registry: Registry
  store: Store
  clock: FakeClock
  client: Client
  /** What `warn` was told. */
  warnings: string[]
  write: WriteOptions
}

interface ArrangeOptions {
  admission?: Admission
  store?: Store
  askWebhook?: AskWebhook
  /** Default 30000 to 32767. */
  nodePortRange?: { first: number; last: number }
}

/** A registry of all kinds over a store in memory, without plugins. */
export async function arrange(options: ArrangeOptions = {}): Promise<Arranged> {
  const store = options.store ?? memoryStore()
  const clock = new FakeClock()
  const { admission = open, askWebhook, nodePortRange = { first: 30_000, last: 32_767 } } = options
  const strategies = createStrategies({ serviceCidr: '10.96.0.0/16', nodePortRange })
  const registry = createRegistry({
    store,
    kinds,
    strategies,
    admission,
    clock,
    ...(askWebhook ? { askWebhook } : {}),
  })
  await registry.ready
  const warnings: string[] = []
  const write: WriteOptions = {
    user: admin,
    dryRun: false,
    fieldManager: 'test',
    fieldValidation: 'Strict',
    warn: (message) => warnings.push(message),
  }
  return { registry, store, clock, client: createClient(inProcessTransport(registry, admin)), warnings, write }
}

/** `at('v1', 'Pod', 'ns', 'name')`: what a request for that path is about. */
export function at(apiVersion: string, kind: string, namespace = '', name = '', subresource = ''): Target {
  const { group, version } = parseApiVersion(apiVersion)
  const descriptor = findKind(group, kind)
  const served = descriptor?.served.find((s) => s.group === group && s.version === version)
  if (!descriptor || !served) throw new Error(`${apiVersion} ${kind} is not served`)
  return { descriptor, served, namespace, name, subresource }
}

export const configMap = (name: string, data: Record<string, string> = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
})

export const pod = (name: string, metadata: object = {}, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'c', image: 'busybox' }], ...spec },
})

export const deployment = (name: string, replicas = 1) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'busybox' }] } },
  },
})
