import type { ParsedRequest } from '../signer.ts'

/** What the kubelet of `n1` asks for. */
export const request = (more: Partial<ParsedRequest> = {}): ParsedRequest => ({
  commonName: 'system:node:n1',
  organizations: ['system:nodes'],
  dnsNames: [],
  ipAddresses: [],
  emails: [],
  uris: [],
  ...more,
})
