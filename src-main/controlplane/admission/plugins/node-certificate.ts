import type { PodCertificateRequest } from '#types/certificates.k8s.io/v1beta1'
import type { Pod } from '#types/core/v1'
import { conflict, forbidden } from '../../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { AdmissionAttributes, ObjectReader } from '../admission.ts'
import { refusalName } from '../refusal-name.ts'

const MIRROR = 'kubernetes.io/config.mirror'
const certificateRequests = { group: 'certificates.k8s.io', resource: 'podcertificaterequests' }
const quoted = (text: string | undefined): string => JSON.stringify(text ?? '')

/**
 * A node asks only for certificates of pods that run on it, as who they are (KEP-4317; kubernetes.io, "Pod certificate requests").
 * What may only be late news is a conflict: the kubelet tries again.
 */
export async function nodeMayRequestCertificate(
  read: ObjectReader,
  attributes: AdmissionAttributes,
  node: string,
): Promise<void> {
  const { operation, subresource, namespace, object } = attributes
  const name = refusalName(attributes)
  const refuse = (words: string): never => {
    throw forbidden(certificateRequests, name, words)
  }
  if (operation !== 'CREATE') return refuse(`unexpected operation ${operation}`)
  if (subresource !== '') return refuse(`unexpected subresource ${subresource}`)
  const { spec } = object as PodCertificateRequest
  if (spec.nodeName !== node)
    return refuse(
      `PodCertificateRequest.Spec.NodeName=${quoted(spec.nodeName)}, which is not the requesting node ${quoted(node)}`,
    )
  const who = `PodCertificateRequest for pod ${quoted(`${namespace}/${spec.podName}`)}`
  const known = async (resource: string, inside: string, called: string, uid: string): Promise<KubeObject> => {
    const found = await read.get('', resource, inside, called)
    if (found?.metadata.uid === uid) return found
    throw conflict(
      certificateRequests,
      name,
      `${who} names ${resource} ${quoted(called)} with UID ${quoted(uid)}, which differs from ${quoted(found?.metadata.uid)}`,
    )
  }
  await known('nodes', '', node, spec.nodeUID)
  const pod = (await known('pods', namespace, spec.podName, spec.podUID)) as Pod
  const running = `pod ${quoted(`${namespace}/${spec.podName}`)}`
  if (pod.spec.nodeName !== node)
    return refuse(`${running} is not running on node ${quoted(node)} named in the PodCertificateRequest`)
  if (pod.metadata.annotations?.[MIRROR] !== undefined) return refuse(`${running} is a mirror pod`)
  if (pod.spec.serviceAccountName !== spec.serviceAccountName)
    return refuse(
      `${who} contains serviceAccountName (${quoted(spec.serviceAccountName)}) that differs from running pod (${quoted(pod.spec.serviceAccountName)})`,
    )
  await known('serviceaccounts', namespace, spec.serviceAccountName, spec.serviceAccountUID)
}
