import { StatusError } from '../../../../src-kube/machinery/errors.ts'

/** Protobuf: `application/vnd.kubernetes.protobuf` (kubernetes.io, "Alternate representations of resources"). */
export type Encoding = 'json' | 'yaml' | 'protobuf'

/** Media type of Kubernetes' envelope of protocol buffers. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf'

/** How an answer is to be written. */
export interface Negotiated {
  encoding: Encoding
  /** `Table`, `PartialObjectMetadata(List)`, `APIGroupDiscoveryList`, … as asked by `as=`; undefined for plain objects. */
  as: string | undefined
  /** Group and version of {@link as}. */
  group: string
  version: string
}

const plain: Negotiated = { encoding: 'json', as: undefined, group: '', version: '' }
const known = new Map<string, Negotiated[]>()
/** Headers that are remembered; then all are forgotten. */
const MOST_KNOWN = 256

/** The forms a client accepts, best first; types we do not write are left out. Parsed once a distinct header. */
export function acceptedForms(header: string | undefined): Negotiated[] {
  if (!header || header === '*/*' || header === 'application/json') return [plain]
  const cached = known.get(header)
  if (cached) return cached
  const forms = header
    .split(',')
    .map(parseForm)
    .filter((form) => form !== undefined)
    .sort((a, b) => b.quality - a.quality || a.breadth - b.breadth)
    .map(({ form }) => form)
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(header, forms)
  return forms
}

/** `breadth`: how many types are meant, which come last among equals. */
function parseForm(text: string): { form: Negotiated; quality: number; breadth: number } | undefined {
  const [type, ...parameters] = text.split(';').map((part) => part.trim())
  const value = (name: string): string | undefined =>
    parameters.find((p) => p.startsWith(`${name}=`))?.slice(name.length + 1)
  const encoding = encodings.get(type ?? '')
  if (!encoding) return undefined
  const form = { encoding, as: value('as'), group: value('g') ?? '', version: value('v') ?? '' }
  return { form, quality: Number(value('q') ?? 1), breadth: type!.split('*').length }
}

const encodings: ReadonlyMap<string, Encoding> = new Map([
  ['application/json', 'json'],
  ['text/json', 'json'],
  ['application/*', 'json'],
  ['*/*', 'json'],
  ['application/yaml', 'yaml'],
  ['text/yaml', 'yaml'],
  [PROTOBUF, 'protobuf'],
])

/**
 * The best form that this answer can have. Throws 406 in the API server's words.
 * @param canBe whether it can be what a client asks for by `as=`.
 * @param protobuf whether it has a form of its own in protocol buffers; a client that asks for them first gets what it asks for next otherwise.
 */
export function negotiate(
  header: string | undefined,
  canBe: (as: string, form: Negotiated) => boolean,
  { protobuf = true } = {},
): Negotiated {
  const forms = acceptedForms(header)
  const form = forms.find((f) => (f.as === undefined ? protobuf || f.encoding !== 'protobuf' : canBe(f.as, f)))
  if (form) return form
  throw notAcceptable(`application/json, application/yaml, ${PROTOBUF}`)
}

/** As {@link negotiate}, of a watch: a stream has no form in YAML, and a client that prefers it gets none. */
export function negotiateStream(...asked: Parameters<typeof negotiate>): Negotiated {
  const form = negotiate(...asked)
  if (form.encoding !== 'yaml') return form
  throw notAcceptable(`application/json;stream=watch, ${PROTOBUF};stream=watch`)
}

const notAcceptable = (types: string): StatusError =>
  new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${types}`)
