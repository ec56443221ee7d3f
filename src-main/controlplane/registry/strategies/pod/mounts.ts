import type { Container, Volume, VolumeMount } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'

const depths: readonly string[] = ['Disabled', 'Enabled', 'IfPossible']
const propagations: readonly string[] = ['Bidirectional', 'HostToContainer', 'None']

/** `volumeMounts` and `volumeDevices` of a container; `path` is the container's. */
export function validateMounts(
  container: Container,
  path: FieldPath,
  volumes: ReadonlyMap<string, Volume | undefined>,
  errors: FieldError[],
): void {
  const paths = new Set<string>()
  const { volumeMounts = [], volumeDevices } = container
  for (let i = 0; i < volumeMounts.length; i++) {
    const mount = volumeMounts[i]!
    const at = path.child('volumeMounts').index(i)
    if (!mount.name) errors.push(at.child('name').required())
    if (!volumes.has(mount.name)) errors.push(at.child('name').notFound(mount.name ?? ''))
    if (!mount.mountPath) errors.push(at.child('mountPath').required())
    else if (paths.has(mount.mountPath)) errors.push(at.child('mountPath').invalid(mount.mountPath, 'must be unique'))
    paths.add(mount.mountPath)
    validateSubPaths(mount, at, errors)
    if (mount.recursiveReadOnly) errors.push(...validateDepth(mount, at.child('recursiveReadOnly')))
    const { mountPropagation: propagation } = mount
    if (propagation === undefined) continue
    if (!propagations.includes(propagation))
      errors.push(at.child('mountPropagation').notSupported(propagation, propagations))
    else if (propagation === 'Bidirectional' && !container.securityContext?.privileged)
      errors.push(
        at
          .child('mountPropagation')
          .forbidden('Bidirectional mount propagation is available only to privileged containers'),
      )
  }
  if (volumeDevices) validateDevices(container, path.child('volumeDevices'), volumes, errors)
}

/** kubernetes.io, "Volumes: Recursive read-only mounts". */
function validateDepth(mount: VolumeMount, path: FieldPath): FieldError[] {
  const { recursiveReadOnly: depth, readOnly, mountPropagation: propagation = 'None' } = mount
  if (!depths.includes(depth!)) return [path.notSupported(depth, depths)]
  if (depth === 'Disabled') return []
  return [
    ...(readOnly ? [] : [path.forbidden('may only be specified when readOnly is true')]),
    ...(propagation === 'None'
      ? []
      : [path.forbidden('may only be specified when mountPropagation is None or not specified')]),
  ]
}

function validateSubPaths(mount: VolumeMount, path: FieldPath, errors: FieldError[]): void {
  for (const field of ['subPath', 'subPathExpr'] as const) {
    const value = mount[field]
    if (!value) continue
    if (value.startsWith('/')) errors.push(path.child(field).invalid(value, 'must be a relative path'))
    if (value.split('/').includes('..')) errors.push(path.child(field).invalid(value, "must not contain '..'"))
  }
  if (mount.subPath && mount.subPathExpr)
    errors.push(path.child('subPathExpr').invalid(mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
}

/** Raw block devices: only claims can be one, and not a mount at the same time. */
function validateDevices(
  { volumeDevices = [], volumeMounts = [] }: Container,
  path: FieldPath,
  volumes: ReadonlyMap<string, Volume | undefined>,
  errors: FieldError[],
): void {
  const names = new Set<string>()
  const paths = new Set<string>()
  for (const [i, { name, devicePath }] of volumeDevices.entries()) {
    const at = path.index(i)
    const volume = volumes.get(name)
    if (!name) errors.push(at.child('name').required())
    else if (names.has(name)) errors.push(at.child('name').invalid(name, 'must be unique'))
    else if (!volumes.has(name)) errors.push(at.child('name').notFound(name))
    else if (volume && !volume.persistentVolumeClaim && !volume.ephemeral)
      errors.push(
        at
          .child('name')
          .invalid(name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'),
      )
    if (!devicePath) errors.push(at.child('devicePath').required())
    else if (paths.has(devicePath)) errors.push(at.child('devicePath').invalid(devicePath, 'must be unique'))
    else if (devicePath.split('/').includes('..'))
      errors.push(at.child('devicePath').invalid(devicePath, "must not contain '..'"))
    if (name && volumeMounts.some((m) => m.name === name))
      errors.push(at.child('name').invalid(name, 'must not already exist in volumeMounts'))
    if (devicePath && volumeMounts.some((m) => m.mountPath === devicePath))
      errors.push(at.child('devicePath').invalid(devicePath, 'must not already exist as a path in volumeMounts'))
    names.add(name)
    paths.add(devicePath)
  }
}
