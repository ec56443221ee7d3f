/** Evictions until every pod was let go: a disruption budget that says no is asked again. */
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf, type Kube } from '../api/kube.ts'

/** Asks once for a pod to be evicted. The uid guards against evicting a namesake that came in between. Rejects with the server's refusal. */
export async function sendEviction(
  kube: Kube,
  { metadata: { name, namespace, uid } }: { metadata: Pick<KubeObject['metadata'], 'name' | 'namespace' | 'uid'> },
): Promise<void> {
  const path = pathOf({ group: '', version: 'v1', resource: 'pods' }, { namespace, name, subresource: 'eviction' })
  await kube.send('POST', path, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: { preconditions: { uid } },
  })
}

/** How a pod fares: not asked yet, on its way, kept back by a budget, refused for good, or no more. */
export interface Eviction {
  state: 'waiting' | 'leaving' | 'blocked' | 'refused' | 'gone'
  /** The server's own: which budget, and why. */
  words: string
}

/** How pods are asked to leave, and who hears how each fares. */
export interface EvictOptions<Pod> {
  /** Asks the server once; rejects with its refusal. */
  evict(pod: Pod): Promise<void>
  told(pod: Pod, eviction: Eviction): void
  /** Ends it between two questions: what was let go leaves all the same. */
  signal: AbortSignal
  /** Resolves after so many milliseconds, or when the signal aborts. */
  pause?(milliseconds: number, signal: AbortSignal): Promise<void>
}

/** Milliseconds between two questions for a pod whose budget said no. */
const again = 5000

/** Resolves when no pod is left to ask for, or the signal aborts. Failures are told of, never thrown. */
export async function evictAll<Pod>(pods: readonly Pod[], options: EvictOptions<Pod>): Promise<void> {
  await Promise.all(pods.map((pod) => evictOne(pod, options)))
}

async function evictOne<Pod>(pod: Pod, { evict, told, signal, pause = rest }: EvictOptions<Pod>): Promise<void> {
  while (!signal.aborted) {
    try {
      await evict(pod)
      return told(pod, { state: 'leaving', words: '' })
    } catch (error) {
      if (!isBudget(error)) return told(pod, endOf(error))
      told(pod, { state: 'blocked', words: wordsOf(error) })
    }
    await pause(again, signal)
  }
}

const isBudget = (error: unknown): error is StatusError => error instanceof StatusError && error.code === 429

/** It is gone, or another of its name stands there; anything else is a refusal. */
function endOf(error: unknown): Eviction {
  if (error instanceof StatusError && (error.code === 404 || error.code === 409)) return { state: 'gone', words: '' }
  return { state: 'refused', words: error instanceof Error ? error.message : String(error) }
}

/** What the server says of a refusal: the budget, where it names one. */
export const wordsOf = (error: StatusError): string =>
  (error.details?.causes ?? []).flatMap(({ message }) => message ?? []).join(' ') || error.message

const rest = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) return done()
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
    function end(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      done()
    }
  })
