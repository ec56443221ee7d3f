import type { Annotations } from './annotations.ts'

/** Who is asked about each request before it goes on (kubernetes.github.io/ingress-nginx, "Annotations: External Authentication"). */
export interface ExternalAuth {
  /** With nginx's variables of the request. */
  url: string
  /** Of the question; the request's own when absent. */
  method?: string | undefined
  /** Headers of the answer that the backend gets with the request. */
  responseHeaders: string[]
  /** Where people are sent whom nobody knows; {@link ESCAPED_VARIABLE} stands for where they wanted to. */
  signIn?: string | undefined
}

export const ESCAPED_VARIABLE = '$escaped_request_uri'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']

/** Throws `RejectedAnnotation` for an address that nobody could be asked at: the guard must not be left out. `isText` says what variables it may have. */
export function externalAuthOf(a: Annotations, isText: (url: string) => boolean): ExternalAuth | undefined {
  const url = a.must('auth-url', 'an address that begins with http:// or https://', (value) =>
    /^https?:\/\/[^/\s]/.test(value) && !/\s/.test(value) && isText(value) ? value : undefined,
  )
  const method = a.must('auth-method', methods.join(', '), (value) =>
    methods.find((one) => one === value.toUpperCase()),
  )
  const headers = a.read('auth-response-headers', 'names of headers with commas between them', (value) => {
    const names = value.split(',').map((name) => name.trim())
    return names.every((name) => /^[A-Za-z0-9-]+$/.test(name)) ? names : undefined
  })
  const parameter = a.matching('auth-signin-redirect-param', 'the name of a parameter', /^[\w-]+$/) ?? 'rd'
  const signIn = a.must('auth-signin', 'an address that begins with http://, https:// or a variable', (value) =>
    /^(https?:\/\/|\$)[^\s<>]+$/.test(value) && isText(value.replaceAll(ESCAPED_VARIABLE, '')) ? value : undefined,
  )
  if (!url) return undefined
  return {
    url,
    ...(method ? { method } : {}),
    responseHeaders: headers ?? [],
    ...(signIn ? { signIn: withReturn(signIn, parameter) } : {}),
  }
}

/** With where people wanted to, unless the address says that itself. */
function withReturn(url: string, parameter: string): string {
  if (new RegExp(`[?&]${parameter}=`).test(url)) return url
  return `${url}${url.includes('?') ? '&' : '?'}${parameter}=$scheme://$http_host${ESCAPED_VARIABLE}`
}
