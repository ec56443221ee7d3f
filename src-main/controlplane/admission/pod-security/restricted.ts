import type { PodSpec, Volume } from '#types/core/v1'
import { called, containersOf, namesWhere, quoted, violation, type AnyContainer, type Check } from './check.ts'

/** From this version on, what only Linux knows is not asked of pods for Windows. */
const WINDOWS_KNOWN = 25

const isForWindows = (spec: PodSpec, minor: number): boolean => minor >= WINDOWS_KNOWN && spec.os?.name === 'windows'

const privilegeEscalation: Check = {
  since: 8,
  judge({ spec }, minor) {
    if (isForWindows(spec, minor)) return undefined
    const names = namesWhere(spec, (one) => one.securityContext?.allowPrivilegeEscalation !== false)
    return violation(
      'allowPrivilegeEscalation != false',
      names.length > 0 ? [`${called(names)} must set securityContext.allowPrivilegeEscalation=false`] : [],
    )
  },
}

const capabilities: Check = {
  since: 22,
  judge({ spec }, minor) {
    if (isForWindows(spec, minor)) return undefined
    const keeping = namesWhere(spec, (one) => !one.securityContext?.capabilities?.drop?.includes('ALL'))
    const added = ({ securityContext }: AnyContainer): string[] =>
      (securityContext?.capabilities?.add ?? []).filter((name) => name !== 'NET_BIND_SERVICE')
    const adding = namesWhere(spec, (one) => added(one).length > 0)
    const found = new Set(containersOf(spec).flatMap(added).sort())
    return violation(
      'unrestricted capabilities',
      [
        ...(keeping.length > 0 ? [`${called(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
        ...(adding.length > 0
          ? [`${called(adding)} must not include ${quoted(found)} in securityContext.capabilities.add`]
          : []),
      ],
      '; ',
    )
  },
}

const allowedVolumes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
])

const volumes: Check = {
  judge({ spec }) {
    const odd = (spec.volumes ?? []).filter((volume) => !allowedVolumes.has(typeOf(volume)))
    if (odd.length === 0) return undefined
    const names = odd.map(({ name }) => name)
    const types = [...new Set(odd.map(typeOf))].sort()
    const verb = names.length === 1 ? 'uses' : 'use'
    return {
      reason: 'restricted volume types',
      detail: `${called(names, 'volume')} ${verb} restricted volume type${types.length === 1 ? '' : 's'} ${quoted(types)}`,
    }
  },
}

/** The one source that a volume has; a volume without one is an empty directory. */
const typeOf = (volume: Volume): string =>
  Object.entries(volume).find(([field, value]) => field !== 'name' && value !== undefined)?.[0] ?? 'emptyDir'

const nonRoot: Check = {
  judge({ spec }) {
    const ofPod = spec.securityContext?.runAsNonRoot
    const denying = namesWhere(spec, (one) => one.securityContext?.runAsNonRoot === false)
    const words = 'must not set securityContext.runAsNonRoot=false'
    const details = [
      ...(ofPod === false ? [`pod ${words}`] : []),
      ...(denying.length > 0 ? [`${called(denying)} ${words}`] : []),
    ]
    if (details.length > 0) return violation('runAsNonRoot != true', details, ' and ')
    const silent = ofPod ? [] : namesWhere(spec, (one) => one.securityContext?.runAsNonRoot === undefined)
    return violation(
      'runAsNonRoot != true',
      silent.length > 0 ? [`pod or ${called(silent)} must set securityContext.runAsNonRoot=true`] : [],
    )
  },
}

const nonRootUser: Check = {
  since: 23,
  judge({ spec }) {
    const names = namesWhere(spec, (one) => one.securityContext?.runAsUser === 0)
    return violation(
      'runAsUser=0',
      [
        ...(spec.securityContext?.runAsUser === 0 ? ['pod must not set runAsUser=0'] : []),
        ...(names.length > 0 ? [`${called(names)} must not set runAsUser=0`] : []),
      ],
      ' and ',
    )
  },
}

const confined = new Set(['RuntimeDefault', 'Localhost'])

const seccomp: Check = {
  since: 19,
  judge({ spec }, minor) {
    if (isForWindows(spec, minor)) return undefined
    const ofPod = spec.securityContext?.seccompProfile?.type
    const typeIn = (one: AnyContainer): string | undefined => one.securityContext?.seccompProfile?.type
    const odd = (type: string | undefined): type is string => type !== undefined && !confined.has(type)
    const details = odd(ofPod)
      ? [`pod must not set securityContext.seccompProfile.type to ${JSON.stringify(ofPod)}`]
      : []
    const explicit = containersOf(spec).filter((one) => odd(typeIn(one)))
    if (explicit.length > 0) {
      const types = quoted(new Set(explicit.map((one) => typeIn(one)!)))
      details.push(
        `${called(explicit.map((c) => c.name))} must not set securityContext.seccompProfile.type to ${types}`,
      )
    }
    if (details.length > 0) return violation('seccompProfile', details, ' and ')
    const silent = ofPod === undefined ? namesWhere(spec, (one) => typeIn(one) === undefined) : []
    const words = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return violation('seccompProfile', silent.length > 0 ? [`pod or ${called(silent)} ${words}`] : [])
  },
}

/** kubernetes.io, "Pod Security Standards: Restricted": what it asks beyond `baseline`. */
export const restricted: readonly Check[] = [privilegeEscalation, capabilities, volumes, nonRoot, nonRootUser, seccomp]
