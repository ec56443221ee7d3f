import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { placeParts, placeText } from '../store/slab.ts'
import { textOfOwners } from './owners.ts'
import type { Part } from './parts.ts'

/** What a value is made of on its way to the store. */
export interface Draft {
  readonly object: KubeObject
  /** Where the metadata ends in the value, and then each field behind it, in bytes. Undefined of text beyond ASCII, which is not counted in bytes. */
  readonly ends: readonly number[] | undefined
}

/** A stored object of which it is known where its fields lie. */
export interface Encoded extends Draft {
  readonly stored: { readonly value: Uint8Array }
}

/** Drafts by the bytes they became: the commit finds them here and parses nothing. */
const drafts = new WeakMap<Uint8Array, Draft>()

/** The bytes live on in the history; the object must not. */
export function takeDraft(bytes: Uint8Array): Draft | undefined {
  const draft = drafts.get(bytes)
  if (draft) drafts.delete(bytes)
  return draft
}

const close = new Uint8Array([0x7d])

/**
 * What an object is stored as: kind and version first, so that everything up to the metadata is known, and no resourceVersion.
 * The object belongs to the registry from here on: it becomes the shared one. Fields that are the very values of `before`, the object in whose place it
 * comes, are copied from its bytes: most writes change the metadata or the status alone.
 */
export function encodeForStore(object: KubeObject, before?: Encoded): Buffer {
  const copied: Part[] = []
  let text = textOfHead(object)
  let length = text.length
  const ends = [length]
  for (const name in object) {
    if (isInHead(name)) continue
    const value = object[name]
    const bytes = before && bytesIn(before, name, value)
    const field = bytes ? '' : textOfField(name, value)
    if (field === undefined) continue
    if (bytes) {
      copied.push(text, bytes)
      text = ''
    } else text += field
    length += bytes ? bytes.length : field.length
    ends.push(length)
  }
  const placed =
    copied.length === 0 ? placeText(`${text}}`) : placeParts(text ? [...copied, text, close] : [...copied, close])
  // Kept for as long as the object: a list that has grown has room for sixteen more.
  drafts.set(placed, { object, ends: placed.length === length + 1 ? ends.slice() : undefined })
  return placed
}

const isInHead = (name: string): boolean => name === 'kind' || name === 'apiVersion' || name === 'metadata'

function textOfHead({ kind, apiVersion, metadata }: KubeObject): string {
  const { resourceVersion: _, managedFields, ...kept } = metadata
  const text = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(kept)}`
  return managedFields ? `${text.slice(0, -1)},"managedFields":${textOfOwners(managedFields)}}` : text
}

function textOfField(name: string, value: unknown): string | undefined {
  const text = JSON.stringify(value) as string | undefined
  return text === undefined ? undefined : `,${JSON.stringify(name)}:${text}`
}

/** The bytes of a field, from the comma before it, when it is the same object still. */
function bytesIn({ object, stored, ends }: Encoded, name: string, value: unknown): Uint8Array | undefined {
  if (!ends || typeof value !== 'object' || value !== object[name]) return undefined
  let i = 0
  for (const other in object) {
    if (isInHead(other) || object[other] === undefined) continue
    if (other === name) return stored.value.subarray(ends[i], ends[i + 1])
    i++
  }
  return undefined
}
