import type { TokenRequest } from '#types/authentication.k8s.io/v1'
import type { Pod } from '#types/core/v1'
import type { CSIDriver } from '#types/storage.k8s.io/v1'
import { forbidden, notFound } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionAttributes, ObjectReader } from '../admission.ts'
import { refusalName } from '../refusal-name.ts'

/**
 * A node asks only for tokens that die with a pod bound to it, and for audiences that this pod names
 * (kubernetes.io, NodeRestriction; KEP-4412's audience restriction).
 */
export async function nodeMayRequestToken(
  read: ObjectReader,
  attributes: AdmissionAttributes,
  node: string,
): Promise<void> {
  const { operation, subresource, namespace, object } = attributes
  const refuse = (words: string): never => {
    throw forbidden({ group: '', resource: 'serviceaccounts' }, refusalName(attributes), words)
  }
  if (operation !== 'CREATE' || subresource !== 'token') return
  const { boundObjectRef: ref, audiences = [] } = (object as TokenRequest).spec ?? {}
  if (ref?.kind !== 'Pod' || (ref.apiVersion ?? 'v1') !== 'v1' || !ref.name)
    return refuse('node requested token not bound to a pod')
  if (!ref.uid) return refuse('node requested token with a pod binding without a uid')
  const pod = (await read.get('', 'pods', namespace, ref.name)) as Pod | undefined
  if (!pod) throw notFound({ group: '', resource: 'pods' }, ref.name)
  if (ref.uid !== pod.metadata.uid)
    return refuse(
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  if (pod.spec.nodeName !== node) return refuse('node requested token bound to a pod scheduled on a different node')
  if (audiences.length > 1) return refuse('node may only request 0 or 1 audiences')
  const audience = audiences[0] ?? ''
  if (!(await names(read, pod, audience)))
    refuse(
      `audience ${JSON.stringify(audience)} not found in pod spec volume, node ${JSON.stringify(node)} may not request it`,
    )
}

async function names(read: ObjectReader, { spec }: Pod, audience: string): Promise<boolean> {
  for (const volume of spec.volumes ?? []) {
    for (const { serviceAccountToken } of volume.projected?.sources ?? [])
      if (serviceAccountToken && (serviceAccountToken.audience ?? '') === audience) return true
    if (!volume.csi) continue
    const driver = (await read.get('storage.k8s.io', 'csidrivers', '', volume.csi.driver)) as CSIDriver
    if (driver?.spec.tokenRequests?.some((request) => request.audience === audience)) return true
  }
  return false
}
