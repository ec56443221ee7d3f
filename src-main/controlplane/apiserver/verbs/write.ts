import type { PatchType } from '../../../../src-kube/client/transport.ts'
import type { DeleteOptions } from '#types/meta/v1'
import { badRequest, StatusError, unsupportedMediaType } from '../../../../src-kube/machinery/errors.ts'
import { decode, schemaOf } from '../../../../src-kube/machinery/schema/index.ts'
import type { Target } from '../../registry/registry.ts'
import { decodeBody, readBody } from '../http/exchange.ts'
import { listOptionsOf, type VerbContext } from './context.ts'
import { integerOf } from './list-query.ts'
import { formOf, sendEntry, sendList } from './read.ts'
import { returnsObject } from './returned-objects.ts'
import { sentObject, sentPatch } from './sent-body.ts'
import { writeOptionsOf } from './write-options.ts'

/** POST: 201 with the object as it is stored. */
export async function create(context: VerbContext): Promise<void> {
  const form = formOf(context)
  const { body, ...told } = await sentObject(context)
  const options = { ...writeOptionsOf(context), ownsBody: true, ...told }
  sendEntry(context, 201, await context.registry.create(context.target, body, options), form)
}

/** PUT: 200 with the object as it is stored, or 201 where the update made it. */
export async function update(context: VerbContext): Promise<void> {
  const form = formOf(context)
  const { body, ...told } = await sentObject(context)
  let code = 200
  const { confirmCreate } = context
  const write = { ...writeOptionsOf(context), ...told, confirmCreate, created: () => void (code = 201) }
  const entry = await context.registry.update(context.target, body, write)
  sendEntry(context, code, entry, form)
}

/** It needs the tables of built-in kinds. */
const STRATEGIC = 'application/strategic-merge-patch+json'

const patchTypes = new Set([
  'application/json-patch+json',
  'application/merge-patch+json',
  STRATEGIC,
  'application/apply-patch+yaml',
])

/** Upstream's routes of built-in kinds refuse it before anything looks at it, those of custom ones say what they take. */
const unknownPatch = ({ served }: Target): StatusError =>
  served.custom
    ? unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: ${[...patchTypes].filter((type) => type !== STRATEGIC).join(', ')}`,
      )
    : new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})

/** PATCH in each of its forms (kubernetes.io, "API Concepts"): 200 with the object as it is stored, or 201 where an apply made it. */
export async function patch(context: VerbContext): Promise<void> {
  const { exchange, registry, target } = context
  const form = formOf(context)
  const type = (exchange.header('content-type') ?? '').split(';')[0]!.trim()
  if (!patchTypes.has(type) || (target.served.custom && type === STRATEGIC)) throw unknownPatch(target)
  const { body, ...told } = sentPatch(exchange, await readBody(exchange.request), type)
  const kind = type === 'application/apply-patch+yaml' ? 'apply' : 'other'
  let code = 200
  const { confirmCreate } = context
  const options = writeOptionsOf(context, { patch: kind })
  const write = { ...options, ...told, confirmCreate, created: () => void (code = 201) }
  const entry = await registry.patch(target, type as PatchType, body, write)
  sendEntry(context, code, entry, form)
}

/** DELETE of one object: 200 with the object while it still stands, and for most kinds with a Status once it is gone. */
export async function remove(context: VerbContext): Promise<void> {
  const { exchange, registry, target } = context
  const form = formOf(context)
  const body = await deleteOptions(context)
  const { gone, entry } = await registry.delete(target, body, writeOptionsOf(context, { body }))
  // An object that still stands is returned; of one that is gone, upstream says so for most kinds.
  if (!gone || returnsObject(target.descriptor.group, target.descriptor.plural))
    return sendEntry(context, 200, entry, form)
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

/** DELETE of all that the query selects; answers with the list of it. */
export async function removeCollection(context: VerbContext): Promise<void> {
  const { exchange, registry, target } = context
  const form = formOf(context)
  const body = await deleteOptions(context)
  const found = await registry.deleteCollection(
    target,
    listOptionsOf(exchange.info.query),
    body,
    writeOptionsOf(context, { body }),
  )
  await sendList(context, form, found)
}

/** From the body, or from the query as older clients send them. */
async function deleteOptions(context: VerbContext): Promise<Partial<DeleteOptions>> {
  const { query } = context.exchange.info
  const body = deleteOptionsIn(await bodyOf(context))
  const grace = integerOf(query, 'gracePeriodSeconds')
  const propagation = query.get('propagationPolicy')
  const orphan = query.get('orphanDependents')
  return {
    ...body,
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(propagation === null
      ? {}
      : { propagationPolicy: propagation as NonNullable<DeleteOptions['propagationPolicy']> }),
    ...(orphan === null ? {} : { orphanDependents: orphan === 'true' }),
  }
}

/** What upstream calls the kinds that options may be of. */
const SCHEME = 'k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:31'

/** Throws 400, in Go's words, for what are no such options; fields that they do not have count for nothing. */
function deleteOptionsIn(body: unknown): Partial<DeleteOptions> {
  if (body === undefined || body === null) return {}
  const { kind, apiVersion } = body as { kind?: unknown; apiVersion?: unknown }
  // An object sent by mistake does not ask for the deletion of what is at the path.
  if (kind !== undefined && kind !== 'DeleteOptions')
    throw badRequest(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion ?? '')} in scheme "${SCHEME}"`,
    )
  try {
    return decode(body, schemaOf('meta/v1', 'DeleteOptions')).object as Partial<DeleteOptions>
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw badRequest(error.message.replace(/^.*? cannot be handled as a DeleteOptions: /, ''))
  }
}

async function bodyOf({ exchange }: VerbContext): Promise<unknown> {
  return decodeBody(await readBody(exchange.request), exchange.header('content-type'))
}
