import { shallowRef, triggerRef, type ShallowRef } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { noteLastWrite } from './last-write.ts'

export const keyOf = ({ metadata }: KubeObject): string =>
  metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name

/** Objects by `namespace/name`, in one Map whose identity never changes; it is triggered once for all changes of a frame. */
export interface LiveMap {
  readonly objects: ShallowRef<ReadonlyMap<string, KubeObject>>
  /** When a key came after the first listing. */
  readonly cameAt: ReadonlyMap<string, number>
  /** The objects of a namespace, or without one all of them. */
  part(namespace?: string): LivePart
  /** What is of no other namespace than these stays; the rest goes at once. */
  keepOnly(namespaces: readonly string[]): void
}

/** What a list and its watch know of their part of a map. */
export interface LivePart {
  isEmpty(): boolean
  /** An object, or none, stands for the key from the next frame on. */
  put(key: string, object: KubeObject | undefined): void
  /** Objects that are listed: what is new or another revision is there at once. */
  add(listed: readonly KubeObject[]): void
  /** These and no others, at once. */
  replace(listed: readonly KubeObject[]): void
  /** Nothing has come so far. */
  settle(): void
}

/** The namespace of what is in one; of a Namespace, which is listed as a part of itself, its own name. */
const namespaceOf = (key: string): string => key.split('/', 1)[0]!

/** Who owns which field is half of many an object, and no list shows it: ten thousand would cost a hundred megabytes. */
function withoutOwners(object: KubeObject): KubeObject {
  if (!object.metadata.managedFields) return object
  const { managedFields: _, ...metadata } = object.metadata
  const kept = { ...object, metadata }
  noteLastWrite(object, kept)
  return kept
}

/** An empty map. Changes are applied together, when `schedule` runs them; `now` in milliseconds. */
export function createLiveMap(schedule: (apply: () => void) => void, now: () => number): LiveMap {
  const map = new Map<string, KubeObject>()
  const objects = shallowRef<ReadonlyMap<string, KubeObject>>(map)
  const cameAt = new Map<string, number>()
  let waiting = new Map<string, KubeObject | undefined>()
  let isScheduled = false

  function apply(): void {
    const at = now()
    for (const [key, object] of waiting) {
      if (!object) cameAt.delete(key)
      else if (!map.has(key)) cameAt.set(key, at)
      if (object) map.set(key, withoutOwners(object))
      else map.delete(key)
    }
    waiting = new Map()
    triggerRef(objects)
  }
  function put(key: string, object: KubeObject | undefined): void {
    waiting.set(key, object)
    if (isScheduled) return
    isScheduled = true
    schedule(() => {
      isScheduled = false
      apply()
    })
  }
  function add(listed: readonly KubeObject[]): void {
    for (const object of listed) {
      const key = keyOf(object)
      if (map.get(key)?.metadata.resourceVersion !== object.metadata.resourceVersion) waiting.set(key, object)
    }
    apply()
  }
  return {
    objects,
    cameAt,
    part: (namespace) => partOf({ map, cameAt, waiting: () => waiting, put, add }, namespace),
    keepOnly(namespaces) {
      for (const key of map.keys()) if (!namespaces.includes(namespaceOf(key))) waiting.set(key, undefined)
      apply()
    },
  }
}

/** What a part needs of its map. */
interface Whole extends Pick<LivePart, 'put' | 'add'> {
  map: ReadonlyMap<string, KubeObject>
  cameAt: Map<string, number>
  /** What is to stand from the next frame on. */
  waiting(): Map<string, KubeObject | undefined>
}

function partOf({ map, cameAt, waiting, put, add }: Whole, namespace: string | undefined): LivePart {
  const isMine = (key: string): boolean => namespace === undefined || namespaceOf(key) === namespace
  const mine = (keys: Iterable<string>): string[] => [...keys].filter(isMine)
  return {
    isEmpty: () => (namespace === undefined ? map.size === 0 : mine(map.keys()).length === 0),
    put,
    add,
    replace(listed) {
      const keys = new Set(listed.map(keyOf))
      for (const key of mine(map.keys())) if (!keys.has(key)) waiting().set(key, undefined)
      add(listed)
    },
    settle: () => mine(cameAt.keys()).forEach((key) => cameAt.delete(key)),
  }
}
