import type { ClusterTrustBundle, PodCertificateRequest } from '#types/certificates.k8s.io/v1beta1'
import { forbidden } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionPlugin, UserInfo } from '../admission.ts'
import { refusalName } from '../refusal-name.ts'
import type { HeldAccess } from './rbac-escalation.ts'

const GROUP = 'certificates.k8s.io'
const quoted = (text: string): string => JSON.stringify(text)

/** May the user do this for the signer, or for all signers of its domain? */
async function mayFor(held: HeldAccess, user: UserInfo, verb: string, signer: string): Promise<boolean> {
  const domain = `${signer.slice(0, signer.indexOf('/'))}/*`
  for (const name of [signer, domain])
    if (await held.may(user, { verb, group: GROUP, resource: 'signers', namespace: '', name })) return true
  return false
}

/** Writers of a signer's trust bundles need the right to `attest` for it (kubernetes.io, "Admission Controllers Reference: ClusterTrustBundleAttest"). */
export function clusterTrustBundleAttest(held: HeldAccess): AdmissionPlugin {
  return {
    name: 'ClusterTrustBundleAttest',
    resources: [`clustertrustbundles.${GROUP}`],
    handles: ({ operation, subresource }) => subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
    async validate(attributes) {
      const { user, object, oldObject } = attributes
      const { spec } = object as ClusterTrustBundle
      const before = (oldObject as ClusterTrustBundle | undefined)?.spec
      const { signerName = '' } = spec
      if (signerName === '' || before?.trustBundle === spec.trustBundle) return
      if (await mayFor(held, user, 'attest', signerName)) return
      throw forbidden(
        { group: GROUP, resource: 'clustertrustbundles' },
        refusalName(attributes),
        `user not permitted to attest for signerName ${quoted(signerName)}`,
      )
    },
  }
}

/** Whoever settles pods' requests for certificates needs the right to `sign` for their signer (KEP-4317). */
export function podCertificateSigning(held: HeldAccess): AdmissionPlugin {
  return {
    name: 'PodCertificateSigning',
    resources: [`podcertificaterequests.${GROUP}`],
    handles: ({ operation, subresource }) => operation === 'UPDATE' && subresource === 'status',
    async validate(attributes) {
      const { user, oldObject } = attributes
      const { signerName } = (oldObject as PodCertificateRequest).spec
      if (await mayFor(held, user, 'sign', signerName)) return
      throw forbidden(
        { group: GROUP, resource: 'podcertificaterequests' },
        refusalName(attributes),
        `User ${quoted(user.name)} is not permitted to "sign" for signer ${quoted(signerName)}`,
      )
    },
  }
}
