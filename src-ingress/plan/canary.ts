import type { Annotations } from './annotations.ts'

/**
 * Which requests go to a canary (kubernetes.github.io/ingress-nginx, "Annotations: Canary"): the header decides, where it says nothing the cookie, where
 * that says nothing chance.
 */
export interface Canary {
  /** Of values `always` and `never` when it has neither a value nor a pattern of its own. */
  header?: { name: string; value?: string | undefined; pattern?: string | undefined } | undefined
  /** `always` and `never` decide. */
  cookie?: string | undefined
  /** Hundredths of a percent of the requests that nobody decided for. */
  share: number
}

/** Undefined for an Ingress that is no canary. */
export function canaryOf(a: Annotations): Canary | undefined {
  const isCanary = a.flag('canary')
  const name = a.matching('canary-by-header', 'the name of a header', /^[A-Za-z0-9-]+$/)
  const value = a.matching('canary-by-header-value', 'the value of a header', /^[\u0020-\u007e]+$/)
  const pattern = a.read('canary-by-header-pattern', 'a regular expression', (text) =>
    isExpression(text) ? text : undefined,
  )
  const cookie = a.matching('canary-by-cookie', 'the name of a cookie', /^\w+$/)
  const total = a.count('canary-weight-total') ?? 100
  const weight = a.read('canary-weight', 'a whole number', numberOf) ?? 0
  if (!isCanary) return undefined
  return {
    ...(name ? { header: { name, value, pattern } } : {}),
    ...(cookie ? { cookie } : {}),
    share: Math.round((Math.min(weight, total) / total) * 10_000),
  }
}

const numberOf = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined)

/** One that nginx's library takes is not known here: what is none for us either is told at once. */
function isExpression(text: string): boolean {
  if (!/^[\u0020-\u007e]+$/.test(text)) return false
  try {
    new RegExp(text).test('')
    return true
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
