import type { KindDescriptor, ServedVersion } from '../../../src-kube/kinds/descriptor.ts'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import type { StoredValue } from '../store/store.ts'
import { takeDraft, type Draft, type Encoded } from './encoding.ts'
import { frozen } from './freeze.ts'
import { shareOwners } from './owners.ts'
import { join, type Part } from './parts.ts'
import type { Entry } from './registry.ts'

/** How an object begins, up to its metadata. */
const typeOf = (kind: string, group: string, version: string): string =>
  `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(formatApiVersion(group, version))},`

/** How an object goes on behind its type, up to its metadata's first field. */
const METADATA = '"metadata":{'

/** How objects of a served version begin, alone and in a list. */
interface Head {
  type: string
  alone: string
  item: string
  /** Bytes before the metadata's first field in what is stored. */
  stored: number
}

const heads = new WeakMap<ServedVersion, Head>()

function headFor({ kind, group, storageVersion }: KindDescriptor, served: ServedVersion): Head {
  let head = heads.get(served)
  if (!head) {
    const type = typeOf(kind, served.group, served.version)
    const alone = type + METADATA
    const stored = Buffer.byteLength(typeOf(kind, group, storageVersion) + METADATA)
    heads.set(served, (head = { type, alone, item: isTypedItem(served) ? alone : `{${METADATA}`, stored }))
  }
  return head
}

/** A list says once what its items are; those of custom kinds say it themselves. */
const isTypedItem = ({ custom }: ServedVersion): boolean => custom !== undefined

/** The object in a served version: converted, or only renamed. */
function inVersion(object: KubeObject, served: ServedVersion): KubeObject {
  const apiVersion = formatApiVersion(served.group, served.version)
  if (served.fromStorage) return { ...served.fromStorage(object), apiVersion }
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion }
}

/** The object with what it is and whose it is first, as every answer has them. */
const inOrder = ({ kind, apiVersion, metadata, ...rest }: KubeObject): object => ({
  kind,
  apiVersion,
  metadata,
  ...rest,
})

/** The entry of a stored value: parsed and encoded at most once, whoever asks. */
export class StoredEntry implements Entry, Encoded {
  readonly stored: StoredValue
  readonly ends: Encoded['ends']
  readonly #descriptor: KindDescriptor
  #object: KubeObject | undefined
  /** Encodings in versions that differ by more than their name. */
  #converted: Map<ServedVersion, Buffer> | undefined

  /** `draft`: what the value was made of; its object is shared from here on. */
  constructor(stored: StoredValue, descriptor: KindDescriptor, draft?: Draft) {
    this.stored = stored
    this.ends = draft?.ends
    this.#descriptor = descriptor
    if (!draft) return
    draft.object.metadata.resourceVersion = String(stored.modRevision)
    this.#object = frozen(draft.object)
  }

  get revision(): number {
    return this.stored.modRevision
  }

  get object(): KubeObject {
    if (this.#object) return this.#object
    const { value } = this.stored
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8')
    const object = JSON.parse(text) as KubeObject
    shareOwners(object)
    object.metadata.resourceVersion = String(this.revision)
    return (this.#object = frozen(object))
  }

  as(served: ServedVersion): KubeObject {
    return inVersion(this.object, served)
  }

  json(served: ServedVersion): Buffer {
    return join(this.parts(served))
  }

  /** Without a conversion the stored bytes serve as they are, behind a head with version and resourceVersion. */
  parts(served: ServedVersion): readonly Part[] {
    if (served.fromStorage) return [this.#convert(served)]
    const { alone, stored } = headFor(this.#descriptor, served)
    return this.#behind(alone, stored)
  }

  itemParts(served: ServedVersion): readonly Part[] {
    const { item, type, stored } = headFor(this.#descriptor, served)
    if (!served.fromStorage) return this.#behind(item, stored)
    const whole = this.#convert(served)
    return isTypedItem(served) ? [whole] : ['{', whole.subarray(type.length)]
  }

  /** @param from where in the stored bytes the metadata begins */
  #behind(head: string, from: number): readonly Part[] {
    return [`${head}"resourceVersion":"${this.revision}",`, this.stored.value.subarray(from)]
  }

  #convert(served: ServedVersion): Buffer {
    this.#converted ??= new Map()
    let bytes = this.#converted.get(served)
    if (!bytes) this.#converted.set(served, (bytes = Buffer.from(JSON.stringify(inOrder(this.as(served))))))
    return bytes
  }
}

/** Entries of the caches. Only what a cache holds is remembered, so that history costs its bytes and no more. */
const entries = new WeakMap<StoredValue, StoredEntry>()

/** The one entry of a stored value that a cache holds; of older ones a new entry. */
export function entryOf(stored: StoredValue, descriptor: KindDescriptor): StoredEntry {
  return entries.get(stored) ?? new StoredEntry(stored, descriptor)
}

/** As {@link entryOf}, kept until {@link forgetEntry}. */
export function rememberEntry(stored: StoredValue, descriptor: KindDescriptor): StoredEntry {
  let entry = entries.get(stored)
  if (!entry) entries.set(stored, (entry = new StoredEntry(stored, descriptor, takeDraft(stored.value))))
  return entry
}

/** The cache holds it no more: whoever asks for it again gets one of its own. */
export function forgetEntry({ stored }: StoredEntry): void {
  entries.delete(stored)
}

/** An entry that stands in no store though it might: the result of a dry run, an object that is gone. */
export const plainEntry = (object: KubeObject): Entry => unstored(object, (served) => inVersion(object, served))

/** An entry of what is answered as it is, whatever version was asked in: a scale, a token, an object converted already. */
export const answerEntry = (object: KubeObject): Entry => unstored(object, () => object)

/** What says that something was created which nobody can read. */
export const createdEntry = (): Entry =>
  answerEntry({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {} as KubeObject['metadata'],
    status: 'Success',
    code: 201,
  })

function unstored(object: KubeObject, as: Entry['as']): Entry {
  const json = (served: ServedVersion): Buffer => Buffer.from(JSON.stringify(inOrder(as(served))))
  const itemJson = (served: ServedVersion): Buffer => {
    const { kind: _, apiVersion: __, metadata, ...rest } = as(served)
    return Buffer.from(JSON.stringify({ metadata, ...rest }))
  }
  return {
    object,
    revision: Number(object.metadata?.resourceVersion ?? 0),
    as,
    json,
    parts: (served) => [json(served)],
    itemParts: (served) => [isTypedItem(served) ? json(served) : itemJson(served)],
  }
}
