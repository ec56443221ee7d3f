import { CLIENT_SIGNER, KUBELET_CLIENT_SIGNER, KUBELET_SERVING_SIGNER, type ParsedRequest } from './signer.ts'

const optional = ['digital signature', 'key encipherment']

/**
 * Why a signer of the cluster does not sign what a person has approved, in the words of upstream's condition `Failed`; undefined when it
 * does (kubernetes.io, "Certificates and Certificate Signing Requests: Kubernetes signers").
 */
export function refusalOf(signerName: string, request: ParsedRequest, usages: readonly string[]): string | undefined {
  if (signerName === CLIENT_SIGNER) return ofClient(usages)
  if (signerName === KUBELET_CLIENT_SIGNER)
    return ofNode(request) ?? usagesOfNode(usages, 'client auth') ?? name(request)
  if (signerName === KUBELET_SERVING_SIGNER)
    return ofServing(request) ?? usagesOfNode(usages, 'server auth') ?? name(request)
  return undefined
}

function ofClient(usages: readonly string[]): string | undefined {
  const beyond = usages.find((usage) => usage !== 'client auth' && !optional.includes(usage))
  if (beyond !== undefined) return `invalid usage for client certificate: ${beyond}`
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth'
}

const organization = ({ organizations }: ParsedRequest): string | undefined =>
  organizations.length === 1 && organizations[0] === 'system:nodes'
    ? undefined
    : 'subject organization is not system:nodes'

const name = ({ commonName }: ParsedRequest): string | undefined =>
  commonName.startsWith('system:node:') ? undefined : 'subject common name does not begin with system:node:'

function ofNode(request: ParsedRequest): string | undefined {
  const wrong = organization(request)
  if (wrong !== undefined) return wrong
  const { dnsNames, emails, ipAddresses, uris } = request
  if (dnsNames.length > 0) return 'DNS subjectAltNames are not allowed'
  if (emails.length > 0) return 'Email subjectAltNames are not allowed'
  if (ipAddresses.length > 0) return 'IP subjectAltNames are not allowed'
  return uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined
}

function ofServing(request: ParsedRequest): string | undefined {
  const wrong = organization(request)
  if (wrong !== undefined) return wrong
  const { dnsNames, emails, ipAddresses, uris } = request
  if (dnsNames.length + ipAddresses.length === 0) return 'DNS or IP subjectAltName is required'
  if (emails.length > 0) return 'Email subjectAltNames are not allowed'
  return uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined
}

/** A key that is not of RSA enciphers no keys. */
function usagesOfNode(usages: readonly string[], auth: string): string | undefined {
  const needed = [auth, ...optional]
  const fits =
    usages.every((usage) => needed.includes(usage)) &&
    needed.every((usage) => usage === 'key encipherment' || usages.includes(usage))
  return fits ? undefined : `usages did not match [${needed.toSorted().join(' ')}]`
}
