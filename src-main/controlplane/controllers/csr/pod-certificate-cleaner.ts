import type { PodCertificateRequest } from '#types/certificates.k8s.io/v1beta1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import { type AnyController, defineController, done, requeueAfter } from '../../../../src-kube/runtime/controller.ts'

/** Milliseconds that a request is kept, whatever has become of it: a kubelet that still waits then asks anew (KEP-4317). */
const KEPT = 15 * 60_000

/** Removes requests of pods for certificates, of which each renewal makes another. */
export function podCertificateRequestCleaner(): AnyController {
  return defineController<PodCertificateRequest>({
    name: 'podcertificaterequest-cleaner-controller',
    for: refs.podCertificateRequests,
    async reconcile(ctx, { metadata }) {
      const now = ctx.clock.now()
      const left = (parseTime(metadata.creationTimestamp) ?? now) + KEPT - now
      if (left > 0) return requeueAfter(left)
      const { name, namespace, uid } = metadata
      try {
        await ctx.client.resource(refs.podCertificateRequests).delete(name, namespace, { preconditions: { uid } })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
      return done
    },
  })
}
