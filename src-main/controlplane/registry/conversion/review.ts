import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isRecord } from '../../../../src-kube/machinery/record.ts'
import { validateAnnotations, validateLabels } from '../strategies/metadata.ts'

const spoken = ['v1', 'v1beta1']
const GROUP = 'apiextensions.k8s.io'

/** What a webhook answered does not do as a conversion; the message follows "failed: " or "returned ". */
export class ReviewError extends Error {
  override readonly name = 'ReviewError'
}

/** The version of ConversionReview that both sides speak; throws {@link ReviewError} when there is none. */
export function reviewVersion(versions: readonly string[]): string {
  const version = versions.find((one) => spoken.includes(one))
  if (version) return version
  throw new ReviewError(`webhook does not accept known ConversionReview versions (${spoken.join(', ')})`)
}

/** The question: these objects in another version. */
export const reviewOf = (objects: readonly KubeObject[], desiredAPIVersion: string, version: string, uid: string) => ({
  kind: 'ConversionReview',
  apiVersion: formatApiVersion(GROUP, version),
  request: { uid, desiredAPIVersion, objects },
})

interface Answer {
  kind?: string
  apiVersion?: string
  response?: {
    uid?: string
    result?: { status?: string; message?: string }
    convertedObjects?: unknown[]
  }
}

/** What a webhook answered to the review of this `uid` and version, its objects not yet looked at. Throws {@link ReviewError}. */
export function objectsOf(text: string, version: string, uid: string): readonly unknown[] {
  const { kind = '', apiVersion = '', response } = parse(text)
  const wanted = formatApiVersion(GROUP, version)
  // Answers of v1beta1 were never checked for what they are.
  if (version === 'v1' && (kind !== 'ConversionReview' || apiVersion !== wanted))
    throw new ReviewError(
      `expected webhook response of ${wanted}, Kind=ConversionReview, got ${apiVersion || '/'}, Kind=${kind}`,
    )
  if (!response) throw new ReviewError('no response provided')
  if (version === 'v1' && response.uid !== uid)
    throw new ReviewError(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`)
  const { status = '', message } = response.result ?? {}
  if (status !== 'Success') throw new ReviewError(message || `response.result.status was '${status}', not 'Success'`)
  return response.convertedObjects ?? []
}

function parse(text: string): Answer {
  try {
    return (JSON.parse(text) ?? {}) as Answer
  } catch (cause) {
    throw new ReviewError(`couldn't get version/kind; json parse error: ${(cause as Error).message}`, { cause })
  }
}

/**
 * The converted object with the metadata of the original; labels and annotations alone are the webhook's to change. Throws {@link
 * ReviewError} when it is another object or not in the version that was asked for.
 *
 * @param index Place of the object in the review, for the words of the error.
 */
export function checkedResult(original: KubeObject, answered: unknown, apiVersion: string, index: number): KubeObject {
  const converted = (isRecord(answered) ? answered : {}) as KubeObject
  const { apiVersion: got = '', kind = '' } = converted as Partial<KubeObject>
  const place = `invalid object at index ${index}`
  if (got !== apiVersion)
    throw new ReviewError(`${place}: invalid groupVersion (expected ${apiVersion}, received ${got || '/'})`)
  if (kind !== original.kind)
    throw new ReviewError(`${place}: invalid kind (expected ${original.kind}, received ${kind})`)
  const sent = converted.metadata as unknown
  const identity = (isRecord(sent) ? sent : {}) as Partial<KubeObject['metadata']>
  for (const [field, words] of identityFields) {
    const [before, after] = [original.metadata[field] ?? '', identity[field] ?? '']
    if (before !== after) throw new ReviewError(`invalid object: must have the same ${words}: ${before} != ${after}`)
  }
  return { ...converted, metadata: restored(original.metadata, sent) }
}

const identityFields = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const

function restored(original: KubeObject['metadata'], sent: unknown): KubeObject['metadata'] {
  if (!isRecord(sent)) throw new ReviewError('invalid metadata: missing metadata in converted object')
  const { labels: _, annotations: __, ...kept } = original
  const metadata: KubeObject['metadata'] = { ...kept }
  for (const field of ['labels', 'annotations'] as const) {
    const value = sent[field]
    if (value !== undefined && value !== null) metadata[field] = textsOf(value, field)
  }
  const at = fieldPath('metadata')
  const errors = [
    ...validateLabels(metadata.labels, at.child('labels')),
    ...validateAnnotations(metadata.annotations, at.child('annotations')),
  ]
  const words = errors.map(({ field, message }) => `${field}: ${message}`).join(', ')
  if (errors.length > 0) throw new ReviewError(`invalid metadata: ${words}`)
  return metadata
}

function textsOf(value: unknown, field: string): Record<string, string> {
  const place = `invalid metadata: metadata.${field}`
  if (!isRecord(value)) throw new ReviewError(`${place} is no object in converted object`)
  for (const [key, one] of Object.entries(value))
    if (typeof one !== 'string')
      throw new ReviewError(`${place}[${key}] must be a string, but is ${typeof one} in converted object`)
  return value as Record<string, string>
}
