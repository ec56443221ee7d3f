import type { Container, PodSpec } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'

const systems = ['linux', 'windows']
const NOT_LINUX = 'windows options cannot be set for a linux pod'
const NOT_WINDOWS = 'cannot be set for a windows pod'

/** What only Linux knows, of a pod, of its security context and of its containers'. */
const linuxPod = ['hostPID', 'hostIPC', 'hostUsers', 'shareProcessNamespace'] as const
const linuxShared = [
  'appArmorProfile',
  'seLinuxOptions',
  'seLinuxChangePolicy',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
] as const
const linuxOwn = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const

/** A pod that says its system has nothing of another's (kubernetes.io, "Pods: Pod OS"). */
export function validateSystem(spec: PodSpec, path: FieldPath): FieldError[] {
  const name = spec.os?.name
  if (!name) return [path.child('os', 'name').required('cannot be empty')]
  if (!systems.includes(name)) return [path.child('os').notSupported(name, systems)]
  return name === 'linux' ? windowsParts(spec, path) : linuxParts(spec, path)
}

type OwnContext = NonNullable<Container['securityContext']>

function contextsOf(spec: PodSpec, path: FieldPath): Array<[OwnContext, FieldPath]> {
  const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const
  return lists.flatMap((list) =>
    ((spec[list] ?? []) as Container[]).flatMap(({ securityContext }, i): Array<[OwnContext, FieldPath]> =>
      securityContext ? [[securityContext, path.child(list).index(i).child('securityContext')]] : [],
    ),
  )
}

function windowsParts(spec: PodSpec, path: FieldPath): FieldError[] {
  const shared = spec.securityContext ? [[spec.securityContext, path.child('securityContext')] as const] : []
  return [...shared, ...contextsOf(spec, path)].flatMap(([context, at]) =>
    context.windowsOptions ? [at.child('windowsOptions').forbidden(NOT_LINUX)] : [],
  )
}

function linuxParts(spec: PodSpec, path: FieldPath): FieldError[] {
  const told = <T extends object>(of: T | undefined, fields: ReadonlyArray<keyof T & string>, at: FieldPath) =>
    fields.flatMap((field) => (of?.[field] === undefined ? [] : [at.child(field).forbidden(NOT_WINDOWS)]))
  // To share nothing of the node's is what every pod does.
  const shared = linuxPod.filter((field) => spec[field] || field === 'hostUsers' || field === 'shareProcessNamespace')
  return [
    ...told(spec, shared, path),
    ...told(spec.securityContext, linuxShared, path.child('securityContext')),
    ...contextsOf(spec, path).flatMap(([context, at]) => told(context, linuxOwn, at)),
  ]
}
