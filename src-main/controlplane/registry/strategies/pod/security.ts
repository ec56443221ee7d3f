import type { AppArmorProfile, PodSpec, SeccompProfile, SecurityContext } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'

const INCLUSIVE = 'must be between 0 and 2147483647, inclusive'
const SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const SYSCTL_FORMAT = `([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*${SEGMENT}`
const sysctlName = new RegExp(`^${SYSCTL_FORMAT}$`)

/** kubernetes.io, "Configure a Security Context": what holds for the whole pod. */
export function validatePodSecurity(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (spec.shareProcessNamespace && spec.hostPID)
    errors.push(
      path
        .child('securityContext', 'shareProcessNamespace')
        .invalid(true, 'ShareProcessNamespace and HostPID cannot both be enabled'),
    )
  if (spec.hostUsers === false) errors.push(...validateOwnUsers(spec, path))
  const context = spec.securityContext
  if (!context) return errors
  const at = path.child('securityContext')
  for (const field of ['runAsUser', 'runAsGroup', 'fsGroup'] as const) validateId(context[field], at, field, errors)
  for (const [i, group] of (context.supplementalGroups ?? []).entries())
    if (isNoId(group)) errors.push(at.child('supplementalGroups').index(i).invalid(group, INCLUSIVE))
  if (context.sysctls) errors.push(...validateSysctls(context.sysctls, at.child('sysctls')))
  const policies = {
    fsGroupChangePolicy: ['Always', 'OnRootMismatch'],
    seLinuxChangePolicy: ['MountOption', 'Recursive'],
    supplementalGroupsPolicy: ['Merge', 'Strict'],
  } as const
  for (const field of ['fsGroupChangePolicy', 'seLinuxChangePolicy', 'supplementalGroupsPolicy'] as const) {
    const policy = context[field]
    const known: readonly string[] = policies[field]
    if (policy && !known.includes(policy)) errors.push(at.child(field).notSupported(policy, known))
  }
  if (context.seccompProfile) errors.push(...validateSeccomp(context.seccompProfile, at.child('seccompProfile')))
  if (context.appArmorProfile) errors.push(...validateAppArmor(context.appArmorProfile, at.child('appArmorProfile')))
  return errors
}

/** kubernetes.io, "User Namespaces: Limitations": nothing of the node's own, neither its namespaces nor its disks. */
function validateOwnUsers(spec: PodSpec, path: FieldPath): FieldError[] {
  const words = 'when `hostUsers` is false'
  const namespaces = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field])
  const disks = (['containers', 'initContainers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap(({ volumeDevices }, i) =>
      volumeDevices?.length ? path.child(list).index(i).child('volumeDevices').forbidden(words) : [],
    ),
  )
  return [...namespaces.map((field) => path.child(field).forbidden(words)), ...disks]
}

/** What one container asks for itself. `hostUsers` is the pod's. */
export function validateContainerSecurity(
  context: SecurityContext,
  path: FieldPath,
  hostUsers: boolean | undefined,
): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['runAsUser', 'runAsGroup'] as const) validateId(context[field], path, field, errors)
  if (context.procMount && context.procMount !== 'Default') {
    if (context.procMount !== 'Unmasked')
      errors.push(path.child('procMount').notSupported(context.procMount, ['Default', 'Unmasked']))
    else if (hostUsers !== false)
      errors.push(path.child('procMount').invalid(context.procMount, '`hostUsers` must be false to use `Unmasked`'))
  }
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged)
      errors.push(path.invalid(context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'))
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN'))
      errors.push(
        path.invalid(context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'),
      )
  }
  if (context.seccompProfile) errors.push(...validateSeccomp(context.seccompProfile, path.child('seccompProfile')))
  if (context.appArmorProfile) errors.push(...validateAppArmor(context.appArmorProfile, path.child('appArmorProfile')))
  return errors
}

function isNoId(value: number): boolean {
  return value < 0 || value > 2147483647
}

function validateId(value: number | undefined, path: FieldPath, field: string, errors: FieldError[]): void {
  if (value !== undefined && isNoId(value)) errors.push(path.child(field).invalid(value, INCLUSIVE))
}

function validateSysctls(sysctls: ReadonlyArray<{ name: string }>, path: FieldPath): FieldError[] {
  const names = new Set<string>()
  return sysctls.flatMap(({ name }, i) => {
    const at = path.index(i).child('name')
    if (!name) return [at.required()]
    const plain = name.replaceAll('/', '.')
    const errors =
      name.length > 253 || !sysctlName.test(name)
        ? [at.invalid(name, `must have at most 253 characters and match regex ${SYSCTL_FORMAT}`)]
        : []
    if (names.has(plain)) errors.push(at.duplicate(name))
    names.add(plain)
    return errors
  })
}

function validateSeccomp({ type, localhostProfile }: SeccompProfile, path: FieldPath): FieldError[] {
  const at = path.child('localhostProfile')
  if (!type) return [path.child('type').required('type is required when seccompProfile is set')]
  if (type === 'Localhost') {
    if (localhostProfile === undefined) return [at.required('must be set when seccomp type is Localhost')]
    const errors = localhostProfile.startsWith('/') ? [at.invalid(localhostProfile, 'must be a relative path')] : []
    if (localhostProfile.split('/').includes('..')) errors.push(at.invalid(localhostProfile, "must not contain '..'"))
    return errors
  }
  const known = ['Localhost', 'RuntimeDefault', 'Unconfined']
  const errors = known.includes(type) ? [] : [path.child('type').notSupported(type, known)]
  if (localhostProfile !== undefined)
    errors.push(at.invalid(localhostProfile, 'can only be set when seccomp type is Localhost'))
  return errors
}

const LONGEST_PROFILE = 4095

/** kubernetes.io, "Restrict a Container's Access to Resources with AppArmor". */
function validateAppArmor({ type, localhostProfile: profile }: AppArmorProfile, path: FieldPath): FieldError[] {
  const at = path.child('localhostProfile')
  if (!type) return [path.child('type').required('type is required when appArmorProfile is set')]
  if (type === 'Localhost') {
    if (profile !== undefined && profile.trim() !== profile)
      return [at.invalid(profile, 'must not be padded with whitespace')]
    if (!profile) return [at.required('must be set when AppArmor type is Localhost')]
    return profile.length > LONGEST_PROFILE ? [at.tooLong(LONGEST_PROFILE)] : []
  }
  const known = ['Localhost', 'RuntimeDefault', 'Unconfined']
  if (!known.includes(type)) return [path.child('type').notSupported(type, known)]
  return profile === undefined ? [] : [at.invalid(profile, 'can only be set when AppArmor type is Localhost')]
}
