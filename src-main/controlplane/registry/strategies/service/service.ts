import type { Service } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1035Label, isDns1123Label, isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../../strategy.ts'
import { oneOf, portNumber, portReference } from '../checks.ts'
import { validateLabels } from '../metadata.ts'
import { ServiceAllocation } from './allocation.ts'
import type { AllocationOptions } from './allocation.ts'

const path = fieldPath('spec')

/** Services (reference: registry/core/service): cluster IPs and node ports are handed out here. */
export function serviceStrategy(options: AllocationOptions): Strategy {
  const allocation = new ServiceAllocation(options)
  return {
    validateName: isDns1035Label,
    prepareForCreate(_context, object) {
      const service = object as unknown as Service
      service.status = { loadBalancer: {} }
      normalise(service)
    },
    prepareForUpdate(context, object, old) {
      const service = object as unknown as Service
      const before = old as unknown as Service
      if (context.subresource === '') object['status'] = old['status']
      keepAllocated(service, before)
      normalise(service)
    },
    validate: (_context, object) => validateService(object as unknown as Service),
    validateUpdate(_context, object, old) {
      const service = object as unknown as Service
      const before = old as unknown as Service
      const errors = validateService(service)
      const both = service.spec.type !== 'ExternalName' && before.spec.type !== 'ExternalName'
      if (both && before.spec.clusterIP && service.spec.clusterIP !== before.spec.clusterIP)
        errors.push(
          path
            .child('clusterIPs')
            .index(0)
            .invalid(service.spec.clusterIPs ?? [], 'may not change once set'),
        )
      return errors
    },
    async allocate(context, object, old) {
      await allocation.fillOnce(async () => (await context.read.list('', 'services')) as unknown as Service[])
      const service = object as unknown as Service
      const before = old as unknown as Service | undefined
      const undo = allocation.take(service, before)
      const restore = before ? allocation.release(before, service) : undefined
      return () => {
        restore?.()
        undo()
      }
    },
    release(object) {
      allocation.release(object as unknown as Service)
    },
  }
}

/** `clusterIP` and `clusterIPs` say the same; families are IPv4 only for now. */
function normalise({ spec }: Service): void {
  if (spec.type === 'ExternalName') {
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'] as const)
      delete spec[field]
    return
  }
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
  else if (!spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0]
  if (!spec.ipFamilies?.length) spec.ipFamilies = ['IPv4']
  spec.ipFamilyPolicy ??= 'SingleStack'
  const exposed = spec.type === 'NodePort' || spec.type === 'LoadBalancer'
  if (!exposed && !spec.externalIPs?.length) delete spec.externalTrafficPolicy
}

/** A PUT that leaves allocated values out keeps them, as long as the type still has them. */
function keepAllocated(service: Service, before: Service): void {
  const { spec } = service
  if (spec.type === 'ExternalName') return
  if (!spec.clusterIP && !spec.clusterIPs?.length && before.spec.clusterIP) {
    spec.clusterIP = before.spec.clusterIP
    spec.clusterIPs = before.spec.clusterIPs ?? [before.spec.clusterIP]
  }
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') {
    // Ports the old type had are given up with the type unless the client asks for others.
    for (const port of spec.ports ?? [])
      if (before.spec.ports?.some((p) => p.nodePort === port.nodePort)) delete port.nodePort
    return
  }
  for (const port of spec.ports ?? []) {
    const same = before.spec.ports?.find(
      (p) => p.port === port.port && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    )
    if (!port.nodePort && same?.nodePort) port.nodePort = same.nodePort
  }
}

function validateService({ spec }: Service): FieldError[] {
  const errors = oneOf(spec.type, ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'], path.child('type'))
  const headless = spec.clusterIP === 'None'
  if (spec.type === 'ExternalName') {
    const name = spec.externalName ?? ''
    if (!name) errors.push(path.child('externalName').required())
    else errors.push(...isDns1123Subdomain(name).map((w) => path.child('externalName').invalid(name, w)))
  } else if (!spec.ports?.length && !headless) errors.push(path.child('ports').required())
  if (headless && (spec.type === 'NodePort' || spec.type === 'LoadBalancer'))
    errors.push(path.child('clusterIPs').index(0).invalid('None', `may not be set to 'None' for ${spec.type} services`))
  errors.push(...validatePorts({ spec } as Service), ...validateLabels(spec.selector, path.child('selector')))
  return [...errors, ...oneOf(spec.sessionAffinity, ['ClientIP', 'None'], path.child('sessionAffinity'))]
}

function validatePorts({ spec }: Service): FieldError[] {
  const names = new Set<string>()
  const pairs = new Set<string>()
  const nodePorts = new Set<string>()
  const several = (spec.ports ?? []).length > 1
  const open = spec.type === 'NodePort' || spec.type === 'LoadBalancer'
  return (spec.ports ?? []).flatMap((port, i) => {
    const at = path.child('ports').index(i)
    const errors: FieldError[] = []
    if (!port.name && several) errors.push(at.child('name').required())
    if (port.name) {
      errors.push(...isDns1123Label(port.name).map((w) => at.child('name').invalid(port.name, w)))
      if (names.has(port.name)) errors.push(at.child('name').duplicate(port.name))
      names.add(port.name)
    }
    errors.push(...portNumber(port.port, at.child('port')))
    errors.push(...oneOf(port.protocol, ['SCTP', 'TCP', 'UDP'], at.child('protocol')))
    errors.push(...portReference(port.targetPort, at.child('targetPort')))
    const pair = `${port.protocol}/${port.port}`
    if (pairs.has(pair)) errors.push(at.duplicate({ protocol: port.protocol, port: port.port }))
    pairs.add(pair)
    if (!port.nodePort) return errors
    if (!open) errors.push(at.child('nodePort').forbidden(`may not be used when \`type\` is '${spec.type}'`))
    const key = `${port.protocol}/${port.nodePort}`
    if (nodePorts.has(key)) errors.push(at.child('nodePort').duplicate(port.nodePort))
    nodePorts.add(key)
    return errors
  })
}
