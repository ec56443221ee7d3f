import { isIP } from 'node:net'
import type { LoadBalancerIngress, Service } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'
import { same } from '../same.ts'
import { validateIp } from '../standard-addresses.ts'

const path = fieldPath('status', 'loadBalancer', 'ingress')
const modes = ['Proxy', 'VIP']

const ingressOf = ({ status }: Service): LoadBalancerIngress[] => status?.loadBalancer?.ingress ?? []

/** Reference: `ValidateLoadBalancerStatus`. Addresses of balancers are for balancers; what stood there before is left alone. */
export function validateServiceStatus(service: Service, old: Service): FieldError[] {
  const ingress = ingressOf(service)
  if (ingress.length === 0 || same(ingress, ingressOf(old))) return []
  if (service.spec.type !== 'LoadBalancer')
    return [path.forbidden('may only be used when `spec.type` is "LoadBalancer"')]
  return ingress.flatMap((one, i) => validateIngress(one, path.index(i)))
}

function validateIngress({ ip, ipMode, hostname }: LoadBalancerIngress, at: FieldPath): FieldError[] {
  const errors = validateBalancerAddress({ ip, hostname }, at)
  if (!ip && ipMode) errors.push(at.child('ipMode').forbidden('may not be specified when `ip` is not set'))
  else if (ip && ipMode && !modes.includes(ipMode)) errors.push(at.child('ipMode').notSupported(ipMode, modes))
  return errors
}

/** Where a balancer of a Service or an Ingress is reached: an address, a name, or both (reference: `ValidateLoadBalancerStatus`). */
export function validateBalancerAddress(
  { ip, hostname }: Pick<LoadBalancerIngress, 'ip' | 'hostname'>,
  at: FieldPath,
): FieldError[] {
  const errors = ip ? validateIp(ip, at.child('ip')) : []
  if (hostname && isIP(hostname))
    errors.push(at.child('hostname').invalid(hostname, 'must be a DNS name, not an IP address'))
  else if (hostname)
    errors.push(...isDns1123Subdomain(hostname).map((words) => at.child('hostname').invalid(hostname, words)))
  return errors
}

/** A service that is no balancer (any more) has no addresses of one. */
export function dropBalancerStatus(service: Service): void {
  if (service.spec.type === 'LoadBalancer' || ingressOf(service).length === 0) return
  service.status = { ...service.status, loadBalancer: {} }
}

/** An address of a balancer is answered by nodes unless somebody says otherwise (KEP-1860); of a status alone no default says so. */
export function sayModes(service: Service): void {
  const ingress = ingressOf(service)
  if (ingress.every(({ ip, ipMode }) => !ip || ipMode !== undefined)) return
  const said = ingress.map((one) => (one.ip ? { ipMode: 'VIP', ...one } : one))
  service.status = { ...service.status, loadBalancer: { ...service.status?.loadBalancer, ingress: said } }
}
