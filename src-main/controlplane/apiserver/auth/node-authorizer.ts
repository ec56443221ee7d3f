import type { ObjectReader, UserInfo } from '../../admission/admission.ts'
import type { AccessAttributes, Authorizer, Decision } from './auth.ts'
import type { NodeGraph } from './node-graph.ts'

const noOpinion: Decision = { allowed: false }
const allowed: Decision = { allowed: true }
const PREFIX = 'system:node:'
const readVerbs = new Set(['get', 'list', 'watch'])
const ownVerbs = new Set(['get', 'create', 'update', 'patch', 'delete'])
const write = ['create', 'update', 'patch']

/** What any node may do, by `resource[/subresource].group`: what kubelet, kube-proxy, flannel and DNS of one certificate need. */
const rules: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    'services.': readVerbs,
    'endpoints.': readVerbs,
    'namespaces.': readVerbs,
    'nodes.': new Set([...readVerbs, ...write]),
    'nodes/status.': new Set(['update', 'patch']),
    'pods.': new Set(['create', 'delete']),
    'pods/status.': new Set(['update', 'patch']),
    'pods/eviction.': new Set(['create']),
    'events.': new Set(write),
    'events.events.k8s.io': new Set(write),
    'endpointslices.discovery.k8s.io': readVerbs,
    'csidrivers.storage.k8s.io': readVerbs,
    'storageclasses.storage.k8s.io': readVerbs,
    'runtimeclasses.node.k8s.io': readVerbs,
    'networkpolicies.networking.k8s.io': readVerbs,
    'certificatesigningrequests.certificates.k8s.io': new Set(['create', ...readVerbs]),
    'clustertrustbundles.certificates.k8s.io': readVerbs,
    'tokenreviews.authentication.k8s.io': new Set(['create']),
    'subjectaccessreviews.authorization.k8s.io': new Set(['create']),
    'localsubjectaccessreviews.authorization.k8s.io': new Set(['create']),
  }),
)

/** Whether a user is the agent of a node (kubernetes.io, "Using Node Authorization"). */
export const isNode = ({ name, groups }: UserInfo): boolean =>
  name.startsWith(PREFIX) && groups.includes('system:nodes')

/**
 * What the agent of a node may do (kubernetes.io, "Using Node Authorization"): read what the pods bound to it lead to and nothing
 * of others, write what is its own. NodeRestriction (admission) judges what it writes. It never denies: RBAC may still allow.
 */
export function nodeAuthorizer(graph: NodeGraph, read: ObjectReader): Authorizer {
  return (attributes) => {
    const { user, resource, group, subresource } = attributes
    if (!isNode(user)) return noOpinion
    const node = user.name.slice(PREFIX.length)
    if (resource === '') return noOpinion
    const judge = judges.get(`${resource}.${group}`)
    const judged = judge?.(attributes, node, graph, read)
    if (judged) return judged
    const what = subresource === '' ? resource : `${resource}/${subresource}`
    const verbs = rules.get(`${what}.${group}`)
    if (!verbs?.has(attributes.verb)) return noOpinion
    const ofOthers = resource === 'nodes' && attributes.verb !== 'create' && !readVerbs.has(attributes.verb)
    if (ofOthers && attributes.name !== node) return no(`node '${node}' can only change its own Node object`)
    return allowed
  }
}

type Judge = (
  attributes: AccessAttributes,
  node: string,
  graph: NodeGraph,
  read: ObjectReader,
) => Decision | Promise<Decision> | undefined

async function related(graph: NodeGraph, node: string, { resource, namespace, name }: AccessAttributes) {
  if (await graph.leadsTo(node, resource, namespace, name)) return allowed
  return no(`no relationship found between node '${node}' and this object`)
}

/** Secrets and config maps: one by name, read or watched. */
const readOne: Judge = (attributes, node, graph) => {
  const { verb, subresource, namespace, name } = attributes
  if (!readVerbs.has(verb)) return no('can only read resources of this type')
  if (subresource !== '') return no('cannot read subresource')
  if (namespace === '') return no('can only read namespaced object of this type')
  if (name === '') return no('No Object name found')
  return related(graph, node, attributes)
}

const getOne: Judge = (attributes, node, graph) => {
  if (attributes.verb !== 'get' || attributes.name === '') return no('can only get individual resources of this type')
  if (attributes.subresource !== '') return no('cannot get subresource')
  return related(graph, node, attributes)
}

const claims: Judge = (attributes, node, graph, read) => {
  if (attributes.subresource !== 'status') return getOne(attributes, node, graph, read)
  if (!['get', 'update', 'patch'].includes(attributes.verb)) return no('can only get/update/patch this type')
  return related(graph, node, attributes)
}

/** Tokens only for accounts that a pod of the node runs as; NodeRestriction asks for the pod. */
const accounts: Judge = (attributes, node, graph, read) => {
  if (attributes.subresource === '') return getOne(attributes, node, graph, read)
  if (attributes.subresource !== 'token') return no('cannot read subresource')
  if (attributes.verb !== 'create' || attributes.name === '')
    return no('can only create tokens for individual service accounts')
  return related(graph, node, attributes)
}

const attachments: Judge = async (attributes, node, _graph, read) => {
  if (attributes.verb !== 'get' || attributes.name === '') return no('can only get individual resources of this type')
  if (attributes.subresource !== '') return no('cannot get subresource')
  const found = await read.get('storage.k8s.io', 'volumeattachments', '', attributes.name)
  if ((found?.['spec'] as { nodeName?: string } | undefined)?.nodeName === node) return allowed
  return no(`no relationship found between node '${node}' and this object`)
}

const leases: Judge = ({ verb, subresource, namespace, name }, node) => {
  if (!ownVerbs.has(verb)) return no('can only get, create, update, patch, or delete a node lease')
  if (subresource !== '') return no('cannot access subresources of a node lease')
  if (namespace !== 'kube-node-lease') return no('can only access leases in the "kube-node-lease" system namespace')
  if (verb !== 'create' && name !== node)
    return no('can only access node lease with the same name as the requesting node')
  return allowed
}

const csiNodes: Judge = ({ verb, subresource, name }, node) => {
  if (!ownVerbs.has(verb)) return no('can only get, create, update, patch, or delete a CSINode')
  if (subresource !== '') return no('cannot authorize CSINode subresources')
  if (verb !== 'create' && name !== node) return no('can only access CSINode with the same name as the requesting node')
  return allowed
}

/** NodeRestriction asks for whom; of others' it reads none. */
const podCertificates: Judge = async ({ verb, subresource, namespace, name, fieldSelector }, node, _graph, read) => {
  if (subresource !== '') return no('cannot access subresources of a PodCertificateRequest')
  if (verb === 'create') return allowed
  if (!readVerbs.has(verb)) return no('can only create, get, list, or watch PodCertificateRequests')
  if (verb !== 'get')
    return boundTo(fieldSelector, node)
      ? allowed
      : no('can only list/watch podcertificaterequests with spec.nodeName field selector set to itself')
  const found = await read.get('certificates.k8s.io', 'podcertificaterequests', namespace, name)
  if ((found?.['spec'] as { nodeName?: string } | undefined)?.nodeName === node) return allowed
  return no(`no relationship found between node '${node}' and this object`)
}

/** Claims of devices by name, as pods of the node use them. */
const deviceClaims: Judge = (attributes, node, graph) => {
  if (attributes.verb !== 'get' || attributes.name === '') return no('can only get individual resources of this type')
  if (attributes.subresource !== '') return no('cannot get subresource')
  return related(graph, node, attributes)
}

const sliceVerbs = ['get', 'create', 'update', 'patch', 'delete', 'watch', 'list', 'deletecollection']

/** Of devices of its own alone (KEP-4381); what is made and what goes NodeRestriction judges too. */
const slices: Judge = async ({ verb, subresource, name, fieldSelector }, node, _graph, read) => {
  if (subresource !== '') return no('cannot authorize ResourceSlice subresources')
  if (!sliceVerbs.includes(verb))
    return no(`only the following verbs are allowed for a ResourceSlice: ${sliceVerbs.join(', ')}`)
  if (verb === 'create') return allowed
  if (['watch', 'list', 'deletecollection'].includes(verb))
    return boundTo(fieldSelector, node)
      ? allowed
      : no('can only list/watch/deletecollection resourceslices with spec.nodeName field selector set to itself')
  const found = await read.get('resource.k8s.io', 'resourceslices', '', name)
  if ((found?.['spec'] as { nodeName?: string } | undefined)?.nodeName === node) return allowed
  return no(`no relationship found between node '${node}' and this object`)
}

const boundTo = (fieldSelector: string | undefined, node: string): boolean =>
  (fieldSelector ?? '').split(',').some((term) => /^spec\.nodeName==?/.test(term) && term.endsWith(`=${node}`))

/** Pods of other nodes are none of its business: one by name, or all that are bound to it. */
const pods: Judge = (attributes, node, graph) => {
  const { verb, subresource, fieldSelector } = attributes
  if (!readVerbs.has(verb) || subresource !== '') return undefined
  if (verb === 'get') return related(graph, node, attributes)
  if (fieldSelector === undefined) return allowed
  return boundTo(fieldSelector, node)
    ? allowed
    : no('can only list/watch pods with spec.nodeName field selector set to itself')
}

const no = (reason: string): Decision => ({ allowed: false, reason })

const judges: ReadonlyMap<string, Judge> = new Map([
  ['secrets.', readOne],
  ['configmaps.', readOne],
  ['persistentvolumeclaims.', claims],
  ['persistentvolumes.', getOne],
  ['serviceaccounts.', accounts],
  ['pods.', pods],
  ['volumeattachments.storage.k8s.io', attachments],
  ['leases.coordination.k8s.io', leases],
  ['csinodes.storage.k8s.io', csiNodes],
  ['podcertificaterequests.certificates.k8s.io', podCertificates],
  ['resourceclaims.resource.k8s.io', deviceClaims],
  ['resourceslices.resource.k8s.io', slices],
])
