import type { Container } from '#types/core/v1'
import type { Template } from './template-warnings.ts'

/** Annotations of pods that do nothing any more. */
const old: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
}

const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod'
const NO_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/'
const OLD_APPARMOR = 'deprecated since v1.30; use the "appArmorProfile" field instead'

/** What fields say by now (kubernetes.io, "Well-Known Labels, Annotations and Taints"). `at`: `spec.template.`, empty for a pod itself. */
export function warningsOfAnnotations({ spec, metadata }: Template, at: string): string[] {
  const annotations = metadata?.annotations
  if (!annotations) return []
  const words = Object.keys(old)
    .filter((key) => annotations[key] !== undefined)
    .map((key) => `${at}metadata.annotations[${key}]: ${old[key]!}`)
  if (annotations[SECCOMP] !== undefined && !spec?.securityContext?.seccompProfile)
    words.push(`${at}metadata.annotations[${SECCOMP}]: ${NO_SECCOMP}`)
  return words
}

const SECCOMP_OF = 'container.seccomp.security.alpha.kubernetes.io/'

/** The same of annotations that name a container. */
export function warningsOfContainerAnnotations(
  { spec, metadata }: Template,
  { name, securityContext }: Container,
  at: string,
): string[] {
  const annotations = metadata?.annotations
  if (!annotations) return []
  const words: string[] = []
  const seccomp = SECCOMP_OF + name
  if (annotations[seccomp] !== undefined && !securityContext?.seccompProfile)
    words.push(`${at}metadata.annotations[${seccomp}]: ${NO_SECCOMP}`)
  const confined = spec?.securityContext?.appArmorProfile ?? securityContext?.appArmorProfile
  // A pod's own become fields (strategies/pod/app-armor.ts).
  if (at && annotations[APPARMOR + name] !== undefined && !confined)
    words.push(`${at}metadata.annotations[${APPARMOR}${name}]: ${OLD_APPARMOR}`)
  return words
}
