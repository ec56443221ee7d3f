import { refs } from '../../../src-kube/client/refs.ts'
import { isAlreadyExists } from '../../../src-kube/machinery/errors.ts'
import { type AnyController, defineController, done, watching } from '../../../src-kube/runtime/controller.ts'
import { namespaceEnds } from './refusal.ts'

/** Sees to it that every active namespace has a service account `default`, as "Managing service accounts" describes. */
export function serviceAccountController(): AnyController {
  return defineController({
    name: 'serviceaccount-controller',
    for: refs.namespaces,
    watches: [
      watching(refs.serviceAccounts, ({ metadata }) =>
        metadata.name === 'default' && metadata.namespace ? [metadata.namespace] : [],
      ),
    ],
    async reconcile(ctx, namespace) {
      const name = namespace.metadata.name
      if (namespace.metadata.deletionTimestamp || namespace.status?.phase === 'Terminating') return done
      if (ctx.informer(refs.serviceAccounts).get(`${name}/default`)) return done
      try {
        await ctx.client.resource(refs.serviceAccounts).create({
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'default', namespace: name },
        })
      } catch (error) {
        if (!isAlreadyExists(error) && !namespaceEnds(error)) throw error
      }
      return done
    },
  })
}
