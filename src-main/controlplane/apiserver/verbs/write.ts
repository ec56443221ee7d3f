import type { PatchType } from '../../../../src-kube/client/transport.ts'
import type { DeleteOptions } from '#types/meta/v1'
import { badRequest, StatusError, unsupportedMediaType } from '../../../../src-kube/machinery/errors.ts'
import { qualifiedResource } from '../../../../src-kube/machinery/gvk.ts'
import { keyPlaces, type KeyPlaces } from '../../../../src-kube/machinery/key-places.ts'
import type { Target } from '../../registry/registry.ts'
import { decodeBody, readBody, yamlFault } from '../http/exchange.ts'
import { listOptionsOf, type VerbContext } from './context.ts'
import { formOf, sendEntry, sendList } from './read.ts'
import { writeOptionsOf } from './write-options.ts'

export async function create(context: VerbContext): Promise<void> {
  const form = formOf(context)
  const { body: sent, ...told } = await sentBody(context)
  const body = checkKind(sent, context)
  const options = { ...writeOptionsOf(context), ownsBody: true, ...told }
  sendEntry(context, 201, await context.registry.create(context.target, body, options), form)
}

export async function update(context: VerbContext): Promise<void> {
  const form = formOf(context)
  const { body: sent, ...told } = await sentBody(context)
  const body = checkKind(sent, context)
  let code = 200
  const write = { ...writeOptionsOf(context), ...told, created: () => void (code = 201) }
  const entry = await context.registry.update(context.target, body, write)
  sendEntry(context, code, entry, form)
}

const APPLY = 'application/apply-patch+yaml'
const PATCH_TYPES = new Set([
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
])

export async function patch(context: VerbContext): Promise<void> {
  const { exchange, registry, target } = context
  const form = formOf(context)
  const type = (exchange.header('content-type') ?? '').split(';')[0]!.trim()
  if (!PATCH_TYPES.has(type)) {
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${[...PATCH_TYPES].join(', ')}`,
    )
  }
  const { body, keys } = await sentBody(context, type)
  if (type === 'application/apply-patch+yaml' && !exchange.info.query.get('fieldManager')) {
    throw new StatusError(
      422,
      'Invalid',
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    )
  }
  if (type !== 'application/apply-patch+yaml' && exchange.info.query.has('force')) {
    throw new StatusError(
      422,
      'Invalid',
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    )
  }
  let code = 200
  const write = { ...writeOptionsOf(context), keys, created: () => void (code = 201) }
  const entry = await registry.patch(target, type as PatchType, body, write)
  sendEntry(context, code, entry, form)
}

export async function remove(context: VerbContext): Promise<void> {
  const { exchange, registry, target } = context
  const form = formOf(context)
  const body = await deleteOptions(context)
  const { gone, entry } = await registry.delete(target, body, writeOptionsOf(context, body))
  // An object that still stands is returned; of one that is gone, upstream says so for most kinds.
  if (!gone || returnsObject(target)) return sendEntry(context, 200, entry, form)
  exchange.sendObject(200, form, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: target.name,
      ...(target.descriptor.group ? { group: target.served.group } : {}),
      kind: target.descriptor.plural,
      uid: entry.object.metadata.uid,
    },
  })
}

/** Kinds of which a deletion answers the object that went; of all others it answers that it went. */
const RETURNED: ReadonlySet<string> = new Set([
  ...['namespaces', 'persistentvolumeclaims', 'persistentvolumes', 'pods', 'podtemplates', 'resourcequotas'].map(
    (plural) => `/${plural}`,
  ),
  ...['serviceaccounts', 'services'].map((plural) => `/${plural}`),
  ...['csidrivers', 'csinodes', 'storageclasses', 'volumeattachments', 'volumeattributesclasses'].map(
    (plural) => `storage.k8s.io/${plural}`,
  ),
  ...['deviceclasses', 'resourceclaims', 'resourceclaimtemplates', 'resourceslices'].map(
    (plural) => `resource.k8s.io/${plural}`,
  ),
])

const returnsObject = ({ descriptor: { group, plural } }: Target): boolean => RETURNED.has(`${group}/${plural}`)

export async function removeCollection(context: VerbContext): Promise<void> {
  const { exchange, registry, target } = context
  const form = formOf(context)
  const body = await deleteOptions(context)
  const found = await registry.deleteCollection(
    target,
    listOptionsOf(exchange.info.query),
    body,
    writeOptionsOf(context, body),
  )
  await sendList(context, form, found)
}

/** From the body, or from the query as older clients send them. */
async function deleteOptions(context: VerbContext): Promise<Partial<DeleteOptions>> {
  const { query } = context.exchange.info
  const body = ((await bodyOf(context)) ?? {}) as Partial<DeleteOptions>
  if (typeof body !== 'object' || Array.isArray(body)) throw badRequest('DeleteOptions expected')
  const grace = query.get('gracePeriodSeconds')
  const propagation = query.get('propagationPolicy')
  const orphan = query.get('orphanDependents')
  return {
    ...body,
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(propagation === null
      ? {}
      : { propagationPolicy: propagation as NonNullable<DeleteOptions['propagationPolicy']> }),
    ...(orphan === null ? {} : { orphanDependents: orphan === 'true' }),
  }
}

/** The body, and where its keys stand when the client asked to be told of its fields and it is JSON, which may say the same twice. */
async function sentBody(
  { exchange }: VerbContext,
  type = exchange.header('content-type'),
): Promise<{ body: unknown; keys: KeyPlaces | undefined; fault?: string }> {
  const bytes = await readBody(exchange.request)
  const asked = exchange.info.query.get('fieldValidation')
  const keys =
    (asked === 'Strict' || asked === 'Warn') && /json/.test(type ?? 'json') ? bytes.toString('utf8') : undefined
  const twice: string[] = []
  const body = decodeBody(bytes, type, duplicateSink(asked, twice, exchange.warn))
  if (twice.length === 0) return { body, keys: keys === undefined ? undefined : keyPlaces(keys) }
  const fault = yamlFault(twice)
  if (type?.startsWith(APPLY)) throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${fault}`)
  return { body, keys: undefined, fault }
}

/** Where the words about keys that YAML gives twice go: a strict client's are collected for its refusal. */
function duplicateSink(
  asked: string | null,
  collected: string[],
  warn: (words: string) => void,
): (words: string) => void {
  if (asked === 'Strict') return (words) => void collected.push(words)
  return asked === 'Ignore' ? () => {} : warn
}

async function bodyOf({ exchange }: VerbContext): Promise<unknown> {
  return decodeBody(await readBody(exchange.request), exchange.header('content-type'))
}

/** The body must be an object of the kind that the path names; what it leaves out is filled in. */
function checkKind(body: unknown, { resource, target }: VerbContext): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest(
      `the request body is no object of ${qualifiedResource(target.served.group, target.descriptor.plural)}`,
    )
  }
  if (target.subresource !== '' && target.subresource !== 'status') return body
  if (target.served.custom && !(body as { kind?: string }).kind) throw kindMissing(body, target)
  const { kind = resource.descriptor.kind, apiVersion = resource.apiVersion } = body as {
    kind?: string
    apiVersion?: string
  }
  const { descriptor } = resource
  if (apiVersion !== resource.apiVersion) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${resource.apiVersion})`,
    )
  }
  if (kind !== descriptor.kind)
    throw badRequest(`${qualifiedKind(kind, apiVersion)} cannot be handled as a ${descriptor.kind}`)
  return Object.assign(body, { kind, apiVersion })
}

/** Of what is no type of Go's only the object itself says what it is, so its kind cannot be left out. */
function kindMissing(body: object, { descriptor, served }: Target): StatusError {
  const words = `Object 'Kind' is missing in '${JSON.stringify(body)}'`
  return badRequest(
    `${descriptor.kind} in version "${served.version}" cannot be handled as a ${descriptor.kind}: ${words}`,
  )
}

const qualifiedKind = (kind: string, apiVersion: string): string =>
  `${kind} in version "${apiVersion.split('/').at(-1)}"`
