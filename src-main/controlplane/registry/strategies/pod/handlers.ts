import type { Lifecycle, LifecycleHandler, Probe } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { nonNegative, oneOf, portReference } from '../checks.ts'

const counts = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const
const probeKinds = ['exec', 'httpGet', 'tcpSocket', 'grpc'] as const
const hookKinds = ['exec', 'httpGet', 'tcpSocket', 'sleep'] as const

/** kubernetes.io, "Liveness, Readiness, and Startup Probes": exactly one handler, and numbers that make sense. */
export function validateProbe(
  probe: Probe,
  path: FieldPath,
  kind: 'livenessProbe' | 'readinessProbe' | 'startupProbe',
): FieldError[] {
  const errors = validateHandler(probe, probeKinds, path)
  if (probe.grpc && !(probe.grpc.port >= 1 && probe.grpc.port <= 65535))
    errors.push(path.child('grpc', 'port').invalid(probe.grpc.port ?? 0, 'must be between 1 and 65535, inclusive'))
  for (const field of counts) errors.push(...nonNegative(probe[field], path.child(field)))
  const grace = probe.terminationGracePeriodSeconds
  if (kind === 'readinessProbe') {
    if (grace !== undefined)
      errors.push(path.child('terminationGracePeriodSeconds').invalid(grace, 'must not be set for readinessProbes'))
    return errors
  }
  if (grace !== undefined && grace <= 0)
    errors.push(path.child('terminationGracePeriodSeconds').invalid(grace, 'must be greater than 0'))
  if ((probe.successThreshold ?? 1) !== 1)
    errors.push(path.child('successThreshold').invalid(probe.successThreshold, 'must be 1'))
  return errors
}

/** kubernetes.io, "Container Lifecycle Hooks". `grace` is the pod's grace period in seconds: a sleep has to fit in. */
export function validateLifecycle(lifecycle: Lifecycle, path: FieldPath, grace = 30): FieldError[] {
  const errors: FieldError[] = []
  for (const kind of ['postStart', 'preStop'] as const) {
    const hook = lifecycle[kind]
    if (!hook) continue
    const at = path.child(kind)
    errors.push(...validateHandler(hook, hookKinds, at))
    if (hook.sleep && (hook.sleep.seconds < 0 || hook.sleep.seconds > grace))
      errors.push(
        at
          .child('sleep')
          .invalid(hook.sleep.seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`),
      )
  }
  return errors
}

function validateHandler<K extends string>(
  handler: Pick<LifecycleHandler, 'exec' | 'httpGet' | 'tcpSocket'> & { [kind in K]?: unknown },
  kinds: readonly K[],
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  const present = kinds.filter((kind) => handler[kind] !== undefined)
  if (present.length === 0) errors.push(path.required('must specify a handler type'))
  for (const extra of present.slice(1))
    errors.push(path.child(extra).forbidden('may not specify more than 1 handler type'))
  const { exec, httpGet, tcpSocket } = handler
  // What is one too many is not looked into.
  const first = present[0]
  if (exec && !exec.command?.length) errors.push(path.child('exec', 'command').required())
  if (tcpSocket && first === 'tcpSocket') errors.push(...portReference(tcpSocket.port, path.child('tcpSocket', 'port')))
  if (!httpGet || first !== 'httpGet') return errors
  const at = path.child('httpGet')
  if (!httpGet.path) errors.push(at.child('path').required())
  errors.push(...portReference(httpGet.port, at.child('port')))
  errors.push(...oneOf(httpGet.scheme, ['HTTP', 'HTTPS'], at.child('scheme')))
  for (const { name } of httpGet.httpHeaders ?? [])
    if (!/^[-A-Za-z0-9]+$/.test(name ?? ''))
      errors.push(
        at
          .child('httpHeaders')
          .invalid(
            name ?? '',
            "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
          ),
      )
  return errors
}
