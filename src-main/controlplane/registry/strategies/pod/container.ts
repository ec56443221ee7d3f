import type { Container, EnvVar, Probe, ResourceRequirements } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label } from '../../../../../src-kube/machinery/names.ts'
import { milliValue } from '../../../../../src-kube/machinery/quantity.ts'
import { nonNegative, oneOf, portName, portNumber, portReference } from '../checks.ts'

/** Containers of one list: names unique across all lists of the pod (`names` remembers them). */
export function validateContainers(
  containers: readonly Container[],
  path: FieldPath,
  volumes: ReadonlySet<string>,
  names: Set<string>,
  init: boolean,
): FieldError[] {
  return containers.flatMap((container, i) => {
    const at = path.index(i)
    const errors = validateContainer(container, at, volumes)
    if (container.name && names.has(container.name)) errors.push(at.child('name').duplicate(container.name))
    names.add(container.name)
    if (init) errors.push(...validateInit(container, at))
    return errors
  })
}

function validateInit(container: Container, path: FieldPath): FieldError[] {
  if (container.restartPolicy === 'Always') return []
  const kinds = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const
  const errors = kinds
    .filter((kind) => container[kind])
    .map((kind) => path.child(kind).forbidden('may not be set for init containers without restartPolicy=Always'))
  if (container.lifecycle)
    errors.push(path.child('lifecycle').forbidden('may not be set for init containers without restartPolicy=Always'))
  return errors
}

function validateContainer(container: Container, path: FieldPath, volumes: ReadonlySet<string>): FieldError[] {
  const errors: FieldError[] = []
  if (!container.name) errors.push(path.child('name').required())
  else errors.push(...isDns1123Label(container.name).map((w) => path.child('name').invalid(container.name, w)))
  if (!container.image) errors.push(path.child('image').required())
  else if (container.image !== container.image.trim())
    errors.push(path.child('image').invalid(container.image, 'must not have leading or trailing whitespace'))
  errors.push(...validatePorts(container, path.child('ports')))
  errors.push(...(container.env ?? []).flatMap((env, i) => validateEnv(env, path.child('env').index(i))))
  errors.push(...validateMounts(container, path.child('volumeMounts'), volumes))
  for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const)
    errors.push(...validateProbe(container[kind], path.child(kind), kind !== 'readinessProbe'))
  errors.push(...oneOf(container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never'], path.child('imagePullPolicy')))
  const policies = ['File', 'FallbackToLogsOnError']
  errors.push(...oneOf(container.terminationMessagePolicy, policies, path.child('terminationMessagePolicy')))
  return [...errors, ...validateResources(container.resources, path.child('resources'))]
}

function validatePorts(container: Container, path: FieldPath): FieldError[] {
  const names = new Set<string>()
  return (container.ports ?? []).flatMap((port, i) => {
    const at = path.index(i)
    const errors: FieldError[] = []
    if (port.name) {
      errors.push(...portName(port.name).map((w) => at.child('name').invalid(port.name, w)))
      if (names.has(port.name)) errors.push(at.child('name').duplicate(port.name))
      names.add(port.name)
    }
    if (!port.containerPort) errors.push(at.child('containerPort').required())
    else errors.push(...portNumber(port.containerPort, at.child('containerPort')))
    if (port.hostPort) errors.push(...portNumber(port.hostPort, at.child('hostPort')))
    return [...errors, ...oneOf(port.protocol, ['SCTP', 'TCP', 'UDP'], at.child('protocol'))]
  })
}

function validateEnv(env: EnvVar, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!env.name) errors.push(path.child('name').required())
  else if (/[=]/.test(env.name))
    errors.push(
      path
        .child('name')
        .invalid(
          env.name,
          "a valid environment variable name must consist only of printable ASCII characters other than '='",
        ),
    )
  if (!env.valueFrom) return errors
  const at = path.child('valueFrom')
  const sources = Object.values(env.valueFrom).filter((source) => source !== undefined)
  if (sources.length === 0)
    errors.push(
      at.invalid(
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ),
    )
  else if (env.value) errors.push(at.invalid('', 'may not be specified when `value` is not empty'))
  else if (sources.length > 1) errors.push(at.invalid('', 'may not have more than one field specified at a time'))
  for (const kind of ['configMapKeyRef', 'secretKeyRef'] as const)
    if (env.valueFrom[kind] && !env.valueFrom[kind].key) errors.push(at.child(kind, 'key').required())
  if (env.valueFrom.fieldRef && !env.valueFrom.fieldRef.fieldPath)
    errors.push(at.child('fieldRef', 'fieldPath').required())
  return errors
}

function validateMounts(container: Container, path: FieldPath, volumes: ReadonlySet<string>): FieldError[] {
  const paths = new Set<string>()
  return (container.volumeMounts ?? []).flatMap((mount, i) => {
    const at = path.index(i)
    const errors: FieldError[] = []
    if (!mount.name) errors.push(at.child('name').required())
    else if (!volumes.has(mount.name)) errors.push(at.child('name').notFound(mount.name))
    if (!mount.mountPath) errors.push(at.child('mountPath').required())
    else if (paths.has(mount.mountPath)) errors.push(at.child('mountPath').invalid(mount.mountPath, 'must be unique'))
    paths.add(mount.mountPath)
    if (mount.subPath?.startsWith('/'))
      errors.push(at.child('subPath').invalid(mount.subPath, 'must be a relative path'))
    if (mount.subPath?.split('/').includes('..'))
      errors.push(at.child('subPath').invalid(mount.subPath, "must not contain '..'"))
    return errors
  })
}

function validateProbe(probe: Probe | undefined, path: FieldPath, onceOnly: boolean): FieldError[] {
  if (!probe) return []
  const errors: FieldError[] = []
  const handlers = (['exec', 'httpGet', 'tcpSocket', 'grpc'] as const).filter((kind) => probe[kind])
  if (handlers.length === 0) errors.push(path.required('must specify a handler type'))
  for (const extra of handlers.slice(1))
    errors.push(path.child(extra).forbidden('may not specify more than 1 handler type'))
  if (probe.exec && !probe.exec.command?.length) errors.push(path.child('exec', 'command').required())
  if (probe.httpGet) {
    errors.push(...portReference(probe.httpGet.port, path.child('httpGet', 'port')))
    errors.push(...oneOf(probe.httpGet.scheme, ['HTTP', 'HTTPS'], path.child('httpGet', 'scheme')))
  }
  if (probe.tcpSocket) errors.push(...portReference(probe.tcpSocket.port, path.child('tcpSocket', 'port')))
  const counts = [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const
  for (const field of counts) errors.push(...nonNegative(probe[field], path.child(field)))
  if (onceOnly && (probe.successThreshold ?? 1) !== 1)
    errors.push(path.child('successThreshold').invalid(probe.successThreshold, 'must be 1'))
  return errors
}

function validateResources(resources: ResourceRequirements | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const limits = resources?.limits ?? {}
  for (const part of ['limits', 'requests'] as const)
    for (const [name, quantity] of Object.entries(resources?.[part] ?? {}))
      if (milliValue(quantity) < 0)
        errors.push(path.child(part).key(name).invalid(quantity, 'must be greater than or equal to 0'))
  for (const [name, request] of Object.entries(resources?.requests ?? {})) {
    const limit = limits[name]
    if (limit !== undefined && milliValue(request) > milliValue(limit))
      errors.push(path.child('requests').invalid(request, `must be less than or equal to ${name} limit of ${limit}`))
  }
  return errors
}
