import type { CertificateSigningRequest } from '#types/certificates.k8s.io/v1'
import { humanDuration } from '../../machinery/duration.ts'
import { age, ageColumn, nameColumn, NONE, text } from '../cells.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'

export const certificateSigningRequest = defineKind<CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  shortNames: ['csr'],
  cluster: true,
  status: true,
  subresources: [{ name: 'approval', kind: 'CertificateSigningRequest', verbs: ['get', 'patch', 'update'] }],
  others: [
    otherVersion<CertificateSigningRequest, CertificateSigningRequest>({
      group: 'certificates.k8s.io',
      version: 'v1beta1',
      deprecated: deprecated('1.19', '1.22', 'certificates.k8s.io/v1 CertificateSigningRequest'),
      defaults: ({ spec }) => {
        if (!spec) return
        spec.signerName ||= 'kubernetes.io/legacy-unknown'
        if (!spec.usages || spec.usages.length === 0)
          Object.assign(spec, { usages: ['digital signature', 'key encipherment'] })
      },
    }),
  ],
  columns: [nameColumn, ageColumn, text('SignerName'), text('Requestor'), text('RequestedDuration'), text('Condition')],
  row: (o, now) => [
    o.metadata.name,
    age(o, now),
    o.spec.signerName || NONE,
    o.spec.username ?? '',
    o.spec.expirationSeconds === undefined ? NONE : humanDuration(o.spec.expirationSeconds * 1000),
    condition(o),
  ],
  selectableFields: { 'spec.signerName': (o) => o.spec.signerName ?? '' },
})

function condition({ status }: CertificateSigningRequest): string {
  const has = (type: string) => status?.conditions?.some((c) => c.type === type) ?? false
  const words: string[] = []
  if (has('Approved')) words.push('Approved')
  else if (has('Denied')) words.push('Denied')
  else words.push('Pending')
  if (has('Failed')) words.push('Failed')
  if (status?.certificate) words.push('Issued')
  return words.join(',')
}
