/** Annotation that definitions in groups of Kubernetes itself need: who approved the API, or `unapproved` (KEP-1111). */
export const APPROVAL = 'api-approved.kubernetes.io'

const protectedDomains = ['k8s.io', 'kubernetes.io']

/** Groups that the Kubernetes project speaks for. */
export const isProtectedGroup = (group: string): boolean =>
  protectedDomains.some((domain) => group === domain || group.endsWith(`.${domain}`))

/** What the annotation `api-approved.kubernetes.io` of a definition in a protected group comes to (KEP-1111). */
export interface Approval {
  state: 'missing' | 'invalid' | 'bypassed' | 'approved'
  message: string
}

/** What the annotation of a definition in such a group says (KEP-1111): where it was approved, or that it was not. */
export function approvalOf(annotations: Record<string, string> | undefined): Approval {
  const text = annotations?.[APPROVAL] ?? ''
  if (text === '')
    return {
      state: 'missing',
      message: `protected groups must have approval annotation "${APPROVAL}", see https://github.com/kubernetes/enhancements/pull/1111`,
    }
  if (text.startsWith('unapproved')) return { state: 'bypassed', message: `not approved: ${JSON.stringify(text)}` }
  if (URL.canParse(text) && new URL(text).host !== '') return { state: 'approved', message: `approved in ${text}` }
  return {
    state: 'invalid',
    message: `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`,
  }
}
