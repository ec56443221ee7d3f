import type { Annotations } from './annotations.ts'
import { escapeRegex } from './quote.ts'

/** kubernetes.github.io/ingress-nginx, "Annotations: Enable CORS". */
export interface Cors {
  /** A regular expression that allowed origins match; every origin is allowed when absent. */
  origins?: string | undefined
  methods: string
  headers: string
  expose?: string | undefined
  credentials: boolean
  /** Seconds. */
  maxAge: number
}

const WORDS = /^[\w\s,*-]+$/
const ALL_HEADERS =
  'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization'

/** What the annotations `cors-*` ask for; undefined unless `enable-cors`, though wrong values are noted in `a` all the same. */
export function corsOf(a: Annotations): Cors | undefined {
  const enabled = a.flag('enable-cors')
  const cors: Cors = {
    origins: a.must('cors-allow-origin', '* or origins such as https://*.example.com', originsOf) || undefined,
    methods: a.matching('cors-allow-methods', 'methods', WORDS) ?? 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
    headers: a.matching('cors-allow-headers', 'headers', WORDS) ?? ALL_HEADERS,
    expose: a.matching('cors-expose-headers', 'headers', WORDS),
    credentials: a.flag('cors-allow-credentials', { byDefault: true }),
    maxAge: a.count('cors-max-age', 'seconds') ?? 1_728_000,
  }
  return enabled ? cors : undefined
}

/** Origins with commas between them as one expression; '' for all, undefined for what is none. */
function originsOf(value: string): string | undefined {
  const list = value.split(',').map((one) => one.trim())
  if (list.includes('*')) return ''
  if (!list.every((one) => /^[a-z][a-z0-9+.-]*:\/\/(\*\.)?[\w.-]+(:\d+)?$/i.test(one))) return undefined
  return `^(${list.map((one) => escapeRegex(one).replace(String.raw`\*`, '[A-Za-z0-9-]+')).join('|')})$`
}
