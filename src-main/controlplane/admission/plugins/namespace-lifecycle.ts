import { forbidden, notFound, StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionPlugin, ObjectReader } from '../admission.ts'
import { refusalName } from '../refusal-name.ts'

/** Namespaces that the cluster cannot be without. */
const immortal = new Set(['default', 'kube-system', 'kube-public'])

/**
 * Nothing is created in a namespace that is missing or ends, and the immortal ones do not end
 * (kubernetes.io, "Admission Controllers Reference: NamespaceLifecycle").
 */
export function namespaceLifecycle(read: ObjectReader): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    handles: ({ operation, descriptor, namespace }) =>
      operation === 'DELETE'
        ? descriptor.kind === 'Namespace' && descriptor.group === ''
        : operation === 'CREATE' && namespace !== '',
    async admit(attributes) {
      const { operation, descriptor, namespace, name } = attributes
      const resource = { group: descriptor.group, resource: descriptor.plural }
      if (operation === 'DELETE') {
        if (immortal.has(name)) throw forbidden(resource, name, 'this namespace may not be deleted')
        return
      }
      if (descriptor.kind === 'Namespace') return
      const found = await read.get('', 'namespaces', '', namespace)
      if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace)
      if (!found.metadata.deletionTimestamp) return
      const words = `unable to create new content in namespace ${namespace} because it is being terminated`
      const refusal = forbidden(resource, refusalName(attributes), words)
      const causes = [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ]
      throw new StatusError(refusal.code, refusal.reason, refusal.message, { ...refusal.details, causes })
    },
  }
}
