import type { X509Certificate } from 'node:crypto'
import type { PodCertificateRequest, PodCertificateRequestStatus } from '#types/certificates.k8s.io/v1beta1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { pemBlocks } from '../../../../../src-kube/machinery/pem.ts'
import { humanDuration } from '../../../../../src-kube/machinery/duration.ts'
import { parseTime } from '../../../../../src-kube/machinery/time.ts'
import { same } from '../same.ts'
import { requestedKey } from './public-key.ts'
import { certificateOf } from './trust-bundle.ts'
import { wrong } from './wrong.ts'

const ends = ['Denied', 'Failed', 'Issued']
const path = fieldPath('status')
const chain = path.child('certificateChain')
const LARGEST = 100 * 1024
const MINUTE = 60_000
/** Clocks differ. */
const SKEW = 5 * MINUTE

const endOf = (status: PodCertificateRequestStatus | undefined): string | undefined =>
  status?.conditions?.find(({ type, status: is }) => ends.includes(type) && is === 'True')?.type

/** A request ends once: issued with its chain and times, or denied or failed without (KEP-4317). `now` in milliseconds. */
export function validateCertificateStatus(
  { status = {} }: PodCertificateRequest,
  old: PodCertificateRequest,
  now: number,
): FieldError[] {
  const errors = validateConditions(status.conditions ?? [])
  if (errors.length > 0) return errors
  if (endOf(old.status)) {
    if (same(status, old.status)) return []
    return [wrong(path, 'immutable after PodCertificateRequest is issued, denied, or failed')]
  }
  if (endOf(status) === 'Issued') return validateIssued(status, old, now)
  if (Object.entries(status).every(([name, value]) => name === 'conditions' || !value)) return []
  return endOf(status)
    ? [wrong(path, 'non-condition status fields must be empty when denying or failing the PodCertificateRequest')]
    : [wrong(path, 'status is immutable unless transitioning to "Issued", "Denied", or "Failed"')]
}

function validateConditions(conditions: NonNullable<PodCertificateRequestStatus['conditions']>): FieldError[] {
  const errors: FieldError[] = []
  for (const [i, { type, status, reason, lastTransitionTime }] of conditions.entries()) {
    const at = path.child('conditions').index(i)
    if (!ends.includes(type)) errors.push(at.child('type').notSupported(type, ends))
    else if (i > 0)
      errors.push(
        at.child('type').invalid(type, 'There may be at most one condition with type "Issued", "Denied", or "Failed"'),
      )
    if (status !== 'True') errors.push(at.child('status').notSupported(status, ['True']))
    if (!lastTransitionTime) errors.push(at.child('lastTransitionTime').required('must be set'))
    if (!reason) errors.push(at.child('reason').required('must be set'))
  }
  return errors
}

function validateIssued(
  status: PodCertificateRequestStatus,
  { spec }: PodCertificateRequest,
  now: number,
): FieldError[] {
  const text = status.certificateChain ?? ''
  if (Buffer.byteLength(text) > LARGEST) return [chain.tooLong(LARGEST)]
  const blocks = pemBlocks(text)
  const no = (words: string): FieldError[] => [chain.invalid(text, words)]
  if (blocks.length === 0) return no('issued certificate chain must contain at least one certificate')
  if (blocks.some(({ type }) => type !== 'CERTIFICATE'))
    return no('issued certificate chain must consist entirely of CERTIFICATE PEM blocks')
  const [leaf, ...others] = blocks.map(({ body }) => certificateOf(body))
  if (!leaf) return no('leaf certificate does not parse as valid X.509')
  if (others.includes(undefined)) return no('intermediate certificate does not parse as valid X.509')
  const key = requestedKey(spec)
  if (!key || !leaf.publicKey.equals(key)) return no('leaf certificate was not issued to the requested public key')
  return validateTimes(status, leaf, spec.maxExpirationSeconds ?? 0, now)
}

function validateTimes(
  status: PodCertificateRequestStatus,
  leaf: X509Certificate,
  longest: number,
  now: number,
): FieldError[] {
  const { notBefore, notAfter, beginRefreshAt } = status
  const at = { from: path.child('notBefore'), until: path.child('notAfter'), refresh: path.child('beginRefreshAt') }
  const [from, until, refresh] = [notBefore, notAfter, beginRefreshAt].map(parseTime)
  if (from === undefined || until === undefined || refresh === undefined) {
    const consistent = 'must be present and consistent with the issued certificate'
    const between = 'must be present and in the range [notbefore+10min, notafter-10min]'
    return [
      ...(from === undefined ? [at.from.required(consistent)] : []),
      ...(until === undefined ? [at.until.required(consistent)] : []),
      ...(refresh === undefined ? [at.refresh.required(between)] : []),
    ]
  }
  if (from !== Date.parse(leaf.validFrom))
    return [at.from.invalid(notBefore, 'must be set to the NotBefore time encoded in the leaf certificate')]
  if (Math.abs(from - now) >= SKEW)
    return [at.from.invalid(notBefore, "must be set to within 5 minutes of kube-apiserver's current time")]
  if (until !== Date.parse(leaf.validTo))
    return [at.until.invalid(notAfter, 'must be set to the NotAfter time encoded in the leaf certificate')]
  const lifetime = until - from
  if (lifetime < 60 * MINUTE)
    return [chain.invalid(humanDuration(lifetime), 'leaf certificate lifetime must be >= 1 hour')]
  if (lifetime > longest * 1000) {
    const words = `leaf certificate lifetime must be <= spec.maxExpirationSeconds (${longest})`
    return [chain.invalid(humanDuration(lifetime), words)]
  }
  if (refresh < from + 10 * MINUTE)
    return [at.refresh.invalid(beginRefreshAt, 'must be at least 10 minutes after status.notBefore')]
  if (refresh > until - 10 * MINUTE)
    return [at.refresh.invalid(beginRefreshAt, 'must be at least 10 minutes before status.notAfter')]
  return []
}
