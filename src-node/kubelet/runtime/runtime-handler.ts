import type { Pod } from '#types/core/v1'
import type { RuntimeClass } from '#types/node.k8s.io/v1'
import type { Client, TypedRef } from '../../../src-kube/client/typed-client.ts'
import { isNotFound } from '../../../src-kube/machinery/errors.ts'

const runtimeClasses: TypedRef<RuntimeClass> = {
  group: 'node.k8s.io',
  version: 'v1',
  resource: 'runtimeclasses',
  kind: 'RuntimeClass',
  namespaced: false,
}
/** Names of whatever runtime the engine uses of itself, as upstream's Docker shim and its users have called it. */
const own = new Set(['', 'docker'])

/**
 * Which of the engine's runtimes a pod asks for by its class; undefined for the usual one (kubernetes.io, "Runtime Class"). Throws in
 * upstream's words when the class is gone; that the engine lacks the runtime is told by the engine.
 */
export async function runtimeHandler(client: Client, { spec }: Pod): Promise<string | undefined> {
  const { runtimeClassName: name } = spec
  if (!name) return undefined
  try {
    const { handler } = await client.resource(runtimeClasses).get(name)
    return own.has(handler) ? undefined : handler
  } catch (error) {
    if (isNotFound(error)) throw new Error(`RuntimeClass "${name}" not found`, { cause: error })
    throw error
  }
}
