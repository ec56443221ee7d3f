import type { Node, Pod } from '#types/core/v1'
import type { ResourceSlice } from '#types/resource.k8s.io/v1'
import { forbidden } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectReader } from '../admission.ts'
import { refusalName } from '../refusal-name.ts'
import { nodeMayRequestCertificate } from './node-certificate.ts'
import { nodeMayRequestToken } from './node-token.ts'
import { changedLabels, forbiddenLabels } from './node-labels.ts'

const PREFIX = 'system:node:'
const MIRROR = 'kubernetes.io/config.mirror'
const quoted = (text: string): string => JSON.stringify(text)

/** A node changes only what is its own and of the pods bound to it (kubernetes.io, "Admission Controllers Reference: NodeRestriction"). */
export function nodeRestriction(read: ObjectReader): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    resources: [
      'nodes',
      'pods',
      'serviceaccounts',
      'persistentvolumeclaims',
      'leases.coordination.k8s.io',
      'csinodes.storage.k8s.io',
      'podcertificaterequests.certificates.k8s.io',
      'resourceslices.resource.k8s.io',
    ],
    handles: ({ user, operation }) =>
      operation !== 'CONNECT' && user.name.startsWith(PREFIX) && user.groups.includes('system:nodes'),
    async validate(attributes) {
      const node = attributes.user.name.slice(PREFIX.length)
      switch (attributes.descriptor.kind) {
        case 'Node':
          return ownNode(attributes, node)
        case 'Pod':
          return ownPods(read, attributes, node)
        case 'ServiceAccount':
          return nodeMayRequestToken(read, attributes, node)
        case 'PersistentVolumeClaim':
          return claimStatus(attributes, node)
        case 'PodCertificateRequest':
          return nodeMayRequestCertificate(read, attributes, node)
        case 'Lease':
          return ownLease(attributes, node)
        case 'ResourceSlice':
          return ownSlice(attributes, node)
        default:
          if (attributes.name !== node)
            refuse(attributes, 'can only access CSINode with the same name as the requesting node')
      }
    },
  }
}

function refuse(attributes: AdmissionAttributes, words: string): never {
  const { group, plural } = attributes.descriptor
  throw forbidden({ group, resource: plural }, refusalName(attributes), words)
}

function ownLease(attributes: AdmissionAttributes, node: string): void {
  if (attributes.namespace !== 'kube-node-lease')
    refuse(attributes, 'can only access leases in the "kube-node-lease" system namespace')
  if (attributes.name !== node)
    refuse(attributes, 'can only access node lease with the same name as the requesting node')
}

/** What it changes of slices the authorizer has judged by then; of those that go together it knows none. */
function ownSlice(attributes: AdmissionAttributes, node: string): void {
  const { operation, object, oldObject } = attributes
  if (operation === 'UPDATE') return
  const slice = (operation === 'DELETE' ? oldObject : object) as ResourceSlice | undefined
  if (!slice || slice.spec?.nodeName === node) return
  refuse(attributes, `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`)
}

function claimStatus(attributes: AdmissionAttributes, node: string): void {
  const { operation, subresource } = attributes
  if (operation !== 'UPDATE') refuse(attributes, `unexpected operation ${quoted(operation)}`)
  if (subresource !== 'status')
    refuse(attributes, `node ${quoted(node)} is not allowed to update fields other than status`)
}

const same = (one: readonly object[] = [], other: readonly object[] = []): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

function ownNode(attributes: AdmissionAttributes, node: string): void {
  const { operation, name, subresource } = attributes
  if (name !== node) refuse(attributes, `node ${quoted(node)} is not allowed to modify node ${quoted(name)}`)
  if (operation === 'DELETE') refuse(attributes, `node ${quoted(node)} is not allowed to delete nodes`)
  const now = attributes.object as Node
  const before = attributes.oldObject as Node | undefined
  if (operation === 'UPDATE' && subresource === '' && !same(now.spec.taints, before?.spec.taints))
    refuse(attributes, `node ${quoted(node)} is not allowed to modify taints`)
  // An owner of the node could have the garbage collector remove it.
  if (operation === 'UPDATE' && !same(now.metadata.ownerReferences, before?.metadata.ownerReferences))
    refuse(attributes, `node ${quoted(node)} is not allowed to modify ownerReferences`)
  const labels = forbiddenLabels(now.metadata.labels ?? {}, before?.metadata.labels ?? {})
  if (labels.length === 0) return
  const words = operation === 'CREATE' ? 'set the following labels' : 'modify labels'
  refuse(attributes, `node ${quoted(node)} is not allowed to ${words}: ${labels.join(', ')}`)
}

async function ownPods(read: ObjectReader, attributes: AdmissionAttributes, node: string): Promise<void> {
  const { operation, subresource, namespace, name } = attributes
  const what = `${operation} ${subresource}`
  if (what === 'CREATE ') return mirrorPod(attributes, node)
  const may = verbs[what]
  if (!may) refuse(attributes, `unexpected operation ${quoted(operation)}`)
  const pod = (attributes.oldObject ?? (await read.get('', 'pods', namespace, name))) as Pod | undefined
  // One that is already gone is told of as such by the verb itself.
  if (pod && pod.spec.nodeName !== node)
    refuse(attributes, `node ${quoted(node)} can only ${may} with spec.nodeName set to itself`)
  const labels = attributes.object?.metadata.labels
  if (operation === 'UPDATE' && pod && changedLabels(labels ?? {}, pod.metadata.labels ?? {}).length > 0)
    refuse(attributes, `node ${quoted(node)} cannot update labels through pod status`)
}

const verbs: Record<string, string> = {
  'DELETE ': 'delete pods',
  'UPDATE status': 'update pod status for pods',
  'CREATE eviction': 'evict pods',
}

/** A mirror pod that named a secret would open that secret to the node. */
function mirrorPod(attributes: AdmissionAttributes, node: string): void {
  const pod = attributes.object as Pod
  const { spec } = pod
  if (pod.metadata.annotations?.[MIRROR] === undefined)
    refuse(
      attributes,
      `pod does not have ${quoted(MIRROR)} annotation, node ${quoted(node)} can only create mirror pods`,
    )
  if (spec.nodeName !== node)
    refuse(attributes, `node ${quoted(node)} can only create pods with spec.nodeName set to itself`)
  const named = namedByMirror(pod)
  if (named) refuse(attributes, `node ${quoted(node)} can not create pods that reference ${named}`)
}

function namedByMirror({ spec }: Pod): string | undefined {
  if (spec.serviceAccountName) return 'a service account'
  const volumes = spec.volumes ?? []
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]
  const sources = volumes.flatMap((volume) => volume.projected?.sources ?? [])
  const env = containers.flatMap((container) => container.env ?? [])
  const from = containers.flatMap((container) => container.envFrom ?? [])
  if (
    spec.imagePullSecrets?.length ||
    volumes.some((volume) => volume.secret) ||
    sources.some((source) => source.secret) ||
    env.some((variable) => variable.valueFrom?.secretKeyRef) ||
    from.some((source) => source.secretRef)
  )
    return 'secrets'
  if (
    volumes.some((volume) => volume.configMap) ||
    sources.some((source) => source.configMap) ||
    env.some((variable) => variable.valueFrom?.configMapKeyRef) ||
    from.some((source) => source.configMapRef)
  )
    return 'configmaps'
  if (volumes.some((volume) => volume.persistentVolumeClaim || volume.ephemeral)) return 'persistentvolumeclaims'
  if (sources.some((source) => source.clusterTrustBundle)) return 'clustertrustbundles'
  if (sources.some((source) => source.podCertificate)) return 'podcertificates'
  return sources.some((source) => source.serviceAccountToken) ? 'a service account' : undefined
}
