import { createHmac } from 'node:crypto'
import type { Transport } from '../../../src-kube/client/transport.ts'
import { dnsConfig } from '../../../src-kube/kinds/core/dns-config.ts'
import { dnsService } from '../../../src-kube/kinds/core/dns-service.ts'
import { flowControlObjects } from '../../../src-kube/kinds/flowcontrol/initial-objects.ts'
import { ownEndpoints, ownService, ownSlice, type ServerAddress } from '../../../src-kube/kinds/core/server-service.ts'
import { findKind } from '../../../src-kube/kinds/index.ts'
import { resourceOf } from '../../../src-kube/kinds/descriptor.ts'
import { isAlreadyExists } from '../../../src-kube/machinery/errors.ts'
import type { ObjectMeta } from '../../../src-kube/machinery/meta.ts'
import { parseApiVersion } from '../../../src-kube/machinery/gvk.ts'
import { apiServices } from './api-services.ts'
import { ingressClass } from './ingress-class.ts'
import { namespacedRbacObjects, rbacObjects } from './rbac.ts'
import { missingOf } from './reconcile.ts'
import { storageClasses } from './storage.ts'

/** What objects that every cluster begins with say of this one. */
export interface BootstrapOptions {
  /** Where pods reach the API server: behind the service `kubernetes`. */
  apiServer: ServerAddress
  /** One of several API servers, which no pod reaches: where others said that pods find one stands. Default false. */
  yields?: boolean
  /** `id.secret` with which nodes join. */
  token: string
  /** PEM. */
  ca: string
  /** URL for people outside. */
  server: string
  /** Milliseconds. */
  now: number
}

/** Of the service `kube-dns`, which nodes are told as well. */
const CLUSTER_DNS = '10.96.0.10'
const CLUSTER_DOMAIN = 'cluster.local'

/** An object as it is before the server has seen it. */
interface Facts {
  apiVersion: string
  kind: string
  metadata: Partial<ObjectMeta>
  [field: string]: unknown
}

/** Creates what every cluster has, and sets right what depends on where the API server is. Idempotent. */
export async function bootstrap(transport: Transport, options: BootstrapOptions): Promise<void> {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    await ensure(transport, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
  const roles = [...rbacObjects(), ...namespacedRbacObjects()]
  const storage = storageClasses()
  const fixed: Facts[] = [
    ...roles,
    ...priorityClasses(),
    ...storage,
    await ingressClass(transport),
    ownService(options.apiServer),
    dnsService(CLUSTER_DNS),
    dnsConfig(CLUSTER_DOMAIN),
    tokenTracking(options),
    ...apiServices(),
    ...flowControlObjects(),
  ]
  await Promise.all(fixed.map((object) => ensure(transport, object)))
  const { yields = false } = options
  await Promise.all(moving(options).map((object) => ensure(transport, object, !yields || object.kind === 'Secret')))
}

/** Creates the object; one that is there stays as it is but for what a default role lacks, or is replaced in all but its metadata. */
async function ensure(transport: Transport, object: Facts, replace = false): Promise<void> {
  const { group } = parseApiVersion(object.apiVersion)
  const descriptor = findKind(group, object.kind)
  if (!descriptor) throw new Error(`bootstrap: no kind ${object.apiVersion} ${object.kind}`)
  const resource = resourceOf(descriptor)
  const { name, namespace } = object.metadata
  try {
    await transport.request({ verb: 'create', resource, namespace, body: object })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const present = replace ? undefined : await transport.request({ verb: 'get', resource, namespace, name })
    const isRbac = group === 'rbac.authorization.k8s.io'
    const lacking = present && isRbac ? missingOf(object, present) : undefined
    if (!replace && !lacking) return
    const whole = Object.fromEntries(
      Object.entries(object).filter(([key]) => !['apiVersion', 'kind', 'metadata'].includes(key)),
    )
    await transport.request({
      verb: 'patch',
      resource,
      namespace,
      name,
      patchType: 'application/merge-patch+json',
      body: lacking ?? whole,
    })
  }
}

function priorityClasses(): Facts[] {
  const make = (name: string, value: number, description: string): Facts => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    description,
    preemptionPolicy: 'PreemptLowerPriority',
  })
  return [
    make(
      'system-cluster-critical',
      2_000_000_000,
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
    ),
    make(
      'system-node-critical',
      2_000_001_000,
      'Used for system critical pods that must not be moved from their current node.',
    ),
  ]
}

function moving(options: BootstrapOptions): Facts[] {
  const [id, secret] = options.token.split('.') as [string, string]
  return [
    ownEndpoints(options.apiServer),
    ownSlice(options.apiServer),
    joinToken(id, secret),
    clusterInfo(options, id, secret),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
      // By which servers behind this one know who speaks for its users (kubernetes.io, "Configure the Aggregation Layer").
      data: {
        'client-ca-file': options.ca,
        'requestheader-client-ca-file': options.ca,
        'requestheader-allowed-names': '["front-proxy-client"]',
        'requestheader-username-headers': '["X-Remote-User"]',
        'requestheader-group-headers': '["X-Remote-Group"]',
        'requestheader-uid-headers': '["X-Remote-Uid"]',
        'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
      },
    },
  ]
}

/** Since when uses of tokens that secrets hold are noted (kubernetes.io, "Managing Service Accounts: Legacy ServiceAccount token tracking controller"). */
const tokenTracking = ({ now }: BootstrapOptions): Facts => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' },
  data: { since: new Date(now).toISOString().slice(0, 10) },
})

/** kubernetes.io, "Authenticating with Bootstrap Tokens: Bootstrap token Secret format". */
function joinToken(id: string, secret: string): Facts {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: {
      'token-id': base64(id),
      'token-secret': base64(secret),
      'usage-bootstrap-authentication': base64('true'),
      'usage-bootstrap-signing': base64('true'),
      description: base64('Lets nodes of this machine join.'),
    },
  }
}

/** The public facts of the cluster, signed with the token (kubernetes.io, "Authenticating with Bootstrap Tokens: ConfigMap signing"). */
function clusterInfo({ ca, server }: BootstrapOptions, id: string, secret: string): Facts {
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: '', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    contexts: [],
    users: [],
    'current-context': '',
  })
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: id })).toString('base64url')
  const payload = Buffer.from(kubeconfig).toString('base64url')
  const signature = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cluster-info', namespace: 'kube-public' },
    data: { kubeconfig, [`jws-kubeconfig-${id}`]: `${header}..${signature}` },
  }
}
