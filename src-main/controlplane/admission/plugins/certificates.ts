import type { CertificateSigningRequest } from '#types/certificates.k8s.io/v1'
import { forbidden } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.ts'
import { refusalName } from '../refusal-name.ts'
import type { HeldAccess } from './rbac-escalation.ts'

const GROUP = 'certificates.k8s.io'
const resource = { group: GROUP, resource: 'certificatesigningrequests' }
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client'
/** DER of the attribute `organizationName` (2.5.4.10) and of the text that follows it, in each of its string types. */
const organization = Buffer.from([0x06, 0x03, 0x55, 0x04, 0x0a])
const masters = Buffer.from('system:masters')

const signerOf = (attributes: AdmissionAttributes): string =>
  ((attributes.oldObject ?? attributes.object) as CertificateSigningRequest).spec.signerName

/**
 * Who approves requests for a signer may `approve` it, who puts the certificate in may `sign` it
 * (kubernetes.io, "Admission Controllers Reference: CertificateApproval, CertificateSigning").
 */
export function certificateAccess(held: HeldAccess): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    resources: [`${resource.resource}.${GROUP}`],
    handles: ({ operation, subresource }) =>
      operation === 'UPDATE' && (subresource === 'approval' || subresource === 'status'),
    async validate(attributes) {
      const { subresource, user, object, oldObject } = attributes
      const verb = subresource === 'approval' ? 'approve' : 'sign'
      const certificate = (one: object | undefined) =>
        (one as CertificateSigningRequest | undefined)?.status?.certificate
      if (verb === 'sign' && certificate(object) === certificate(oldObject)) return
      const signer = signerOf(attributes)
      const domain = `${signer.slice(0, signer.indexOf('/'))}/*`
      for (const name of [signer, domain])
        if (await held.may(user, { verb, group: GROUP, resource: 'signers', namespace: '', name })) return
      throw forbidden(
        resource,
        refusalName(attributes),
        `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`,
      )
    },
  }
}

/** No certificate by request makes anyone an administrator (CertificateSubjectRestriction). */
export function certificateSubjectRestriction(): AdmissionPlugin {
  return {
    name: 'CertificateSubjectRestriction',
    resources: [`${resource.resource}.${GROUP}`],
    handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
    validate(attributes) {
      const { spec } = attributes.object as CertificateSigningRequest
      if (spec.signerName !== CLIENT_SIGNER || !asksForMasters(spec.request)) return
      throw forbidden(
        resource,
        refusalName(attributes),
        `use of ${CLIENT_SIGNER} signer with system:masters group is not allowed`,
      )
    },
  }
}

function asksForMasters(request: string): boolean {
  const pem = Buffer.from(request, 'base64').toString('latin1')
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  for (let at = der.indexOf(organization); at >= 0; at = der.indexOf(organization, at + 1)) {
    const text = at + organization.length
    const length = der[text + 1] ?? 0
    if (length === masters.length && der.subarray(text + 2, text + 2 + length).equals(masters)) return true
  }
  return false
}
