/**
 * The control plane, put together: store → registry → admission → API server, then what reaches state only through the API:
 * bootstrap objects, controllers, scheduler. Each part gets what it needs as arguments; this file alone knows them all.
 */
import Docker from 'dockerode'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { refs } from '../../src-kube/client/refs.ts'
import { createClient, type Client } from '../../src-kube/client/typed-client.ts'
import { groupOrder, kinds } from '../../src-kube/kinds/index.ts'
import { systemClock } from '../../src-kube/machinery/clock.ts'
import { readAdmissionConfiguration } from './admission/configuration.ts'
import { createAdmission } from './admission/index.ts'
import { defaultPlugins } from './admission/plugins/index.ts'
import type { HeldAccess } from './admission/plugins/rbac-escalation.ts'
import type { ChargeQuota } from './admission/plugins/resource-quota.ts'
import type { ObjectWatcher, UserInfo } from './admission/admission.ts'
import type { Authorizer } from './apiserver/auth/auth.ts'
import { openAuditor } from './apiserver/audit/index.ts'
import { authenticators } from './apiserver/auth/authenticators.ts'
import { nodeAuthorizer } from './apiserver/auth/node-authorizer.ts'
import { nodeGraph } from './apiserver/auth/node-graph.ts'
import { rbacAuthorizer } from './apiserver/auth/rbac.ts'
import { unionOf } from './apiserver/auth/union.ts'
import type { MayUser } from './admission/policies/authorizer.ts'
import type { ConvertObject } from './admission/webhooks/seen.ts'
import { issuerDocuments } from './apiserver/auth/issuer-discovery.ts'
import { noteLegacyUse, type LegacyTokenOptions } from './apiserver/auth/legacy-tokens.ts'
import { ISSUER, serviceAccountTokens } from './apiserver/auth/service-account-tokens.ts'
import { createAggregation, type Aggregation } from './apiserver/aggregation/index.ts'
import { FlowControl } from './apiserver/flow-control/index.ts'
import { createApiServer } from './apiserver/index.ts'
import type { FindPlacement } from './apiserver/placements.ts'
import { createResourceMetrics } from './apiserver/resource-metrics/index.ts'
import { createStreaming } from './apiserver/streaming/index.ts'
import { postReviews, postToWebhooks } from './apiserver/webhooks/post-review.ts'
import { createTunnels } from './apiserver/tunnel/index.ts'
import { bootstrap } from './bootstrap/index.ts'
import { dockerImages } from './cloud/desktop-images.ts'
import { nodeSummaries } from './cloud/node-summaries.ts'
import { startLoops, type Loops } from './loops.ts'
import { PartMetrics } from './part-metrics.ts'
import { openPki } from './pki/index.ts'
import { tellServerIdentity } from './server-identity.ts'
import type { ControlPlaneOptions, ControlPlaneReady } from './protocol.ts'
import { createRegistry } from './registry/index.ts'
import type { Registry } from './registry/registry.ts'
import { createStrategies } from './registry/strategies/index.ts'
import { inProcessTransport } from './registry/transport.ts'
import { openEtcdStore } from './store/etcd/index.ts'
import { openStore } from './store/index.ts'
import { measuredStore, type StoreMetrics } from './store/measured-store.ts'
import { sealedStore, sealingKeys } from './store/seal.ts'
import { storeSize } from './store/store-size.ts'
import type { Store } from './store/store.ts'

/** Takes one line for the host's log. */
export type Log = (level: 'info' | 'warn' | 'error', message: string) => void

/** A control plane that answers. `stop` ends its parts in reverse order and resolves when all that was acknowledged is on disk. */
export interface ControlPlane extends ControlPlaneReady {
  stop(): Promise<void>
}

const nodePorts = { first: 30_000, last: 32_767 }
const RBAC = '/registry/rbac.authorization.k8s.io/'
const DEFAULT_PORT = 6443
const clock = systemClock

const as = (name: string): UserInfo => ({ name, groups: ['system:masters', 'system:authenticated'] })

type Undo = Array<() => Promise<void> | void>
type Warn = (message: string, error?: unknown) => void

interface Start {
  options: ControlPlaneOptions
  undo: Undo
  warn: Warn
}

/** Starts everything; what was started is stopped again when a later part fails. */
export async function startControlPlane(options: ControlPlaneOptions & { log: Log }): Promise<ControlPlane> {
  const undo: Undo = []
  const warn: Warn = (message, error) =>
    options.log('warn', error === undefined ? message : `${message}: ${describe(error)}`)
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
    const ready = await start({ options, undo, warn })
    return { ...ready, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(starting: Start): Promise<ControlPlaneReady> {
  const state = await openState(starting)
  let loops: Loops | undefined
  const aggregation = await startAggregation(starting, state)
  const port = await serveApi(starting, { ...state, aggregation }, (pod) => loops?.decisions?.get(pod))
  const { options, undo, warn } = starting
  const apiServer = { port, address: yields(options) ? undefined : reached(options) }
  const identity = tellServerIdentity({
    ...identityOf(options),
    client: ownClient(state.registry),
    clock,
    log: logOf(warn),
  })
  undo.push(() => identity.stop())
  loops = startLoops({ ...options, ...state, apiServer, aggregation, clock, warn, shared: options.etcd !== undefined })
  undo.push(() => loops.stop())
  const { pki } = state
  return { port, admin: { ca: pki.ca.cert, ...(await pki.client('kubernetes-admin', ['system:masters'])) } }
}

type State = Awaited<ReturnType<typeof openState>>
type Served = State & { aggregation: Aggregation }

/** Servers that share their state may share a machine too; each has a directory of its own. */
const identityOf = ({ etcd, directory }: ControlPlaneOptions): { hostname: string; instance: string } => ({
  hostname: hostname(),
  instance: etcd ? directory : '',
})

const logOf = (warn: Warn) => ({ info: () => {}, warn, error: warn })

/** Where pods reach this server. */
const reached = ({ addresses }: ControlPlaneOptions): string => addresses[0] ?? '127.0.0.1'

/** Whether pods reach another one, which shares the state. */
const yields = ({ etcd, addresses }: ControlPlaneOptions): boolean => etcd !== undefined && addresses.length === 0

/** What is stored and how it is judged: everything but the way in, and those who act on it. */
async function openState(starting: Start) {
  const { options, undo, warn } = starting
  const { directory, addresses, serviceCidr } = options
  const pki = await openPki(join(directory, 'pki'), { clock, sans: { dns: [], ips: [...addresses] } })
  const metrics = new PartMetrics()
  const store = await openKept(starting, metrics.store)

  // Admission and tokens read what the registry holds, and the registry asks admission: they meet through this reader.
  const read: ObjectWatcher = {
    get: (...request) => registry.get(...request),
    list: (...request) => registry.list(...request),
    observe: (...request) => registry.observe(...request),
  }
  const label: LegacyTokenOptions['label'] = async (namespace, name, labels) => {
    const type = 'application/merge-patch+json'
    await ownClient(registry)
      .resource(refs.secrets)
      .patch({ namespace, name, type, body: { metadata: { labels } } })
  }
  const onLegacyUse = noteLegacyUse({ clock, log: warn, label })
  const tokens = serviceAccountTokens({ key: pki.serviceAccounts, read, clock, onLegacyUse })
  const tunnels = createTunnels({ clock })
  undo.push(() => tunnels.close())
  const reaching = { read, tunnels, log: warn }
  const charge: ChargeQuota = async (quota) => {
    await ownClient(registry).resource(refs.resourceQuotas).updateStatus(quota)
  }
  const may: MayUser = (...request) => mayUser(authorize, ...request)
  const convert: ConvertObject = (...request) => registry.convert(...request)
  const held = heldBy(() => rbac)
  const post = postReviews(reaching)
  const configuration = readAdmissionConfiguration(options.directory)
  const plugins = defaultPlugins({ read, held, charge, may, convert, post, clock, configuration, metrics })
  const admission = createAdmission(plugins, metrics.admission)
  const strategies = createStrategies({ serviceCidr, nodePortRange: nodePorts })
  const askWebhook = postToWebhooks(reaching)
  const registry = createRegistry({ store, kinds, strategies, admission, clock, issueToken: tokens.issue, askWebhook })
  await registry.ready

  const rbac = rbacAuthorizer(read)
  undo.push(
    store.observe((events) => {
      if (events.some((event) => event.current.key.startsWith(RBAC))) rbac.invalidate()
    }),
  )
  const authorize = unionOf([nodeAuthorizer(nodeGraph(read), read), rbac.authorize])
  const summaries = nodeSummaries({ tunnels, clock, log: warn })
  return { pki, registry, read, tokens, tunnels, reaching, admission, rbac, authorize, summaries, metrics }
}

/** Everything that is remembered, counted by `metrics`; secrets are sealed in it. */
async function openKept({ options, undo, warn }: Start, metrics: StoreMetrics): Promise<Store> {
  const { directory, etcd, history } = options
  const kept = etcd
    ? await openEtcdStore({ ...etcd, builtIn: kinds, clock, log: warn })
    : await openStore({ ...history, directory: join(directory, 'store'), clock })
  if (!etcd) metrics.size = () => storeSize(join(directory, 'store'))
  undo.push(() => kept.close())
  const sealed = sealedStore(kept, { prefixes: ['/registry/core/secrets/'], keys: sealingKeys(directory) })
  return measuredStore(sealed, metrics)
}

/** Opens the API server and fills it with what every cluster has; answers its port. */
async function serveApi(starting: Start, state: Served, placement: FindPlacement): Promise<number> {
  const { options, undo, warn } = starting
  const { pki, registry, read, tokens, tunnels, reaching, admission, rbac, authorize, summaries, metrics } = state
  const { addresses } = options
  const flowControl = new FlowControl(clock)
  await flowControl.start(read)
  undo.push(() => flowControl.stop())
  const audit = openAuditor(options.directory, { clock, log: warn })
  undo.push(() => audit?.close())
  const started = Promise.withResolvers<void>()
  const api = createApiServer({
    registry,
    groupOrder,
    authenticate: authenticators({ read, tokens, clock }),
    authorizers: [authorize],
    rulesFor: rbac.rulesFor,
    admission,
    streaming: createStreaming(reaching),
    aggregation: state.aggregation,
    resourceMetrics: createResourceMetrics({ read, summaries, clock }),
    audit,
    issuer: issuerDocuments(ISSUER, pki.serviceAccounts.publicKey),
    placement,
    tunnels,
    images: dockerImages(new Docker()),
    flowControl,
    metrics: metrics.metrics,
    started: started.promise,
    clock,
    tls: { ...pki.serving, ca: pki.ca.cert },
    log: warn,
  })
  undo.push(() => api.stop())
  const port = await api.listen({ port: options.port ?? DEFAULT_PORT, fixed: options.fixedPort, addresses })
  await bootstrap(inProcessTransport(registry, as('system:apiserver')), {
    apiServer: { address: reached(options), port },
    yields: yields(options),
    token: options.token,
    ca: pki.ca.cert,
    server: `https://127.0.0.1:${port}`,
    now: clock.now(),
  })
  started.resolve()
  return port
}

async function startAggregation({ undo, warn }: Start, { pki, registry, read, reaching }: State): Promise<Aggregation> {
  const aggregation = createAggregation({
    read,
    reaching,
    proxy: await pki.client('front-proxy-client', []),
    clock,
    log: warn,
    async report(service) {
      await ownClient(registry).resource(refs.apiServices).updateStatus(service)
    },
  })
  aggregation.start()
  undo.push(() => aggregation.stop())
  return aggregation
}

/** The API server's own writes. */
const ownClient = (registry: Registry): Client => createClient(inProcessTransport(registry, as('system:apiserver')))

function mayUser(authorize: Authorizer, ...[user, asked]: Parameters<MayUser>): ReturnType<MayUser> {
  const { verb, path = '', group = '', resource = '', subresource = '', namespace = '', name = '' } = asked
  const attributes = { user, verb, group, version: '*', resource, subresource, namespace, name, path }
  const { fieldSelector } = asked
  return authorize(fieldSelector === undefined ? attributes : { ...attributes, fieldSelector })
}

/** What somebody holds by RBAC alone, which bounds what they may grant. */
function heldBy(rbac: () => ReturnType<typeof rbacAuthorizer>): HeldAccess {
  return {
    async may(user, { group = 'rbac.authorization.k8s.io', ...asked }) {
      const attributes = { ...asked, user, group, version: 'v1', subresource: '', path: '' }
      return (await rbac().authorize(attributes)).allowed
    },
    rules: (user, namespace) => rbac().policyRules(user, namespace),
  }
}

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : typeof error === 'string' ? error : JSON.stringify(error)
