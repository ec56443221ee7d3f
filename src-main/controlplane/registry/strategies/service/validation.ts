import type { Service, ServiceSpec } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain, isQualifiedName } from '../../../../../src-kube/machinery/names.ts'
import { immutable, oneOf } from '../checks.ts'
import { validateLabels } from '../metadata.ts'
import { validateCidr, validateIp } from '../standard-addresses.ts'
import { validateServicePorts } from './ports.ts'

const path = fieldPath('spec')
/** Seconds that affinity lasts at most: a day. */
const MOST_SECONDS = 86_400

/** Reference: `ValidateService` (kubernetes.io, "Service"). Works on a defaulted, normalised service. */
export function validateService({ spec }: Service): FieldError[] {
  const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
  const errors = oneOf(spec.type, types, path.child('type'))
  const headless = spec.clusterIP === 'None'
  if (spec.type === 'ExternalName') errors.push(...validateExternalName(spec))
  else if (!spec.ports?.length && !headless) errors.push(path.child('ports').required())
  if (headless && (spec.type === 'NodePort' || spec.type === 'LoadBalancer'))
    errors.push(path.child('clusterIPs').index(0).invalid('None', `may not be set to 'None' for ${spec.type} services`))
  else if (spec.type !== 'ExternalName') errors.push(...validateClusterIps(spec))
  errors.push(...validateServicePorts(spec, path.child('ports')))
  if (spec.selector) errors.push(...validateLabels(spec.selector, path.child('selector')))
  errors.push(...oneOf(spec.sessionAffinity, ['ClientIP', 'None'], path.child('sessionAffinity')))
  if (spec.sessionAffinityConfig || spec.sessionAffinity === 'ClientIP') errors.push(...validateAffinity(spec))
  if (spec.externalIPs) errors.push(...validateExternalIps(spec.externalIPs))
  return [...errors, ...validatePolicies(spec), ...validateBalancer(spec)]
}

/** What an update may not change: a cluster IP and its family stay while the service has one, a class while it is a balancer. */
export function validateServiceChange({ spec: now }: Service, { spec: before }: Service): FieldError[] {
  const errors: FieldError[] = []
  const both = now.type !== 'ExternalName' && before.type !== 'ExternalName'
  if (both && before.clusterIP && now.clusterIP !== before.clusterIP)
    errors.push(
      path
        .child('clusterIPs')
        .index(0)
        .invalid(now.clusterIPs ?? [], 'may not change once set'),
    )
  // A service whose endpoints are made by hand may get others later.
  const stays = both && !isOfAnyFamily(before) && !isOfAnyFamily(now)
  if (stays && before.ipFamilies?.[0] && now.ipFamilies?.[0] !== before.ipFamilies[0])
    errors.push(
      path
        .child('ipFamilies')
        .index(0)
        .invalid(now.ipFamilies ?? [], 'may not change once set'),
    )
  const health = path.child('healthCheckNodePort')
  if (before.healthCheckNodePort && now.healthCheckNodePort)
    errors.push(...immutable(now.healthCheckNodePort, before.healthCheckNodePort, health))
  const balances = now.type === 'LoadBalancer' && before.type === 'LoadBalancer'
  if (balances && now.loadBalancerClass !== before.loadBalancerClass)
    errors.push(path.child('loadBalancerClass').invalid(now.loadBalancerClass, 'may not change once set'))
  return errors
}

/** Endpoints of a service without selector and address are its owner's, of any family. */
export const isOfAnyFamily = ({ clusterIP, selector }: ServiceSpec): boolean =>
  clusterIP === 'None' && Object.keys(selector ?? {}).length === 0

function validateExternalName(spec: ServiceSpec): FieldError[] {
  const at = path.child('externalName')
  // A closing dot says that the name is complete.
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  const words = 'may not be set for ExternalName services'
  const others = (['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const).filter((field) => spec[field]?.length)
  return [
    ...(name ? isDns1123Subdomain(name).map((w) => at.invalid(name, w)) : [at.required()]),
    ...others.map((field) => path.child(field).forbidden(words)),
  ]
}

function validateClusterIps(spec: ServiceSpec): FieldError[] {
  const { clusterIP, clusterIPs = [] } = spec
  const at = path.child('clusterIPs')
  if (!clusterIP && clusterIPs.length === 0) return []
  if (clusterIPs.length > 0 && clusterIP !== clusterIPs[0])
    return [at.invalid(clusterIPs, 'first value must match `clusterIP`')]
  if (clusterIPs.includes('None') && clusterIPs.length > 1)
    return [at.invalid(clusterIPs, "'None' must be the first and only value")]
  const errors = clusterIPs.flatMap((ip, i) => (ip === 'None' ? [] : validateIp(ip, at.index(i))))
  if (clusterIPs.length > 2) errors.push(at.invalid(clusterIPs, 'may only hold up to 2 values'))
  return errors
}

function validateAffinity(spec: ServiceSpec): FieldError[] {
  const at = path.child('sessionAffinityConfig')
  const config = spec.sessionAffinityConfig
  if (spec.sessionAffinity !== 'ClientIP')
    return config?.clientIP && spec.sessionAffinity === 'None'
      ? [at.forbidden("must not be set when session affinity is 'None'")]
      : []
  const seconds = config?.clientIP?.timeoutSeconds
  if (seconds === undefined) return [at.required('when session affinity type is ClientIP')]
  return seconds > 0 && seconds <= MOST_SECONDS
    ? []
    : [at.child('clientIP', 'timeoutSeconds').invalid(seconds, `must be greater than 0 and less than ${MOST_SECONDS}`)]
}

function validateExternalIps(addresses: readonly string[]): FieldError[] {
  return addresses.flatMap((ip, i) => {
    const at = path.child('externalIPs').index(i)
    const errors = validateIp(ip, at)
    if (errors.length > 0) return errors
    if (ip === '0.0.0.0' || ip === '::') return [at.invalid(ip, 'may not be unspecified (0.0.0.0 or ::)')]
    if (ip.startsWith('127.') || ip === '::1')
      return [at.invalid(ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')]
    if (ip.startsWith('169.254.') || /^fe[89ab]/i.test(ip))
      return [at.invalid(ip, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')]
    return ip.startsWith('224.0.0.') || /^ff02:/i.test(ip)
      ? [at.invalid(ip, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')]
      : []
  })
}

const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
const NOT_HERE = 'not configured on this cluster'
const NO_DUAL_STACK = 'this cluster is not configured for dual-stack services'
const scopes = ['Cluster', 'Local']

function validatePolicies(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = []
  const { externalTrafficPolicy: external, internalTrafficPolicy: internal } = spec
  if (internal && !scopes.includes(internal))
    errors.push(path.child('internalTrafficPolicy').notSupported(internal, scopes))
  const exposed = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || Boolean(spec.externalIPs?.length)
  const at = path.child('externalTrafficPolicy')
  if (external && !exposed) errors.push(at.invalid(external, 'may only be set for externally-accessible services'))
  else if (external && !scopes.includes(external)) errors.push(at.notSupported(external, scopes))
  if (spec.healthCheckNodePort && !(spec.type === 'LoadBalancer' && external === 'Local'))
    errors.push(
      path
        .child('healthCheckNodePort')
        .invalid(
          spec.healthCheckNodePort,
          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
        ),
    )
  const families = ['IPv4', 'IPv6']
  const anyFamily = isOfAnyFamily(spec)
  for (const [i, family] of (spec.ipFamilies ?? []).entries())
    if (spec.ipFamilies!.indexOf(family) < i) errors.push(path.child('ipFamilies').index(i).duplicate(family))
    else if (!families.includes(family)) errors.push(path.child('ipFamilies').index(i).notSupported(family, families))
    else if (family === 'IPv6' && !anyFamily) errors.push(path.child('ipFamilies').index(i).invalid(family, NOT_HERE))
  const stacks = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
  if (spec.ipFamilyPolicy && !stacks.includes(spec.ipFamilyPolicy))
    errors.push(path.child('ipFamilyPolicy').notSupported(spec.ipFamilyPolicy, stacks))
  else if (spec.ipFamilyPolicy === 'RequireDualStack' && !anyFamily)
    errors.push(path.child('ipFamilyPolicy').invalid(spec.ipFamilyPolicy, NO_DUAL_STACK))
  const { trafficDistribution: near } = spec
  if (near !== undefined && !distributions.includes(near))
    errors.push(path.child('trafficDistribution').notSupported(near, distributions))
  return errors
}

const KUBELET_PORT = 10_250

function validateBalancer(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = []
  const balancer = spec.type === 'LoadBalancer'
  const kubelets = `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`
  for (const [i, { port }] of (balancer ? (spec.ports ?? []) : []).entries())
    if (port === KUBELET_PORT) errors.push(path.child('ports').index(i).invalid(port, kubelets))
  if (spec.allocateLoadBalancerNodePorts !== undefined && !balancer)
    errors.push(path.child('allocateLoadBalancerNodePorts').forbidden("may only be used when `type` is 'LoadBalancer'"))
  if (spec.loadBalancerClass !== undefined) {
    const at = path.child('loadBalancerClass')
    if (!balancer) errors.push(at.forbidden("may only be used when `type` is 'LoadBalancer'"))
    else errors.push(...isQualifiedName(spec.loadBalancerClass).map((w) => at.invalid(spec.loadBalancerClass, w)))
  }
  if (!spec.loadBalancerSourceRanges?.length) return errors
  const at = path.child('loadBalancerSourceRanges')
  if (!balancer) errors.push(at.forbidden("may only be used when `type` is 'LoadBalancer'"))
  for (const [i, range] of spec.loadBalancerSourceRanges.entries())
    errors.push(...validateCidr(range.trim(), at.index(i)))
  return errors
}
