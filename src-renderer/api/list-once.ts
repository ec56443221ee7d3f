import type { ResourceRef } from '../../src-kube/kinds/descriptor.ts'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import { scopeOf } from '../namespaces/known-scopes.ts'
import { pathOf, type Kube } from './kube.ts'

/** Which form of a list is asked for; the clock is for tests. */
export interface ListOnceOptions {
  accept?: string
  query?: Record<string, string>
  /** Milliseconds since the epoch. */
  now?: () => number
}

/** Milliseconds for which a refusal of the whole cluster is remembered: some ask every few seconds. */
const remembered = 300_000
/** Until when the whole of a resource need not be asked for, by cluster and resource. */
const refused = new Map<string, number>()

/**
 * What there is of a namespaced resource now, unwatched: of the whole cluster, or where that may not be read of the namespaces of its scope
 * that may. Throws when nothing of it may be read.
 */
export function listOnce<Item>(
  kube: Kube,
  ref: Pick<ResourceRef, 'group' | 'version' | 'resource'>,
  { accept, query, now }: ListOnceOptions = {},
): Promise<Item[]> {
  const listIn = async (namespace?: string): Promise<Item[]> =>
    (await kube.get<{ items: Item[] }>(pathOf(ref, { namespace, query }), accept)).items
  return listWherePermitted(kube.cluster, ref, listIn, now)
}

/** As {@link listOnce}, whatever `listIn` reads of a namespace, or of undefined for the whole cluster. */
export async function listWherePermitted<Item>(
  cluster: string,
  { group, resource }: Pick<ResourceRef, 'group' | 'resource'>,
  listIn: (namespace?: string) => Promise<Item[]>,
  now: () => number = Date.now,
): Promise<Item[]> {
  const { names, only } = scopeOf(cluster)
  const key = `${cluster} ${group} ${resource}`
  if (!only.value && now() >= (refused.get(key) ?? 0)) {
    try {
      return await listIn()
    } catch (error) {
      if (!isRefusal(error) || names.value.length === 0) throw error
      refused.set(key, now() + remembered)
    }
  }
  const answers = await Promise.allSettled(names.value.map(listIn))
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  const failed = answers.find((answer) => answer.status === 'rejected')
  if (failed && found.length === 0) throw failed.reason
  return found.flat()
}

const isRefusal = (error: unknown): boolean => error instanceof StatusError && error.code === 403
