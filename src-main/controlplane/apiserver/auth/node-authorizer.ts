import type { Pod } from '#types/core/v1'
import type { ObjectReader } from '../../admission/admission.ts'
import type { AccessAttributes, Authorizer, Decision } from './auth.ts'

const NO_OPINION: Decision = { allowed: false }
const ALLOWED: Decision = { allowed: true }
const READ = new Set(['get', 'list', 'watch'])

/** Resources a node reads whole, with any of the reading verbs. */
const OPEN = new Set([
  'services',
  'endpoints',
  'namespaces',
  'nodes',
  'pods',
  'endpointslices',
  'csidrivers',
  'runtimeclasses',
  'storageclasses',
])

/**
 * What the agent of a node may do (kubernetes.io, "Using Node Authorization"): read what the pods bound to it refer to and nothing of
 * others, write what is its own. NodeRestriction (admission) judges what it writes.
 */
export function nodeAuthorizer(read: ObjectReader): Authorizer {
  return async (attributes) => {
    const { user } = attributes
    if (!user.groups.includes('system:nodes') || !user.name.startsWith('system:node:')) return NO_OPINION
    const node = user.name.slice('system:node:'.length)
    if (OPEN.has(attributes.resource) && attributes.subresource === '' && READ.has(attributes.verb)) return ALLOWED
    if (await mayReadReferenced(read, node, attributes)) return ALLOWED
    return mayWrite(node, attributes) ? ALLOWED : NO_OPINION
  }
}

/** Single objects that a pod of this node names; a list or watch only of one name (as kubelets watch config maps). */
async function mayReadReferenced(read: ObjectReader, node: string, attributes: AccessAttributes): Promise<boolean> {
  const { resource, subresource, verb, namespace, name } = attributes
  if (name === '') return false
  if (resource === 'serviceaccounts') {
    if (verb !== 'get' && !(verb === 'create' && subresource === 'token')) return false
    return (await podsOf(read, node, namespace)).some((pod) => (pod.spec.serviceAccountName ?? 'default') === name)
  }
  if (subresource !== '' || !READ.has(verb)) return false
  if (resource === 'persistentvolumes') return mountsVolume(read, node, name)
  const names = referencesOf[resource]
  if (!names) return false
  return (await podsOf(read, node, namespace)).some((pod) => names(pod).has(name))
}

async function podsOf(read: ObjectReader, node: string, namespace?: string): Promise<Pod[]> {
  const pods = (await read.list('', 'pods', namespace || undefined)) as unknown as Pod[]
  return pods.filter((pod) => pod.spec.nodeName === node)
}

async function mountsVolume(read: ObjectReader, node: string, volume: string): Promise<boolean> {
  for (const pod of await podsOf(read, node)) {
    for (const claim of referencesOf['persistentvolumeclaims']!(pod)) {
      const found = await read.get('', 'persistentvolumeclaims', pod.metadata.namespace ?? '', claim)
      if ((found?.['spec'] as { volumeName?: string } | undefined)?.volumeName === volume) return true
    }
  }
  return false
}

const referencesOf: Record<string, (pod: Pod) => Set<string>> = {
  secrets: (pod) =>
    names(
      pod,
      ['secret', 'secretName'],
      'secretKeyRef',
      'secretRef',
      pod.spec.imagePullSecrets?.map((s) => s.name),
    ),
  configmaps: (pod) => names(pod, ['configMap', 'name'], 'configMapKeyRef', 'configMapRef', []),
  persistentvolumeclaims: (pod) =>
    new Set((pod.spec.volumes ?? []).flatMap((v) => v.persistentVolumeClaim?.claimName ?? [])),
}

function names(
  pod: Pod,
  volume: ['secret', 'secretName'] | ['configMap', 'name'],
  keyRef: 'secretKeyRef' | 'configMapKeyRef',
  envFrom: 'secretRef' | 'configMapRef',
  more: Array<string | undefined> | undefined,
): Set<string> {
  const [kind, field] = volume
  const found: Array<string | undefined> = [...(more ?? [])]
  for (const v of pod.spec.volumes ?? []) {
    found.push((v[kind] as Record<string, string> | undefined)?.[field])
    for (const source of v.projected?.sources ?? []) found.push(source[kind]?.name)
  }
  const containers = [
    ...pod.spec.containers,
    ...(pod.spec.initContainers ?? []),
    ...(pod.spec.ephemeralContainers ?? []),
  ]
  for (const container of containers) {
    for (const variable of container.env ?? []) found.push(variable.valueFrom?.[keyRef]?.name)
    for (const source of container.envFrom ?? []) found.push(source[envFrom]?.name)
  }
  return new Set(found.filter((name) => name !== undefined && name !== '') as string[])
}

function mayWrite(node: string, { resource, subresource, verb, name, namespace, group }: AccessAttributes): boolean {
  switch (resource) {
    case 'nodes':
      return (
        verb === 'create' ||
        ((verb === 'update' || verb === 'patch') && name === node && ['', 'status'].includes(subresource))
      )
    case 'pods':
      if (subresource === 'status') return verb === 'update' || verb === 'patch'
      if (subresource === 'eviction') return verb === 'create'
      return subresource === '' && (verb === 'create' || verb === 'delete')
    case 'events':
      return verb === 'create' || verb === 'patch' || verb === 'update'
    case 'leases':
      return (
        namespace === 'kube-node-lease' &&
        (verb === 'create' || name === node) &&
        ['create', 'get', 'update', 'patch', 'delete'].includes(verb)
      )
    case 'csinodes':
      return name === node || verb === 'create'
    case 'certificatesigningrequests':
      return subresource === '' && ['create', 'get', 'list', 'watch'].includes(verb)
    case 'tokenreviews':
      return group === 'authentication.k8s.io' && verb === 'create'
    case 'subjectaccessreviews':
      return group === 'authorization.k8s.io' && verb === 'create'
    default:
      return false
  }
}
