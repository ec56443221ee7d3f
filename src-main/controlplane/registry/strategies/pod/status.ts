import type { Pod } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { parseIp } from '../../../../../src-kube/machinery/ip-address.ts'
import { isDns1123Subdomain, isQualifiedName } from '../../../../../src-kube/machinery/names.ts'
import { same } from '../same.ts'
import { validateIp } from '../standard-addresses.ts'

type PodStatus = NonNullable<Pod['status']>

const path = fieldPath('status')
/** Upstream's own path. */
const conditionsPath = fieldPath('metadata', 'conditions')

/** The status whose one address and list of them say the same; where they differ the one does, as programs that know of no list write it alone. */
export function withOneAddress(status: PodStatus): PodStatus {
  const { podIP, podIPs = [] } = status
  const first = podIPs[0]?.ip
  if (podIP === first || (!podIP && !first)) return status
  return podIP ? { ...status, podIPs: [{ ip: podIP }] } : { ...status, podIP: first }
}

/** What a kubelet, or who stands in for one, may say of a pod (reference: `ValidatePodStatusUpdate`): addresses and names that others build upon. */
export function validatePodStatus({ status = {} }: Pod, { status: old = {} }: Pod): FieldError[] {
  const { conditions = [], nominatedNodeName: node, podIPs, hostIPs } = status
  const errors = conditions.flatMap(({ type }, i) =>
    isQualifiedName(type).map((words) => conditionsPath.index(i).child('Type').invalid(type, words)),
  )
  if (node)
    errors.push(...isDns1123Subdomain(node).map((words) => path.child('nominatedNodeName').invalid(node, words)))
  if (podIPs && !same(podIPs, old.podIPs)) errors.push(...validateAddresses(podIPs, path.child('podIPs')))
  if (hostIPs && !same(hostIPs, old.hostIPs)) errors.push(...validateAddresses(hostIPs, path.child('hostIPs')))
  return errors
}

/** One address of each family, at most. */
function validateAddresses(addresses: ReadonlyArray<{ ip?: string | undefined }>, at: FieldPath): FieldError[] {
  const ips = addresses.map(({ ip = '' }) => ip)
  const errors = ips.flatMap((ip, i) => validateIp(ip, at.index(i)))
  if (errors.length > 0) return errors
  if (new Set(ips.map((ip) => parseIp(ip)?.family)).size < ips.length)
    errors.push(at.invalid(addresses, 'may specify no more than one IP for each IP family'))
  for (const [i, ip] of ips.entries()) if (ips.indexOf(ip) < i) errors.push(at.index(i).duplicate(addresses[i]))
  return errors
}
