import type { ResourceClaim, ResourceClaimSpec, ResourceClaimTemplate } from '#types/resource.k8s.io/v1'
import { type FieldError, invalid } from '../../../../../src-kube/machinery/errors.ts'
import { type FieldPath, fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../../src-kube/machinery/meta.ts'
import type { Strategy, StrategyContext } from '../../strategy.ts'
import { immutable } from '../checks.ts'
import { same } from '../same.ts'
import { validateClaimSpec } from './claim-spec.ts'
import { tooMany } from './selectors.ts'

const spec = fieldPath('spec')
const status = fieldPath('status')
const ADMIN_LABEL = 'resource.kubernetes.io/admin-access'
const MOST_CONSUMERS = 256

/** What pods use of devices: the wish never changes, who uses it is told in its status. */
export const resourceClaimStrategy: Strategy<ResourceClaim> = {
  async prepareForCreate(context, object) {
    await refuseAdmins(context, object, object.spec, spec)
  },
  validate: (_context, object) => validateClaimSpec(object.spec, spec),
  validateUpdate: (_context, object, old) => immutable(object['spec'], old['spec'], spec),
  validateStatusUpdate: (_context, object, old) => validateStatus(object, old),
}

/** What the claims of pods are made from. */
export const resourceClaimTemplateStrategy: Strategy<ResourceClaimTemplate> = {
  async prepareForCreate(context, object) {
    const claim = object.spec?.spec
    await refuseAdmins(context, object, claim, spec.child('spec'))
  },
  validate: (_context, object) => validateClaimSpec(object.spec?.spec ?? {}, spec.child('spec')),
  validateUpdate: (_context, object, old) => immutable(object['spec'], old['spec'], spec),
}

/** Devices that others use are looked at from namespaces that are labelled for it alone (KEP-5018). Throws where that is not so. */
async function refuseAdmins(
  context: StrategyContext,
  object: KubeObject,
  claim: ResourceClaimSpec | undefined,
  path: FieldPath,
): Promise<void> {
  const asking = (claim?.devices?.requests ?? []).flatMap(({ exactly }, i) => (exactly?.adminAccess ? [i] : []))
  if (asking.length === 0) return
  const namespace = await context.read.get('', 'namespaces', '', object.metadata.namespace ?? '')
  if (namespace?.metadata.labels?.[ADMIN_LABEL] === 'true') return
  const words = `admin access to devices requires the \`${ADMIN_LABEL}: true\` label on the containing namespace`
  const at = path.child('devices', 'requests')
  const errors = asking.map((i) => at.index(i).child('adminAccess').forbidden(words))
  throw invalid({ group: 'resource.k8s.io', kind: String(object['kind']) }, object.metadata.name, errors)
}

function validateStatus({ status: now, metadata }: ResourceClaim, { status: before }: ResourceClaim): FieldError[] {
  const at = status.child('reservedFor')
  const reservedFor = now?.reservedFor ?? []
  const errors: FieldError[] = [...tooMany(reservedFor, MOST_CONSUMERS, at)]
  for (const [i, { resource, name, uid }] of reservedFor.entries()) {
    if (!resource) errors.push(at.index(i).child('resource').required())
    if (!name) errors.push(at.index(i).child('name').required())
    if (!uid) errors.push(at.index(i).child('uid').required())
    if (uid && reservedFor.findIndex((other) => other.uid === uid) < i)
      errors.push(at.index(i).child('uid').duplicate(uid))
  }
  if (reservedFor.length > 0 && !now?.allocation)
    errors.push(at.forbidden('may not be specified when `allocated` is not set'))
  const added = reservedFor.some(({ uid }) => !before?.reservedFor?.some((consumer) => consumer.uid === uid))
  if (added && metadata.deletionTimestamp)
    errors.push(
      at.forbidden('new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'),
    )
  if (now?.allocation && before?.allocation && !same(now.allocation, before.allocation))
    errors.push(status.child('allocation').invalid(now.allocation, 'field is immutable'))
  return errors
}
