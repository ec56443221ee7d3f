import type { ClusterTrustBundle } from '#types/certificates.k8s.io/v1beta1'
import { NONE, nameColumn, text } from '../cells.ts'
import { defineKind } from '../define.ts'

/** Whom to trust, for everyone in the cluster (kubernetes.io, "Cluster trust bundles"; KEP-3257). */
export const clusterTrustBundle = defineKind<ClusterTrustBundle>({
  group: 'certificates.k8s.io',
  version: 'v1beta1',
  kind: 'ClusterTrustBundle',
  plural: 'clustertrustbundles',
  cluster: true,
  columns: [nameColumn, text('SignerName')],
  row: (o) => [o.metadata.name, o.spec.signerName || NONE],
  selectableFields: { 'spec.signerName': (o) => o.spec.signerName ?? '' },
})
