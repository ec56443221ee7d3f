import type { AppArmorProfile, Container, Pod, PodSpec } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { same } from '../same.ts'

const PREFIX = 'container.apparmor.security.beta.kubernetes.io/'
const LOCAL = 'localhost/'
const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const

const containersOf = (spec: PodSpec, list: (typeof lists)[number]): Container[] => (spec[list] ?? []) as Container[]

/** What an annotation of old says of a container; nothing of one that is empty or says nothing known. */
function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  const localhostProfile = annotation.startsWith(LOCAL) ? annotation.slice(LOCAL.length) : ''
  return localhostProfile ? { type: 'Localhost', localhostProfile } : undefined
}

/** Annotations of a new pod become the fields that took their place (KEP-24, "Version Skew Strategy"), and its client is told so. Mutates. */
export function followAnnotations({ metadata, spec }: Pod, warn: (message: string) => void): void {
  const { annotations } = metadata
  if (!annotations || spec.os?.name === 'windows') return
  for (const container of lists.flatMap((list) => containersOf(spec, list))) {
    const annotation = annotations[PREFIX + container.name]
    if (annotation === undefined || container.securityContext?.appArmorProfile) continue
    const profile = profileOf(annotation)
    if (profile && same(profile, spec.securityContext?.appArmorProfile)) continue
    if (profile) container.securityContext = { ...container.securityContext, appArmorProfile: profile }
    warn(
      `metadata.annotations[${PREFIX}${container.name}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
    )
  }
}

/** Annotations of a new pod name its containers, and say of them what their fields say. */
export function validateAnnotations({ metadata, spec }: Pod): FieldError[] {
  const { annotations } = metadata
  if (!annotations) return []
  const keys = Object.keys(annotations).filter((key) => key.startsWith(PREFIX))
  const names = new Set(lists.flatMap((list) => containersOf(spec, list).map(({ name }) => name)))
  const errors = keys.flatMap((key) => {
    const at = fieldPath('metadata', 'annotations').key(key)
    const [name, value] = [key.slice(PREFIX.length), annotations[key]!]
    const known = value === '' || value.startsWith(LOCAL) || profileOf(value) !== undefined
    return [
      ...(names.has(name) ? [] : [at.invalid(name, 'container not found')]),
      ...(known ? [] : [at.invalid(value, `invalid AppArmor profile name: ${JSON.stringify(value)}`)]),
    ]
  })
  return keys.length > 0 ? [...errors, ...differences(spec, annotations)] : errors
}

function differences(spec: PodSpec, annotations: Readonly<Record<string, string>>): FieldError[] {
  return lists.flatMap((list) =>
    containersOf(spec, list).flatMap(({ name, securityContext }, i) => {
      const [own, said] = [securityContext?.appArmorProfile, profileOf(annotations[PREFIX + name] ?? '')]
      if (!own || !said) return []
      const at = fieldPath('spec', list).index(i).child('securityContext', 'appArmorProfile')
      if (own.type !== said.type)
        return [at.child('type').forbidden('apparmor type in annotation and field must match')]
      return own.localhostProfile === said.localhostProfile
        ? []
        : [at.child('localhostProfile').forbidden('apparmor profile in annotation and field must match')]
    }),
  )
}
