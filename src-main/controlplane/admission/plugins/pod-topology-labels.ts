import type { Pod } from '#types/core/v1'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectWatcher } from '../admission.ts'
import { keep } from '../keep.ts'

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

type Labels = Readonly<Record<string, string>>

/**
 * Gives a pod the zone and region of the node it is put on, by its binding or when it is created there, so that its containers can be told of
 * them (kubernetes.io, "Admission Controllers Reference: PodTopologyLabels"; KEP-4742).
 */
export function podTopologyLabels(read: ObjectWatcher): AdmissionPlugin {
  const nodes = keep(read, { group: '', resource: 'nodes' }, new Map<string, Labels>(), (byName, object, old) => {
    const labels = object && copiedFrom(object)
    if (labels) byName.set(object.metadata.name, labels)
    else byName.delete((object ?? old!).metadata.name)
  })
  const give = (byName: ReadonlyMap<string, Labels>, object: KubeObject, node: string): void => {
    const labels = byName.get(node)
    if (labels) object.metadata = { ...object.metadata, labels: { ...object.metadata.labels, ...labels } }
  }
  return {
    name: 'PodTopologyLabels',
    resources: ['pods'],
    handles: (attributes) => attributes.operation === 'CREATE' && nodeOf(attributes) !== undefined,
    admit(attributes) {
      const known = nodes.get()
      const object = attributes.object!
      const node = nodeOf(attributes)!
      if (known instanceof Promise) return known.then((byName) => give(byName, object, node))
      give(known, object, node)
    },
  }
}

/** What a node has of the labels that are copied; undefined when it is none. */
function copiedFrom({ metadata }: KubeObject): Labels | undefined {
  const found = copied.filter((name) => metadata.labels?.[name] !== undefined)
  return found.length > 0 ? Object.fromEntries(found.map((name) => [name, metadata.labels![name]!])) : undefined
}

/** The node that a request puts a pod on. */
function nodeOf({ subresource, object }: AdmissionAttributes): string | undefined {
  if (subresource === '') return (object as Pod).spec.nodeName || undefined
  const target =
    subresource === 'binding' ? (object!['target'] as { kind?: string; name?: string } | undefined) : undefined
  return target?.kind === 'Node' ? target.name : undefined
}
