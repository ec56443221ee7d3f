import type { ServiceSpec } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label, isQualifiedName } from '../../../../../src-kube/machinery/names.ts'
import { oneOf, portNumber, portReference } from '../checks.ts'

/** Ports of a service: several need names, none is there twice, and node ports belong to types that have them. */
export function validateServicePorts(spec: ServiceSpec, path: FieldPath): FieldError[] {
  const names = new Set<string>()
  const pairs = new Set<string>()
  const nodePorts = new Set<string>()
  const several = (spec.ports ?? []).length > 1
  const open = spec.type === 'NodePort' || spec.type === 'LoadBalancer'
  return (spec.ports ?? []).flatMap((port, i) => {
    const at = path.index(i)
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
    if (port.appProtocol)
      errors.push(...isQualifiedName(port.appProtocol).map((w) => at.child('appProtocol').invalid(port.appProtocol, w)))
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
