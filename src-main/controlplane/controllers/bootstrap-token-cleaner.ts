import type { Secret } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { parseTime } from '../../../src-kube/machinery/time.ts'
import { type AnyController, defineController, done, requeueAfter } from '../../../src-kube/runtime/controller.ts'
import { deleteSeen } from '../../../src-kube/runtime/delete-seen.ts'

/** Deletes bootstrap tokens (secrets in kube-system) once their `expiration` is past; one that is no time is. */
export function bootstrapTokenCleaner(): AnyController {
  return defineController<Secret>({
    name: 'token-cleaner-controller',
    component: 'token-cleaner',
    for: refs.secrets,
    async reconcile(ctx, secret) {
      const { type, data } = secret
      if (type !== 'bootstrap.kubernetes.io/token' || secret.metadata.namespace !== 'kube-system') return done
      if (!data?.['expiration']) return done
      const left = (parseTime(atob(data['expiration'])) ?? 0) - ctx.clock.now()
      if (left > 0) return requeueAfter(left)
      await deleteSeen(ctx.client, refs.secrets, secret)
      return done
    },
  })
}
