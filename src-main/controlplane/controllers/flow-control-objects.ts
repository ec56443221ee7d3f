import type { ObjectLike } from '../../../src-kube/machinery/meta.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import type { TypedRef } from '../../../src-kube/client/typed-client.ts'
import {
  flowControlObjects,
  type FlowControlObject,
  mandatoryObjects,
} from '../../../src-kube/kinds/flowcontrol/initial-objects.ts'
import { isAlreadyExists, isNotFound } from '../../../src-kube/machinery/errors.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
} from '../../../src-kube/runtime/controller.ts'
import { equal } from './equal.ts'

const AUTOUPDATE = 'apf.kubernetes.io/autoupdate-spec'

type Kept = ObjectLike & { spec?: object }

/**
 * Keep the mandatory and suggested objects of API Priority and Fairness (kubernetes.io, "Maintenance of the Mandatory and Suggested
 * Configuration Objects"): what is deleted comes back; a mandatory one always has its spec; a suggested one has it unless its annotation says
 * that people keep it, and what is annotated but no longer suggested goes.
 */
export function flowControlObjectControllers(): AnyController[] {
  return [
    keeper(refs.flowSchemas as TypedRef<Kept>, 'schemas'),
    keeper(refs.priorityLevels as TypedRef<Kept>, 'levels'),
  ]
}

function keeper(ref: TypedRef<Kept>, mandatory: 'schemas' | 'levels'): AnyController {
  const all = flowControlObjects().filter(({ kind }) => kind === ref.kind)
  const wanted = new Map(all.map((object) => [object.metadata.name, object]))
  const fixed = new Set(mandatoryObjects()[mandatory].map(({ metadata }) => metadata.name))
  return defineController<Kept>({
    name: `apf-config-producer-${ref.resource}`,
    for: ref,
    synced: (ctx) => {
      for (const name of wanted.keys()) ctx.enqueue(name)
    },
    async reconcile(ctx, object) {
      const { name } = object.metadata
      const want = wanted.get(name)
      const next = want && kept(object, want, { isMandatory: fixed.has(name) })
      if (next) await ctx.client.resource(ref).update(next)
      if (!want && object.metadata.annotations?.[AUTOUPDATE] === 'true') await drop(ctx, ref, object)
      return done
    },
    async gone(ctx, name) {
      const want = wanted.get(name)
      if (!want) return
      try {
        await ctx.client.resource(ref).create(structuredClone(want) as Kept)
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
      }
    },
  })
}

/** The object as it should be: ours to renew, or people's to change, in which case a mandatory one still keeps its spec. Undefined when it is so already. */
function kept(object: Kept, want: FlowControlObject, { isMandatory }: { isMandatory: boolean }): Kept | undefined {
  const { annotations = {}, generation } = object.metadata
  const said = annotations[AUTOUPDATE]
  // A spec that was changed before there was an annotation was changed on purpose.
  const ours = said === 'true' || (said !== 'false' && generation === 1)
  const spec = ours ? want.spec : isMandatory ? withOwnShares(want.spec, object.spec) : (object.spec ?? {})
  const value = String(ours)
  if (said === value && equal(spec, object.spec)) return undefined
  const metadata = { ...object.metadata, annotations: { ...annotations, [AUTOUPDATE]: value } }
  return { ...object, metadata, spec }
}

/** The level `exempt` leaves its share of the seats to people. */
function withOwnShares(want: object, present: object | undefined): object {
  const exempt = (present as { exempt?: object } | undefined)?.exempt
  return 'exempt' in want && exempt ? { ...want, exempt } : want
}

async function drop(ctx: ControllerContext, ref: TypedRef<Kept>, { metadata }: Kept): Promise<void> {
  const { name, uid, resourceVersion } = metadata
  try {
    await ctx.client.resource(ref).delete(name, '', { preconditions: { uid, resourceVersion } })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
