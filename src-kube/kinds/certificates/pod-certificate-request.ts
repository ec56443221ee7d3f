import type { PodCertificateRequest } from '#types/certificates.k8s.io/v1beta1'
import { nameColumn, text } from '../cells.ts'
import { defineKind } from '../define.ts'

const DAY = 86_400

/** A kubelet's wish for a certificate for one of its pods (kubernetes.io, "Pod certificate requests"; KEP-4317). */
export const podCertificateRequest = defineKind<PodCertificateRequest>({
  group: 'certificates.k8s.io',
  version: 'v1beta1',
  kind: 'PodCertificateRequest',
  plural: 'podcertificaterequests',
  status: true,
  columns: [
    nameColumn,
    text('PodName'),
    text('ServiceAccountName'),
    text('NodeName'),
    text('SignerName'),
    text('State'),
  ],
  row: ({ metadata, spec, status }) => [
    metadata.name,
    spec.podName ?? '',
    spec.serviceAccountName ?? '',
    spec.nodeName ?? '',
    spec.signerName ?? '',
    status?.conditions?.[0]?.type ?? 'Pending',
  ],
  defaults: ({ spec }) => {
    if (spec) spec.maxExpirationSeconds ??= DAY
  },
  selectableFields: {
    'spec.signerName': ({ spec }) => spec.signerName ?? '',
    'spec.podName': ({ spec }) => spec.podName ?? '',
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
  },
})
