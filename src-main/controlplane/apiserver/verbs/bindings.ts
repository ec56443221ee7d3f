import { badRequest } from '../../../../src-kube/machinery/errors.ts'
import type { VirtualResource } from '../discovery.ts'
import { decodeBody, readBody } from '../http/exchange.ts'
import { sendEntry } from './read.ts'
import type { VerbContext } from './context.ts'
import { writeOptionsOf } from './write-options.ts'

/** `POST namespaces/<namespace>/bindings`: the older form of `pods/<name>/binding`, which names the pod in its body. */
export const bindingResource: VirtualResource = {
  group: '',
  version: 'v1',
  plural: 'bindings',
  kind: 'Binding',
  namespaced: true,
}

/** @param context of the pod resource, its target without a name. */
export async function createBinding(context: VerbContext): Promise<void> {
  const { exchange, registry, target } = context
  const body = decodeBody(await readBody(exchange.request), exchange.header('content-type'))
  const { name } = (body as { metadata?: { name?: string } } | undefined)?.metadata ?? {}
  if (!name) throw badRequest('Name parameter required.')
  sendEntry(
    context,
    201,
    await registry.create({ ...target, name, subresource: 'binding' }, body, writeOptionsOf(context)),
  )
}
