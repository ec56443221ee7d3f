import type { CertificateSigningRequest } from '#types/certificates.k8s.io/v1'
import type { Node } from '#types/core/v1'
import { KUBELET_CLIENT_SIGNER, KUBELET_SERVING_SIGNER, type ParsedRequest } from './signer.ts'

const NODE_PREFIX = 'system:node:'
const NODES_GROUP = 'system:nodes'
const BOOTSTRAPPERS = 'system:bootstrappers'
const clientUsages = ['digital signature', 'key encipherment', 'client auth']
const servingUsages = ['digital signature', 'key encipherment', 'server auth']

/** Whether a request is signed without a person: if not, it may have to wait for its node, or is left to people. */
export type Verdict = { approve: true; message: string } | { approve: false; wait: boolean }

const no: Verdict = { approve: false, wait: false }
const notYet: Verdict = { approve: false, wait: true }

/**
 * Which requests are approved without a person ("Certificate rotation", "TLS bootstrapping"): the first client certificate of a node by
 * a bootstrap token, a node's own renewal, and a node's serving certificate for the names and addresses its Node object has.
 */
export function judge(csr: CertificateSigningRequest, request: ParsedRequest, node: Node | undefined): Verdict {
  const { username = '', groups = [], signerName } = csr.spec
  const nodeName = request.commonName.slice(NODE_PREFIX.length)
  const forNode = request.commonName.startsWith(NODE_PREFIX) && nodeName !== ''
  if (!forNode || request.organizations.length !== 1 || request.organizations[0] !== NODES_GROUP) return no
  const own = username === request.commonName && groups.includes(NODES_GROUP)
  if (signerName === KUBELET_CLIENT_SIGNER) {
    if (!usagesAre(csr, clientUsages) || namesOf(request).length > 0) return no
    if (own)
      return { approve: true, message: 'Auto approving self kubelet client certificate after SubjectAccessReview.' }
    if (groups.includes(BOOTSTRAPPERS))
      return { approve: true, message: 'Auto approving kubelet client certificate after SubjectAccessReview.' }
    return no
  }
  if (signerName !== KUBELET_SERVING_SIGNER || !own || !usagesAre(csr, servingUsages)) return no
  const { dnsNames, ipAddresses, emails, uris } = request
  if (dnsNames.length + ipAddresses.length === 0 || emails.length + uris.length > 0) return no
  const known = new Set([nodeName, ...(node?.status?.addresses ?? []).map(({ address }) => address)])
  if (![...dnsNames, ...ipAddresses].every((name) => known.has(name))) return notYet
  return { approve: true, message: 'Auto approving kubelet serving certificate for addresses of its node.' }
}

function usagesAre(csr: CertificateSigningRequest, allowed: readonly string[]): boolean {
  const usages: readonly string[] = csr.spec.usages ?? []
  const needed = allowed.filter((usage) => usage !== 'key encipherment')
  return usages.every((usage) => allowed.includes(usage)) && needed.every((usage) => usages.includes(usage))
}

function namesOf({ dnsNames, ipAddresses, emails, uris }: ParsedRequest): string[] {
  return [...dnsNames, ...ipAddresses, ...emails, ...uris]
}
