import type { CertificateSigningRequest } from '#types/certificates.k8s.io/v1'

/** Signers of the cluster (kubernetes.io, "Certificates and Certificate Signing Requests: Kubernetes signers"). */
export const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client'
export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet'
export const KUBELET_SERVING_SIGNER = 'kubernetes.io/kubelet-serving'
/** Signers whose requests are signed here; others' are left to them. */
export const signerNames: readonly string[] = [CLIENT_SIGNER, KUBELET_CLIENT_SIGNER, KUBELET_SERVING_SIGNER]

/** What a PKCS#10 request asks for. */
export interface ParsedRequest {
  commonName: string
  organizations: string[]
  dnsNames: string[]
  ipAddresses: string[]
  emails: string[]
  uris: string[]
}

/** The certificate authority, as these controllers need it; they know neither keys nor ASN.1. */
export interface CertificateSigner {
  /** Reads and verifies a PEM request; throws when it is none. */
  parse(requestPem: string): Promise<ParsedRequest>
  /** Signs a request for the usages and at most the seconds given; answers a PEM chain. */
  sign(request: {
    requestPem: string
    usages: readonly string[]
    expirationSeconds: number | undefined
  }): Promise<string>
}

/** `spec.request` and `status.certificate` travel as base64. */
export function decodeBase64(text: string): string {
  return atob(text)
}

/** Of text in ASCII, as PEM is; throws for anything beyond Latin-1. */
export function encodeBase64(text: string): string {
  return btoa(text)
}

/** Whether it is so; a condition that is `False` is none. */
export function hasCondition(csr: CertificateSigningRequest, type: string): boolean {
  return csr.status?.conditions?.some((condition) => condition.type === type && condition.status !== 'False') ?? false
}
