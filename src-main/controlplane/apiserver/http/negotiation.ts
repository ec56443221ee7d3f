import { StatusError } from '../../../../src-kube/machinery/errors.ts'

/** How an answer is to be written. */
export interface Negotiated {
  encoding: 'json' | 'yaml'
  /** `Table`, `PartialObjectMetadata(List)`, `APIGroupDiscoveryList`, … as asked by `as=`; undefined for plain objects. */
  as: string | undefined
  /** Group and version of {@link as}. */
  group: string
  version: string
}

const PLAIN: Negotiated = { encoding: 'json', as: undefined, group: '', version: '' }
const known = new Map<string, Negotiated[]>()
const MOST_KNOWN = 256

/** The forms a client accepts, best first; types we do not write are left out. Parsed once a distinct header. */
export function acceptedForms(header: string | undefined): Negotiated[] {
  if (!header || header === '*/*' || header === 'application/json') return [PLAIN]
  const cached = known.get(header)
  if (cached) return cached
  const forms = header
    .split(',')
    .map(parseForm)
    .filter((form) => form !== undefined)
    .sort((a, b) => b.quality - a.quality)
    .map(({ form }) => form)
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(header, forms)
  return forms
}

function parseForm(text: string): { form: Negotiated; quality: number } | undefined {
  const [type, ...parameters] = text.split(';').map((part) => part.trim())
  const value = (name: string): string | undefined =>
    parameters.find((p) => p.startsWith(`${name}=`))?.slice(name.length + 1)
  const encoding = encodings[type ?? '']
  if (!encoding) return undefined
  const form = { encoding, as: value('as'), group: value('g') ?? '', version: value('v') ?? '' }
  return { form, quality: Number(value('q') ?? 1) }
}

const encodings: Record<string, 'json' | 'yaml'> = {
  'application/json': 'json',
  'text/json': 'json',
  'application/*': 'json',
  '*/*': 'json',
  'application/yaml': 'yaml',
  'text/yaml': 'yaml',
}

/** The best form that this answer can have. Throws 406 in the API server's words. */
export function negotiate(header: string | undefined, canBe: (as: string, form: Negotiated) => boolean): Negotiated {
  const form = acceptedForms(header).find((f) => f.as === undefined || canBe(f.as, f))
  if (form) return form
  throw new StatusError(
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml, application/json;as=Table, application/json;as=PartialObjectMetadata',
  )
}
