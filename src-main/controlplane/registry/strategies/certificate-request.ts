import type { CertificateSigningRequest } from '#types/certificates.k8s.io/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isPathSegment } from '../../../../src-kube/machinery/names.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import type { Strategy } from '../strategy.ts'
import { certificateFault } from './certificate-content.ts'
import { validateSignerName } from './certificates/signer-name.ts'

type Condition = NonNullable<NonNullable<CertificateSigningRequest['status']>['conditions']>[number]

const conditionsPath = fieldPath('status', 'conditions')
/** Seconds that a certificate lasts at least. */
const SHORTEST = 600
/** Conditions that are never taken back. The first two are given through `approval` only. */
const final = ['Approved', 'Denied', 'Failed']
const judged = ['Approved', 'Denied']
const knownUsages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]

const conditionsOf = (object: CertificateSigningRequest): readonly Condition[] => object.status?.conditions ?? []

/**
 * Who asks for a certificate is the authenticated user, whatever the object says; who judges writes conditions through `approval`, who
 * signs writes the certificate through `status` (kubernetes.io, "Certificates and Certificate Signing Requests").
 */
export const certificateSigningRequestStrategy: Strategy<CertificateSigningRequest> = {
  validateName: isPathSegment,
  prepareForCreate(context, object) {
    const { spec } = object
    const { name, uid, groups, extra } = context.user
    Object.assign(spec, { username: name, uid, groups: [...groups], extra })
    if (!uid) delete spec.uid
    if (!extra) delete spec.extra
    object['status'] = {}
  },
  prepareForUpdate({ subresource, now }, object, old) {
    object['spec'] = old['spec']
    if (subresource === '') object['status'] = old['status']
    else settleConditions(subresource, object, old, now)
  },
  validate: ({ version }, object) => validateSpec(object.spec, version === 'v1beta1'),
  validateUpdate: (_context, object, old) => validateConditions(object, old),
  validateStatusUpdate({ version }, object, old) {
    const errors = validateConditions(object, old)
    for (const type of judged)
      if (has(object, type) && !has(old, type))
        errors.push(conditionsPath.forbidden(`updates may not add a condition of type ${JSON.stringify(type)}`))
    return [...errors, ...validateCertificate(object, old, version === 'v1beta1')]
  },
}

/** A certificate is written once. @param legacy whether the old version writes, which may write anything */
function validateCertificate(
  object: CertificateSigningRequest,
  old: CertificateSigningRequest,
  legacy: boolean,
): FieldError[] {
  const { certificate: before } = old.status ?? {}
  const { certificate } = object.status ?? {}
  if (legacy || before === certificate) return []
  const path = fieldPath('status', 'certificate')
  if (before !== undefined) return [path.forbidden('updates may not modify existing certificate content')]
  const fault = certificateFault(certificate!)
  return fault === undefined ? [] : [path.invalid('<certificate data>', fault)]
}

/** Approval writes conditions only. A condition without times gets them: the last transition's of the same condition before, else now. */
function settleConditions(
  subresource: string,
  object: CertificateSigningRequest,
  old: CertificateSigningRequest,
  now: number,
): void {
  const time = formatTime(now)
  const before = conditionsOf(old)
  let sent = conditionsOf(object)
  if (subresource === 'status') sent = sent.map((one) => before.find(isSameJudgement(one)) ?? one)
  const conditions = sent.map((condition) => {
    const known = before.find(({ type, status }) => type === condition.type && status === condition.status)
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? time,
      lastTransitionTime: condition.lastTransitionTime ?? known?.lastTransitionTime ?? time,
    }
  })
  const { conditions: _, ...rest } = (subresource === 'approval' ? old.status : object.status) ?? {}
  object['status'] = { ...rest, ...(conditions.length > 0 ? { conditions } : {}) }
}

const isSameJudgement =
  ({ type }: Condition) =>
  (one: Condition): boolean =>
    one.type === type && judged.includes(type)

const has = (object: CertificateSigningRequest, type: string): boolean =>
  conditionsOf(object).some((one) => one.type === type)

/** @param legacy whether the old version asks, which lets requests be for no signer in particular */
function validateSpec(spec: Partial<CertificateSigningRequest['spec']>, legacy: boolean): FieldError[] {
  const path = fieldPath('spec')
  const errors: FieldError[] = []
  const { request = '', signerName, usages = [], expirationSeconds } = spec
  if (!Buffer.from(request, 'base64').toString().includes('-----BEGIN CERTIFICATE REQUEST-----'))
    errors.push(path.child('request').invalid(request, 'PEM block type must be CERTIFICATE REQUEST'))
  if (usages.length === 0) errors.push(path.child('usages').required('usages must be provided'))
  for (const [i, usage] of usages.entries()) {
    const here = path.child('usages').index(i)
    if (!knownUsages.includes(usage)) errors.push(here.notSupported(usage, knownUsages))
    if (usages.indexOf(usage) < i) errors.push(here.duplicate(usage))
  }
  if (signerName === 'kubernetes.io/legacy-unknown' && !legacy)
    errors.push(
      path.child('signerName').invalid(signerName, 'the legacy signerName is not allowed via this API version'),
    )
  else errors.push(...validateSignerName(signerName, path.child('signerName')))
  if (expirationSeconds !== undefined && expirationSeconds < SHORTEST)
    errors.push(
      path
        .child('expirationSeconds')
        .invalid(expirationSeconds, `may not specify a duration less than ${SHORTEST} seconds (10 minutes)`),
    )
  return errors
}

function validateConditions(object: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] {
  const conditions = conditionsOf(object)
  const errors = conditions.flatMap((condition, i) =>
    validateCondition(condition, conditions, i, conditionsPath.index(i)),
  )
  if (has(object, 'Approved') && has(object, 'Denied'))
    errors.push(conditionsPath.invalid('Denied', 'Approved and Denied conditions are mutually exclusive'))
  for (const type of final)
    if (has(old, type) && !has(object, type))
      errors.push(conditionsPath.forbidden(`updates may not remove a condition of type ${JSON.stringify(type)}`))
  return errors
}

function validateCondition(
  { type, status }: Partial<Condition>,
  all: readonly Condition[],
  i: number,
  path: FieldPath,
): FieldError[] {
  if (!type) return [path.child('type').required()]
  const errors: FieldError[] = []
  const allowed = final.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
  if (!status) errors.push(path.child('status').required())
  else if (!allowed.includes(status)) errors.push(path.child('status').notSupported(status, allowed))
  if (all.findIndex((one) => one.type === type) < i) errors.push(path.child('type').duplicate(type))
  return errors
}
