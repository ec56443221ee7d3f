import type { ApiCall, Transport, WatchCall } from '../../../src-kube/client/transport.ts'
import type { ResourceRef } from '../../../src-kube/kinds/descriptor.ts'
import { copyJson } from '../../../src-kube/machinery/copy-json.ts'
import { StatusError } from '../../../src-kube/machinery/errors.ts'
import { parseFieldSelector } from '../../../src-kube/machinery/fields.ts'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import { parseLabelSelector } from '../../../src-kube/machinery/labels.ts'
import type { KubeObject, WatchEvent } from '../../../src-kube/machinery/meta.ts'
import type { DeleteOptions } from '#types/meta/v1'
import type { UserInfo } from '../admission/admission.ts'
import type { EntryList, ListOptions, Registry, RegistryEvent, Target, WriteOptions } from './registry.ts'

/**
 * The API in the same process: the same verbs, admission and validation as over HTTPS, without bytes in between. What it returns is
 * shared with every other reader: never mutate it.
 */
export function inProcessTransport(registry: Registry, user: UserInfo): Transport {
  const targets = new TargetFinder(registry)
  const manager = managerOf(user)
  const writeOf = (query: Record<string, string> = {}): WriteOptions => ({
    user,
    dryRun: query['dryRun'] === 'All',
    fieldManager: query['fieldManager'] ?? manager,
    fieldValidation: 'Ignore',
    force: query['force'] === 'true',
    warn: () => {},
    silent: true,
  })
  return {
    async request(call: ApiCall): Promise<KubeObject> {
      const target = targets.of(call.resource, call.namespace, call.name, call.subresource)
      const write = writeOf(call.query)
      if (call.verb.startsWith('delete') && (call.body as Partial<DeleteOptions> | undefined)?.dryRun?.includes('All'))
        write.dryRun = true
      return perform(registry, target, call, write)
    },
    async *watch(call: WatchCall): AsyncGenerator<WatchEvent> {
      const target = targets.of(call.resource, call.namespace)
      const query = call.query ?? {}
      const events = await registry.watch(target, {
        ...selectors(query),
        resourceVersion: query['resourceVersion'],
        bookmarks: query['allowWatchBookmarks'] === 'true',
        ...(query['sendInitialEvents'] === undefined
          ? {}
          : { sendInitialEvents: query['sendInitialEvents'] === 'true' }),
        signal: call.signal,
      })
      for await (const batch of events) for (const event of batch) yield wire(event, target)
    },
  }
}

type ServedKind = Pick<Target, 'descriptor' | 'served'>

/** What calls are about, by the names they use; throws 404 where nothing is served. */
class TargetFinder {
  readonly #registry: Registry
  /** By group, version and resource, of these kinds: another array of them is looked through anew. */
  readonly #known = new Map<string, ServedKind>()
  #kinds: Registry['kinds']

  constructor(registry: Registry) {
    this.#registry = registry
    this.#kinds = registry.kinds
  }

  of(resource: ResourceRef, namespace = '', name = '', subresource = ''): Target {
    const key = `${resource.group}/${resource.version}/${resource.resource}`
    if (this.#kinds !== this.#registry.kinds) {
      this.#kinds = this.#registry.kinds
      this.#known.clear()
    }
    let kind = this.#known.get(key)
    if (!kind) this.#known.set(key, (kind = this.#lookUp(resource)))
    if (subresource !== '' && !kind.descriptor.subresources.some(({ name: one }) => one === subresource))
      throw nothingThere()
    return { ...kind, namespace: kind.descriptor.scope === 'Namespaced' ? namespace : '', name, subresource }
  }

  #lookUp({ group, version, resource }: ResourceRef): ServedKind {
    for (const descriptor of this.#kinds) {
      if (descriptor.plural !== resource) continue
      const served = descriptor.served.find((one) => one.group === group && one.version === version)
      if (served) return { descriptor, served }
    }
    throw nothingThere()
  }
}

/** As over HTTPS, where nothing is served at such a path. */
const nothingThere = (): StatusError =>
  new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})

async function perform(registry: Registry, target: Target, call: ApiCall, write: WriteOptions): Promise<KubeObject> {
  const { served } = target
  switch (call.verb) {
    case 'get':
      return (await registry.read(target, { resourceVersion: call.query?.['resourceVersion'] })).as(served)
    case 'list':
      return listObject(await registry.listEntries(target, listOptions(call.query)), target)
    case 'create':
      return (await registry.create(target, copyJson(call.body), write)).as(served)
    case 'update':
      return (await registry.update(target, copyJson(call.body), write)).as(served)
    case 'patch':
      return (
        await registry.patch(
          target,
          call.patchType ?? 'application/merge-patch+json',
          // As it would travel: in a patch, null and absent mean different things, and undefined is absent.
          JSON.parse(JSON.stringify(call.body)),
          write,
        )
      ).as(served)
    case 'delete':
      return (await registry.delete(target, (call.body ?? {}) as Partial<DeleteOptions>, write)).entry.as(served)
    case 'deletecollection':
      return listObject(
        await registry.deleteCollection(
          target,
          listOptions(call.query),
          (call.body ?? {}) as Partial<DeleteOptions>,
          write,
        ),
        target,
      )
  }
}

function selectors(query: Record<string, string>): Pick<ListOptions, 'labels' | 'fields'> {
  return {
    labels: query['labelSelector'] ? parseLabelSelector(query['labelSelector']) : undefined,
    fields: query['fieldSelector'] ? parseFieldSelector(query['fieldSelector']) : undefined,
  }
}

function listOptions(query: Record<string, string> = {}): ListOptions {
  return {
    ...selectors(query),
    limit: query['limit'] ? Number(query['limit']) : undefined,
    continue: query['continue'],
    resourceVersion: query['resourceVersion'],
    resourceVersionMatch: query['resourceVersionMatch'],
  }
}

function listObject(list: EntryList, { descriptor, served }: Target): KubeObject {
  const metadata = {
    resourceVersion: list.resourceVersion,
    ...(list.continue ? { continue: list.continue } : {}),
    ...(list.remainingItemCount ? { remainingItemCount: list.remainingItemCount } : {}),
  } as KubeObject['metadata']
  const items = list.entries.map((entry) => entry.as(served))
  return { kind: descriptor.listKind, apiVersion: formatApiVersion(served.group, served.version), metadata, items }
}

function wire(event: RegistryEvent, { descriptor, served }: Target): WatchEvent {
  if (event.type !== 'BOOKMARK') return { type: event.type, object: event.entry.as(served) }
  const annotations = event.initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
  const metadata = { resourceVersion: String(event.revision), ...annotations } as unknown as KubeObject['metadata']
  return {
    type: 'BOOKMARK',
    object: { kind: descriptor.kind, apiVersion: formatApiVersion(served.group, served.version), metadata },
  }
}

/** Parts of the control plane own fields under their programs' names, as upstream's do: by what their clients call themselves. */
const managerOf = ({ name }: UserInfo): string =>
  name === 'system:apiserver' ? 'kube-apiserver' : name.replace(/^system:(?=kube-)/, '')
