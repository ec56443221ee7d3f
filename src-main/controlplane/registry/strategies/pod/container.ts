import type { Container, PodSpec, Volume } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label } from '../../../../../src-kube/machinery/names.ts'
import { oneOf, portName, portNumber } from '../checks.ts'
import { validateEnv, validateEnvFrom } from './environment.ts'
import { validateLifecycle, validateProbe } from './handlers.ts'
import { validateMounts } from './mounts.ts'
import { validateResources } from './resources.ts'
import { validateRestarts } from './restarts.ts'
import { validateContainerSecurity } from './security.ts'
import { pullPolicies } from './volumes.ts'

/** What containers of one pod share: they may mount its volumes, and no two have a name or a port of the node in common. */
export interface Siblings {
  spec: PodSpec
  /** The spec is a template's, of which a pod gets what is left out. */
  isTemplate: boolean
  /** Volumes by name; `undefined` for those that come from elsewhere (a StatefulSet's claim templates). */
  volumes: ReadonlyMap<string, Volume | undefined>
  names: Set<string>
  /** `protocol/address/port` of host ports taken so far; sidecars and containers run together, other init containers do not. */
  hostPorts: Set<string>
}

/** The containers of a pod that run together. */
export function validateContainers(
  containers: readonly Container[],
  path: FieldPath,
  siblings: Siblings,
  errors: FieldError[],
): void {
  for (let i = 0; i < containers.length; i++) {
    const container = containers[i]!
    const at = path.index(i)
    validateContainer(container, at, siblings, errors)
    takeName(container, at, siblings, errors)
  }
}

/** Init containers: sidecars, and such as have ended before others start, so that their host ports are free again. */
export function validateInitContainers(
  containers: readonly Container[],
  path: FieldPath,
  siblings: Siblings,
  errors: FieldError[],
): void {
  for (const [i, container] of containers.entries()) {
    const at = path.index(i)
    const isSidecar = container.restartPolicy === 'Always'
    validateContainer(container, at, isSidecar ? siblings : { ...siblings, hostPorts: new Set() }, errors)
    takeName(container, at, siblings, errors)
    if (!isSidecar) errors.push(...validateInit(container, at))
  }
}

/** Names are unique across all lists of the pod: `siblings` remembers them. */
export function takeName(
  { name }: Pick<Container, 'name'>,
  path: FieldPath,
  { names }: Siblings,
  errors: FieldError[],
): void {
  if (name && names.has(name)) errors.push(path.child('name').duplicate(name))
  names.add(name)
}

function validateInit(container: Container, path: FieldPath): FieldError[] {
  const kinds = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const
  const errors = kinds
    .filter((kind) => container[kind])
    .map((kind) => path.child(kind).forbidden('may not be set for init containers without restartPolicy=Always'))
  if (container.lifecycle)
    errors.push(path.child('lifecycle').forbidden('may not be set for init containers without restartPolicy=Always'))
  for (const [i, { restartPolicy }] of (container.resizePolicy ?? []).entries())
    if (restartPolicy === 'RestartContainer')
      errors.push(
        path
          .child('resizePolicy')
          .index(i)
          .child('restartPolicy')
          .invalid(restartPolicy, "must not be set to 'RestartContainer' for non-sidecar initContainers"),
      )
  return errors
}

const messagePolicies = ['FallbackToLogsOnError', 'File']
const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const
const protocols = ['SCTP', 'TCP', 'UDP']

/** One container of whatever list, in itself and beside its siblings. */
export function validateContainer(
  container: Container,
  path: FieldPath,
  siblings: Siblings,
  errors: FieldError[],
): void {
  const { name, image, resources, securityContext, lifecycle } = container
  if (!name) errors.push(path.child('name').required())
  else for (const word of isDns1123Label(name)) errors.push(path.child('name').invalid(name, word))
  if (!image) errors.push(path.child('image').required())
  else if (image !== image.trim())
    errors.push(path.child('image').invalid(image, 'must not have leading or trailing whitespace'))
  if (container.ports) {
    validatePorts(container, path, siblings.hostPorts, errors)
    if (siblings.spec.hostNetwork) validateNodePorts(container.ports, path.child('ports'), siblings, errors)
  }
  if (container.env) for (const [i, env] of container.env.entries()) validateEnv(env, path, i, errors)
  if (container.envFrom) errors.push(...validateEnvFrom(container.envFrom, path.child('envFrom')))
  if (container.volumeMounts || container.volumeDevices) validateMounts(container, path, siblings.volumes, errors)
  for (const kind of probes) {
    const probe = container[kind]
    if (probe) errors.push(...validateProbe(probe, path.child(kind), kind))
  }
  if (lifecycle)
    errors.push(...validateLifecycle(lifecycle, path.child('lifecycle'), siblings.spec.terminationGracePeriodSeconds))
  if (container.restartPolicy || container.restartPolicyRules || container.resizePolicy)
    errors.push(...validateRestarts(container, path, siblings.spec.restartPolicy))
  const { imagePullPolicy, terminationMessagePolicy } = container
  if (!imagePullPolicy || !pullPolicies.includes(imagePullPolicy))
    errors.push(...oneOf(imagePullPolicy, pullPolicies, path.child('imagePullPolicy')))
  if (!terminationMessagePolicy || !messagePolicies.includes(terminationMessagePolicy))
    errors.push(...oneOf(terminationMessagePolicy, messagePolicies, path.child('terminationMessagePolicy')))
  if (resources) validateResources(resources, path.child('resources'), errors)
  if (securityContext)
    errors.push(...validateContainerSecurity(securityContext, path.child('securityContext'), siblings.spec.hostUsers))
}

/** On the network of the node a port is the node's own; a template may leave that to its pods. */
function validateNodePorts(
  ports: NonNullable<Container['ports']>,
  path: FieldPath,
  { isTemplate }: Siblings,
  errors: FieldError[],
): void {
  for (const [i, { hostPort, containerPort }] of ports.entries()) {
    if (hostPort === containerPort || (isTemplate && !hostPort)) continue
    const at = path.index(i).child('hostPort')
    errors.push(at.invalid(hostPort ?? 0, 'must match `containerPort` when `hostNetwork` is true'))
  }
}

function validatePorts(container: Container, parent: FieldPath, taken: Set<string>, errors: FieldError[]): void {
  const names = new Set<string>()
  const path = parent.child('ports')
  for (const [i, port] of (container.ports ?? []).entries()) {
    const at = path.index(i)
    if (port.name) {
      for (const word of portName(port.name)) errors.push(at.child('name').invalid(port.name, word))
      if (names.has(port.name)) errors.push(at.child('name').duplicate(port.name))
      names.add(port.name)
    }
    if (!port.containerPort) errors.push(at.child('containerPort').required())
    else errors.push(...portNumber(port.containerPort, at.child('containerPort')))
    if (!port.protocol || !protocols.includes(port.protocol))
      errors.push(...oneOf(port.protocol, protocols, at.child('protocol')))
    if (!port.hostPort) continue
    errors.push(...portNumber(port.hostPort, at.child('hostPort')))
    const key = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}`
    if (taken.has(key)) errors.push(at.child('hostPort').duplicate(key))
    taken.add(key)
  }
}
