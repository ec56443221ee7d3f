import type { FlowSchema } from '#types/flowcontrol.apiserver.k8s.io/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { type AnyController, defineController, done, watching } from '../../../src-kube/runtime/controller.ts'
import { withCondition } from './conditions.ts'

const TYPE = 'Dangling'

/** Says of each flow schema whether the priority level that it leads to is there (kubernetes.io, FlowSchemaStatus). */
export function flowSchemaController(): AnyController {
  return defineController<FlowSchema>({
    name: 'apf-config-consumer',
    for: refs.flowSchemas,
    watches: [
      watching(refs.priorityLevels, ({ metadata }, ctx) =>
        ctx
          .informer(refs.flowSchemas)
          .list()
          .filter((schema) => levelOf(schema) === metadata.name)
          .map((schema) => schema.metadata.name),
      ),
    ],
    async reconcile(ctx, schema) {
      const level = levelOf(schema)
      const found = ctx.informer(refs.priorityLevels).get(level) !== undefined
      const status = found ? 'False' : 'True'
      const before = schema.status?.conditions ?? []
      const old = before.find(({ type }) => type === TYPE)
      const words = found ? 'and it exists' : 'but there is no such object'
      const message = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} ${words}`
      if (old?.status === status && old.message === message) return done
      const draft = { type: TYPE, status, reason: found ? 'Found' : 'NotFound', message }
      const conditions = withCondition(before, draft, formatTime(ctx.clock.now()))
      await ctx.client.resource(refs.flowSchemas).updateStatus({ ...schema, status: { ...schema.status, conditions } })
      return done
    },
  })
}

const levelOf = ({ spec }: FlowSchema): string => spec?.priorityLevelConfiguration?.name ?? ''
