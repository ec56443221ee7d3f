import type { Service } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { TypedRef } from '../../../src-kube/client/typed-client.ts'
import { ownEndpoints, ownService, OWN_SERVICE_NAME, ownSlice } from '../../../src-kube/kinds/core/server-service.ts'
import { isAlreadyExists } from '../../../src-kube/machinery/errors.ts'
import { type Draft, objectKey, type ObjectLike } from '../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../src-kube/runtime/controller.ts'
import { equal } from './equal.ts'

/** Where the service `kubernetes` in `default` leads. */
export interface OwnServiceOptions {
  port: number
  /** Where pods reach this server; undefined where pods use another server, whose endpoints are left alone. */
  address: string | undefined
}

const KEY = `default/${OWN_SERVICE_NAME}`
const own = (object: ObjectLike): string[] => (objectKey(object) === KEY ? [KEY] : [])

/**
 * Keeps the service `kubernetes` and what stands behind it, which kube-apiserver does upstream: what somebody deletes comes back (`kubectl delete
 * service --all`), and endpoints are always this server's. The service's own fields are people's.
 */
export function ownServiceController({ address, port }: OwnServiceOptions): AnyController {
  const behind = address === undefined ? undefined : { address, port }
  return defineController<Service>({
    name: 'kubernetes-service-controller',
    for: refs.services,
    watches: [watching(refs.endpoints, own), watching(refs.endpointSlices, own)],
    synced: (ctx) => ctx.enqueue(KEY),
    async reconcile(ctx, _service, key) {
      if (key !== KEY || !behind) return done
      await keep(ctx, refs.endpoints, ownEndpoints(behind), ['subsets'])
      await keep(ctx, refs.endpointSlices, ownSlice(behind), ['endpoints', 'ports'])
      return done
    },
    async gone(ctx, key) {
      if (key === KEY) await create(ctx, refs.services, ownService({ port }))
    },
  })
}

/** Creates what is not there, and sets fields right that differ. */
async function keep<T extends ObjectLike>(
  ctx: ControllerContext,
  ref: TypedRef<T>,
  wanted: Draft<T>,
  fields: ReadonlyArray<Exclude<keyof T, 'metadata'>>,
): Promise<void> {
  const present = ctx.informer(ref).get(KEY)
  if (!present) return create(ctx, ref, wanted)
  const differing = fields.filter((field) => !equal(present[field], wanted[field]))
  if (differing.length === 0) return
  const right = Object.fromEntries(differing.map((field) => [field, wanted[field]]))
  await ctx.client.resource(ref).update({ ...present, ...right })
}

async function create<T extends ObjectLike>(ctx: ControllerContext, ref: TypedRef<T>, wanted: Draft<T>): Promise<void> {
  try {
    await ctx.client.resource(ref).create(wanted)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}
