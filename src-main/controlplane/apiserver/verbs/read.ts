import { badRequest, StatusError } from '../../../../src-kube/machinery/errors.ts'
import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import { hasProtobufForm } from '../../../../src-kube/machinery/protobuf/encode.ts'
import type { Entry, EntryList, Target } from '../../registry/registry.ts'
import type { Part } from '../../registry/parts.ts'
import { isTrue } from '../http/request-info.ts'
import { negotiate, negotiateStream, PROTOBUF, type Negotiated } from '../http/negotiation.ts'
import { listOptionsOf, type VerbContext } from './context.ts'
import { scaleTable } from './scale-table.ts'
import { partialObject, table } from './table.ts'

/** Forms that objects and lists can take besides their own. Tables have no protocol buffers. */
const canBe = (as: string, { group, version, encoding }: Negotiated): boolean =>
  (as === OBJECT_FORM || as === LIST_FORM || (as === 'Table' && encoding !== 'protobuf')) &&
  group === 'meta.k8s.io' &&
  // The list of v1beta1 numbers its fields otherwise: who asks for it in protocol buffers gets what they ask for next.
  (version === 'v1' || (version === 'v1beta1' && encoding !== 'protobuf'))

const OBJECT_FORM = 'PartialObjectMetadata'
const LIST_FORM = 'PartialObjectMetadataList'

/** How objects, lists and streams of the kind are to be answered. Asked before anything is done, as a form that cannot be is refused. */
export function formOf({ exchange, target }: VerbContext, choose = negotiate): Negotiated {
  const accept = exchange.header('accept')
  const protobuf = accept === undefined || !accept.includes(PROTOBUF) || hasOwnProtobuf(target)
  return choose(accept, canBe, { protobuf })
}

/** A list that is streamed has no tables, whose columns would stand in its first row alone: who asks for them first gets what they ask for next. */
const negotiateStreamedList: typeof negotiate = (accept, can, ...more) =>
  negotiateStream(accept, (as, form) => as !== 'Table' && can(as, form), ...more)

/** As {@link formOf}, of the objects that a watch streams (KEP-3157 for those that begin with the list). */
export function streamFormOf(context: VerbContext): Negotiated {
  const streamsList = isTrue(context.exchange.info.query.get('sendInitialEvents'))
  const form = formOf(context, streamsList ? negotiateStreamedList : negotiateStream)
  if (form.as === LIST_FORM) throw notAcceptable(LIST_FORM, context.target, 'not a list')
  return form
}

/** Objects of custom kinds are JSON, what their subresources take from the API's own groups is not. */
function hasOwnProtobuf({ descriptor, served, subresource }: Target): boolean {
  if (subresource === 'scale') return true
  return !served.custom && hasProtobufForm(formatApiVersion(served.group, served.version), descriptor.kind)
}

/** 406 for the form of an object asked for a list, and the reverse. Upstream names its own type of what was found. */
function notAcceptable(form: string, { descriptor, served }: Target, is: string): StatusError {
  const kind = form === LIST_FORM ? descriptor.kind : descriptor.listKind
  const type = served.custom ? 'unstructured.Unstructured' : `${descriptor.group.split('.')[0] || 'core'}.${kind}`
  const list = served.custom && form === OBJECT_FORM ? 'List' : ''
  return new StatusError(
    406,
    'NotAcceptable',
    `you requested ${form}, but the requested object is ${is} (*${type}${list})`,
  )
}

/** GET of one object, as of the latest revision or one not older than the query's. */
export async function get(context: VerbContext): Promise<void> {
  const { exchange, registry, target } = context
  const form = formOf(context)
  const entry = await registry.read(target, {
    resourceVersion: exchange.info.query.get('resourceVersion') ?? undefined,
  })
  sendEntry(context, 200, entry, form)
}

/** One object in the form the client asked for. */
export function sendEntry(context: VerbContext, code: number, entry: Entry, form = formOf(context)): void {
  const { exchange, target } = context
  if (form.encoding === 'protobuf' && form.as === undefined)
    return exchange.sendObject(code, form, entry.as(target.served))
  if (form.as === undefined) return exchange.sendObject(code, form, entry.json(target.served))
  if (form.as === 'Table') {
    const rows = table([entry], { ...tableOptions(context, form), header: true }) as { metadata: object }
    rows.metadata = { resourceVersion: entry.object.metadata.resourceVersion }
    return exchange.sendObject(code, form, rows)
  }
  if (form.as === LIST_FORM) throw notAcceptable(LIST_FORM, target, 'not a list')
  exchange.sendObject(code, form, partialObject(entry.as(target.served), form.version))
}

function includeOf(asked: string | null): string {
  if (!asked) return 'Metadata'
  if (asked === 'Object' || asked === 'Metadata' || asked === 'None') return asked
  const words = "must be 'Metadata', 'Object', 'None', or empty"
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(asked)}: ${words}`,
  )
}

/** How rows are printed for this request (kubernetes.io, "Receiving resources as Tables"). */
export function tableOptions({ exchange, clock, target }: VerbContext, form: Negotiated) {
  return {
    descriptor: target.subresource === 'scale' ? { ...target.descriptor, ...scaleTable } : target.descriptor,
    form,
    include: includeOf(exchange.info.query.get('includeObject')),
    now: clock.now(),
    objectJson: (entry: Entry) => entry.as(target.served),
  }
}

/** GET of a collection: all of it, or the part that `limit` and `continue` name. */
export async function list(context: VerbContext): Promise<void> {
  const { exchange, registry, target } = context
  const form = formOf(context)
  const found = await registry.listEntries(target, listOptionsOf(exchange.info.query))
  await sendList(context, form, found)
}

/** Answers with what was found, in the form the client asked for. */
export async function sendList(context: VerbContext, form: Negotiated, found: EntryList): Promise<void> {
  const { exchange, target } = context
  const metadata = listMetadata(found)
  if (form.as === 'Table') {
    const rows = table(found.entries, { ...tableOptions(context, form), header: true }) as { metadata: object }
    rows.metadata = metadata
    return exchange.sendObject(200, form, rows)
  }
  if (form.as === OBJECT_FORM) throw notAcceptable(OBJECT_FORM, target, 'a list')
  if (form.as !== undefined) {
    const items = found.entries.map((entry) => partialObject(entry.as(target.served), form.version))
    const apiVersion = `meta.k8s.io/${form.version || 'v1'}`
    return exchange.sendObject(200, form, { kind: 'PartialObjectMetadataList', apiVersion, metadata, items })
  }
  if (form.encoding === 'protobuf') return exchange.sendObject(200, form, wholeList(context, found, metadata))
  return exchange.sendParts(200, form, listParts(context, found, metadata))
}

function wholeList({ target: { descriptor, served } }: VerbContext, found: EntryList, metadata: object): object {
  const apiVersion = formatApiVersion(served.group, served.version)
  return { kind: descriptor.listKind, apiVersion, metadata, items: found.entries.map((entry) => entry.as(served)) }
}

function listMetadata(found: EntryList): object {
  return {
    resourceVersion: found.resourceVersion,
    ...(found.continue ? { continue: found.continue } : {}),
    ...(found.remainingItemCount ? { remainingItemCount: found.remainingItemCount } : {}),
  }
}

const END = ']}\n'

/** The list as the concatenation of its items' own bytes. */
function listParts({ target }: VerbContext, found: EntryList, metadata: object): Part[] {
  const { descriptor, served } = target
  const apiVersion = formatApiVersion(served.group, served.version)
  const head = `{"kind":"${descriptor.listKind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`
  const parts: Part[] = [head]
  found.entries.forEach((entry, i) => {
    if (i > 0) parts.push(',')
    for (const part of entry.itemParts(served)) parts.push(part)
  })
  parts.push(END)
  return parts
}
