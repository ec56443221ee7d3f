import type { Container, EphemeralContainer, PodSpec } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { same } from '../same.ts'
import { takeName, validateContainer, type Siblings } from './container.ts'

const refused = [
  'ports',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'resources',
  'resizePolicy',
] as const

/** kubernetes.io, "Ephemeral Containers": containers for debugging, without what makes a container lasting. */
export function validateEphemeral(
  containers: readonly EphemeralContainer[],
  path: FieldPath,
  siblings: Siblings,
  errors: FieldError[],
): void {
  const { spec } = siblings
  const targets = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((c) => c.name))
  for (const [i, container] of containers.entries()) {
    const at = path.index(i)
    const plain = { ...container } as Container & EphemeralContainer
    for (const field of refused) {
      const value = container[field]
      const set = Array.isArray(value) ? value.length > 0 : value !== undefined && !same(value, {})
      if (set) errors.push(at.child(field).forbidden('cannot be set for an Ephemeral Container'))
      delete plain[field]
    }
    validateContainer(plain, at, siblings, errors)
    takeName(container, at, siblings, errors)
    const target = container.targetContainerName
    if (target && !targets.has(target)) errors.push(at.child('targetContainerName').notFound(target))
  }
}

/** Through `ephemeralcontainers`, containers are only added: there is no changing or removing them. */
export function validateEphemeralChange(now: PodSpec, before: PodSpec, path: FieldPath): FieldError[] {
  const at = path.child('ephemeralContainers')
  return (before.ephemeralContainers ?? []).flatMap((old) => {
    const found = now.ephemeralContainers?.find((c) => c.name === old.name)
    if (!found) return [at.forbidden(`existing ephemeral containers "${old.name}" may not be removed\n`)]
    return same(found, old) ? [] : [at.forbidden(`existing ephemeral containers "${old.name}" may not be changed\n`)]
  })
}
