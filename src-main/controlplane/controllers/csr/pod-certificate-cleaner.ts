import type { PodCertificateRequest } from '#types/certificates.k8s.io/v1beta1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import { type AnyController, defineController, done, requeueAfter } from '../../../../src-kube/runtime/controller.ts'
import { deleteSeen } from '../../../../src-kube/runtime/delete-seen.ts'

/** Milliseconds that a request is kept, whatever has become of it: a kubelet that still waits then asks anew (KEP-4317). */
const KEPT = 15 * 60_000

/** Removes requests of pods for certificates, of which each renewal makes another. */
export function podCertificateRequestCleaner(): AnyController {
  return defineController<PodCertificateRequest>({
    name: 'podcertificaterequest-cleaner-controller',
    for: refs.podCertificateRequests,
    async reconcile(ctx, request) {
      const now = ctx.clock.now()
      const left = (parseTime(request.metadata.creationTimestamp) ?? now) + KEPT - now
      if (left > 0) return requeueAfter(left)
      await deleteSeen(ctx.client, refs.podCertificateRequests, request)
      return done
    },
  })
}
