import type { CertificateSigningRequest } from '#types/certificates.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { formatTime, parseTime } from '../../../../src-kube/machinery/time.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { deleteSeen } from '../../../../src-kube/runtime/delete-seen.ts'
import { messageOf } from '../refusal.ts'
import { judge } from './recognise.ts'
import { refusalOf } from './refusal.ts'
import {
  type CertificateSigner,
  decodeBase64,
  encodeBase64,
  hasCondition,
  KUBELET_SERVING_SIGNER,
  signerNames,
} from './signer.ts'

const HOUR = 3_600_000

/** Approves the requests of nodes that {@link judge} recognises; leaves all others to people. */
export function csrApprover(signer: CertificateSigner): AnyController {
  return defineController<CertificateSigningRequest>({
    name: 'certificatesigningrequest-approving-controller',
    for: refs.certificateSigningRequests,
    watches: [
      watching(refs.nodes, ({ metadata }, ctx, old) => {
        if (old) return []
        const waiting = ctx.informer(refs.certificateSigningRequests).list()
        return waiting
          .filter((csr) => csr.spec.username === `system:node:${metadata.name}`)
          .map((csr) => csr.metadata.name)
      }),
    ],
    async reconcile(ctx, csr) {
      if (csr.status?.certificate || hasCondition(csr, 'Approved') || hasCondition(csr, 'Denied')) return done
      if (!signerNames.includes(csr.spec.signerName)) return done
      const request = await parse(signer, csr)
      if (!request) return done
      const node = ctx.informer(refs.nodes).get(request.commonName.replace('system:node:', ''))
      const verdict = judge(csr, request, node)
      if (!verdict.approve) return verdict.wait ? requeueAfter(5_000) : done
      await addCondition(ctx, csr, 'approval', { type: 'Approved', reason: 'AutoApproved', message: verdict.message })
      return done
    },
  })
}

async function parse(signer: CertificateSigner, csr: CertificateSigningRequest) {
  try {
    return await signer.parse(decodeBase64(csr.spec.request))
  } catch {
    // A request that cannot be read is nobody's to approve; the signer reports it once a person approves it.
    return undefined
  }
}

/** Signs approved requests of the signers Kubernetes itself has. */
export function csrSigner(signer: CertificateSigner): AnyController {
  return defineController<CertificateSigningRequest>({
    name: 'certificatesigningrequest-signing-controller',
    for: refs.certificateSigningRequests,
    async reconcile(ctx, csr) {
      const open = hasCondition(csr, 'Approved') && !hasCondition(csr, 'Denied') && !hasCondition(csr, 'Failed')
      if (!open || csr.status?.certificate || !signerNames.includes(csr.spec.signerName)) return done
      const fallback = csr.spec.signerName === KUBELET_SERVING_SIGNER ? 'server auth' : 'client auth'
      const { usages = [fallback], expirationSeconds } = csr.spec
      let certificate: string
      try {
        const requestPem = decodeBase64(csr.spec.request)
        const refusal = refusalOf(csr.spec.signerName, await signer.parse(requestPem), usages)
        if (refusal !== undefined) throw new Error(refusal)
        certificate = await signer.sign({ requestPem, usages, expirationSeconds })
      } catch (error) {
        await addCondition(ctx, csr, 'status', {
          type: 'Failed',
          reason: 'SignerValidationFailure',
          message: messageOf(error),
        })
        return done
      }
      const status = { ...csr.status, certificate: encodeBase64(certificate) }
      await ctx.client.resource(refs.certificateSigningRequests).updateStatus({ ...csr, status })
      return done
    },
  })
}

/** Removes requests that are settled for an hour or open for a day. */
export function csrCleaner(): AnyController {
  return defineController<CertificateSigningRequest>({
    name: 'certificatesigningrequest-cleaner-controller',
    for: refs.certificateSigningRequests,
    async reconcile(ctx, csr) {
      const settled = hasCondition(csr, 'Approved') || hasCondition(csr, 'Denied') || hasCondition(csr, 'Failed')
      const since = settled
        ? Math.max(
            parseTime(csr.metadata.creationTimestamp) ?? 0,
            ...(csr.status?.conditions ?? []).map((c) => parseTime(c.lastUpdateTime) ?? 0),
          )
        : parseTime(csr.metadata.creationTimestamp)
      const left = (since ?? ctx.clock.now()) + (settled ? HOUR : 24 * HOUR) - ctx.clock.now()
      if (left > 0) return requeueAfter(left)
      await deleteSeen(ctx.client, refs.certificateSigningRequests, csr)
      return done
    },
  })
}

async function addCondition(
  ctx: ControllerContext,
  csr: CertificateSigningRequest,
  subresource: 'approval' | 'status',
  given: { type: string; reason: string; message: string },
): Promise<void> {
  const time = formatTime(ctx.clock.now())
  const condition = { ...given, status: 'True', lastUpdateTime: time, lastTransitionTime: time }
  const status = { ...csr.status, conditions: [...(csr.status?.conditions ?? []), condition] }
  const approved: CertificateSigningRequest = { ...csr, status }
  await ctx.client.resource(refs.certificateSigningRequests).updateSubresource(subresource, approved)
}
