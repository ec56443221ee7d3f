import type { KubeObject } from '../../../src-kube/machinery/meta.ts'

/** A write of the fake API server, as its watchers were told of it. */
export interface Written {
  revision: number
  plural: string
  line: string
  /** Milliseconds since the epoch. */
  time: number
}

interface Answer {
  code: number
  body: object
}

interface Event {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: KubeObject
}

const eventOf = ({ line }: Written): Event => JSON.parse(line) as Event
const refusal = (code: number, reason: string, message: string): Answer => ({
  code,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message, code },
})

/** The objects of a resource at a revision. */
export function objectsAt(written: readonly Written[], plural: string, revision: number): KubeObject[] {
  const objects = new Map<string, KubeObject>()
  for (const write of written) {
    if (write.plural !== plural || write.revision > revision) continue
    const { type, object } = eventOf(write)
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
    if (type === 'DELETED') objects.delete(key)
    else objects.set(key, object)
  }
  return [...objects.values()]
}

/** What our own API server answers below `/debug/history`; undefined for other paths. */
export function answerPast(written: readonly Written[], url: URL): Answer | undefined {
  if (url.pathname === '/debug/history') return momentsOf(written, url.searchParams.get('at'))
  const collection = /^\/debug\/history\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)\/([^/]+)$/.exec(url.pathname)
  if (collection) return { code: 200, body: { deleted: deletionsOf(written, collection[1]!) } }
  const object = /^\/debug\/history\/.*?(?:\/namespaces\/([^/]+))?\/([^/]+)\/([^/]+)$/.exec(url.pathname)
  if (!object) return undefined
  const [, namespace, plural, name] = object
  const before = Number(url.searchParams.get('before') ?? Infinity)
  const found = written
    .map((write) => ({ write, event: eventOf(write) }))
    .filter(
      ({ write, event: { object: one } }) =>
        write.plural === plural &&
        write.revision < before &&
        one.metadata.name === name &&
        one.metadata.namespace === namespace,
    )
    .reverse()
  if (found.length === 0) return refusal(404, 'NotFound', `${plural} "${name}" not found`)
  const limit = Number(url.searchParams.get('limit') ?? 100)
  const revisions = found.slice(0, limit).map(({ write, event }) => ({
    type: event.type === 'DELETED' ? 'delete' : 'put',
    resourceVersion: String(write.revision),
    time: write.time,
    object: event.object,
  }))
  return { code: 200, body: { revisions, more: found.length > limit } }
}

function deletionsOf(written: readonly Written[], plural: string): object[] {
  const there = new Set(
    objectsAt(written, plural, Infinity).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
  )
  return written.flatMap((write) => {
    if (write.plural !== plural) return []
    const { type, object } = eventOf(write)
    const { namespace, name, resourceVersion } = object.metadata
    if (type !== 'DELETED' || there.has(`${namespace}/${name}`)) return []
    return [{ ...(namespace ? { namespace } : {}), name, resourceVersion, time: write.time }]
  })
}

function momentsOf(written: readonly Written[], at: string | null): Answer {
  const told = ({ revision, time }: Written) => ({ resourceVersion: String(revision), time })
  const [first, last] = [written[0], written.at(-1)]
  if (!first || !last) return refusal(404, 'NotFound', 'nothing has been written to this cluster yet')
  const bounds = { begins: told(first), now: told(last) }
  if (at === null) return { code: 200, body: bounds }
  const found = written.findLast(({ time }) => time <= Date.parse(at))
  if (!found) return refusal(410, 'Expired', `The cluster cannot be shown as it was at ${at}.`)
  return { code: 200, body: { ...bounds, at: told(found) } }
}
