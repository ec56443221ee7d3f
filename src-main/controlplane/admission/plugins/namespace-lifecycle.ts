import { forbidden, notFound, StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectWatcher } from '../admission.ts'
import { keep } from '../keep.ts'
import { refusalName } from '../refusal-name.ts'

/** Namespaces that the cluster cannot be without. */
const immortal = new Set(['default', 'kube-system', 'kube-public'])

/**
 * Nothing is created in a namespace that is missing or ends, and the immortal ones do not end
 * (kubernetes.io, "Admission Controllers Reference: NamespaceLifecycle").
 */
export function namespaceLifecycle(read: ObjectWatcher): AdmissionPlugin {
  const namespaces = keep(
    read,
    { group: '', resource: 'namespaces' },
    new Map<string, KubeObject>(),
    (byName, object, old) => {
      if (object) byName.set(object.metadata.name, object)
      else byName.delete(old!.metadata.name)
    },
  )
  return {
    name: 'NamespaceLifecycle',
    handles: ({ operation, descriptor, namespace }) =>
      operation === 'DELETE'
        ? descriptor.kind === 'Namespace' && descriptor.group === ''
        : operation === 'CREATE' && namespace !== '',
    admit(attributes) {
      const { operation, descriptor, name } = attributes
      if (operation === 'DELETE') {
        const resource = { group: descriptor.group, resource: descriptor.plural }
        if (immortal.has(name)) throw forbidden(resource, name, 'this namespace may not be deleted')
        return
      }
      if (descriptor.kind === 'Namespace') return
      const found = namespaces.get()
      return found instanceof Promise
        ? found.then((byName) => checkPlace(attributes, byName))
        : checkPlace(attributes, found)
    },
  }
}

/** Throws where there is no such namespace, or it is going. */
function checkPlace(attributes: AdmissionAttributes, namespaces: ReadonlyMap<string, KubeObject>): void {
  const { descriptor, namespace } = attributes
  const found = namespaces.get(namespace)
  if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace)
  if (!found.metadata.deletionTimestamp) return
  const words = `unable to create new content in namespace ${namespace} because it is being terminated`
  const resource = { group: descriptor.group, resource: descriptor.plural }
  const refusal = forbidden(resource, refusalName(attributes), words)
  const causes = [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ]
  throw new StatusError(refusal.code, refusal.reason, refusal.message, { ...refusal.details, causes })
}
