import type { Node, Pod } from '#types/core/v1'
import { forbidden } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectReader } from '../admission.ts'

const PREFIX = 'system:node:'
/** Labels below this prefix are for administrators to isolate nodes with. */
const RESTRICTED_LABEL = /(^|\.)node-restriction\.kubernetes\.io\//

/** A node changes only its own Node and the pods bound to it (kubernetes.io, "Admission Controllers Reference: NodeRestriction"). */
export function nodeRestriction(read: ObjectReader): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    handles: ({ user, operation }) =>
      operation !== 'CONNECT' && user.groups.includes('system:nodes') && user.name.startsWith(PREFIX),
    async validate(attributes) {
      const node = attributes.user.name.slice(PREFIX.length)
      const { kind } = attributes.descriptor
      if (kind === 'Node') return ownNode(attributes, node)
      if (kind === 'Pod') return ownPods(read, attributes, node)
      if (kind === 'Lease' && (attributes.namespace !== 'kube-node-lease' || attributes.name !== node)) {
        refuse(attributes, 'can only access node lease with the same name as the requesting node')
      }
    },
  }
}

function refuse({ descriptor, name }: AdmissionAttributes, words: string): never {
  throw forbidden({ group: descriptor.group, resource: descriptor.plural }, name, words)
}

function ownNode(attributes: AdmissionAttributes, node: string): void {
  const { operation, name, object, oldObject } = attributes
  if (name !== node)
    refuse(attributes, `node ${JSON.stringify(node)} is not allowed to modify node ${JSON.stringify(name)}`)
  if (operation === 'DELETE') refuse(attributes, `node ${JSON.stringify(node)} cannot delete itself`)
  const [now, before] = [object as unknown as Node, oldObject as unknown as Node | undefined]
  if (
    operation === 'UPDATE' &&
    attributes.subresource === '' &&
    JSON.stringify(now.spec.taints ?? []) !== JSON.stringify(before?.spec.taints ?? [])
  ) {
    refuse(attributes, `node ${JSON.stringify(node)} is not allowed to modify taints`)
  }
  for (const [key, value] of Object.entries(now.metadata.labels ?? {})) {
    if (RESTRICTED_LABEL.test(key) && before?.metadata.labels?.[key] !== value)
      refuse(attributes, `is not allowed to modify labels: ${key}`)
  }
}

async function ownPods(read: ObjectReader, attributes: AdmissionAttributes, node: string): Promise<void> {
  const { operation, subresource, namespace, name, object } = attributes
  if (operation === 'CREATE' && subresource === '') {
    const pod = object as unknown as Pod
    if (!pod.metadata.annotations?.['kubernetes.io/config.mirror'])
      refuse(
        attributes,
        `pod does not have "kubernetes.io/config.mirror" annotation, node ${JSON.stringify(node)} can only create mirror pods`,
      )
    // A mirror pod that named a secret would open that secret to the node.
    if (pod.spec.nodeName !== node)
      refuse(attributes, `node ${JSON.stringify(node)} can only create pods with spec.nodeName set to itself`)
    if (refersToApi(pod))
      refuse(attributes, `node ${JSON.stringify(node)} can not create pods that reference API objects`)
    return
  }
  const pod = (await read.get('', 'pods', namespace, name)) as unknown as Pod | undefined
  if (pod && pod.spec.nodeName !== node)
    refuse(
      attributes,
      `node ${JSON.stringify(node)} can only ${operation === 'DELETE' ? 'delete' : 'update'} pods with spec.nodeName set to itself`,
    )
}

function refersToApi({ spec }: Pod): boolean {
  const volumes = (spec.volumes ?? []).some((v) => v.secret ?? v.configMap ?? v.projected ?? v.persistentVolumeClaim)
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  const env = containers.some(
    (c) => c.envFrom?.length || c.env?.some((e) => e.valueFrom?.secretKeyRef ?? e.valueFrom?.configMapKeyRef),
  )
  return volumes || env || Boolean(spec.imagePullSecrets?.length) || Boolean(spec.serviceAccountName)
}
