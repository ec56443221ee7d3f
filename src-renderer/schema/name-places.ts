/** Which fields name objects, by the end of their path (kubernetes.io, API reference of the kinds). Pure. */
import { viewOfKind } from '../kinds/view-of-kind.ts'
import type { Place } from './place.ts'

/** What may stand in a field: names of objects of a view, keys that an object holds, or images. */
export type Wanted =
  | { of: 'names'; view: string; namespace: string | undefined }
  | { of: 'keys'; view: string; namespace: string; name: string }
  | { of: 'images' }

/** Ends of paths without their list positions; the first that fits counts. */
const ends: ReadonlyArray<readonly [end: string, view: string]> = [
  ['configMapRef.name', 'configmaps'],
  ['configMapKeyRef.name', 'configmaps'],
  ['configMap.name', 'configmaps'],
  ['secretRef.name', 'secrets'],
  ['secretKeyRef.name', 'secrets'],
  ['secret.name', 'secrets'],
  ['secretName', 'secrets'],
  ['imagePullSecrets.name', 'secrets'],
  ['serviceAccountName', 'serviceaccounts'],
  ['nodeName', 'nodes'],
  ['metadata.namespace', 'namespaces'],
  ['subjects.namespace', 'namespaces'],
  ['backend.service.name', 'services'],
  ['defaultBackend.service.name', 'services'],
  ['clientConfig.service.name', 'services'],
  ['spec.serviceName', 'services'],
  ['claimName', 'persistentvolumeclaims'],
  ['storageClassName', 'storageclasses.storage.k8s.io'],
  ['priorityClassName', 'priorityclasses.scheduling.k8s.io'],
  ['ingressClassName', 'ingressclasses.networking.k8s.io'],
  ['runtimeClassName', 'runtimeclasses.node.k8s.io'],
  ['spec.volumeName', 'persistentvolumes'],
]

const clusterWide: ReadonlySet<string> = new Set([
  'nodes',
  'namespaces',
  'persistentvolumes',
  'storageclasses.storage.k8s.io',
  'priorityclasses.scheduling.k8s.io',
  'ingressclasses.networking.k8s.io',
  'runtimeclasses.node.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
])

/** References that tell their kind in the field beside. */
const kindEnds: readonly string[] = ['scaleTargetRef.name', 'roleRef.name', 'subjects.name']

/** What the field at a place names; undefined when it names nothing. */
export function wantedAt({ kind, path, values, namespace }: Place): Wanted | undefined {
  if (kind !== 'value') return undefined
  const fields = path.filter((step) => typeof step === 'string')
  const joined = `.${fields.join('.')}`
  const endsWith = (end: string): boolean => joined.endsWith(`.${end}`)
  const names = (view: string): Wanted => ({
    of: 'names',
    view,
    namespace: clusterWide.has(view) ? undefined : values['namespace'] || namespace || 'default',
  })
  if (endsWith('image')) return { of: 'images' }
  if (kindEnds.some(endsWith)) {
    const view = viewOfKind[values['kind'] ?? '']
    return view ? names(view) : undefined
  }
  for (const [end, view] of [
    ['configMapKeyRef.key', 'configmaps'],
    ['secretKeyRef.key', 'secrets'],
  ] as const) {
    if (endsWith(end) && values['name']) {
      return { of: 'keys', view, namespace: namespace || 'default', name: values['name'] }
    }
  }
  const found = ends.find(([end]) => endsWith(end))
  return found && names(found[1])
}
