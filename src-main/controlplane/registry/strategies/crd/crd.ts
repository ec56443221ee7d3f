import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { formatTime } from '../../../../../src-kube/machinery/time.ts'
import type { Strategy, StrategyContext } from '../../strategy.ts'
import { immutable, oneOf } from '../checks.ts'
import { validateClient, validateReviewVersions } from '../webhooks.ts'
import { validateApproval, validateNames } from './names.ts'
import { validateShared, validateVersions } from './versions.ts'

const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'

/** CustomResourceDefinitions: every version that ever stored objects is remembered, and a deletion waits for the instances. */
export const crdStrategy: Strategy<CustomResourceDefinition> = {
  anyFinalizer: true,
  prepareForCreate(_context, crd) {
    const storage = crd.spec.versions.find((version) => version.storage)
    crd.status = {
      conditions: [],
      acceptedNames: { plural: '', kind: '' },
      storedVersions: storage ? [storage.name] : [],
    }
  },
  prepareForUpdate({ subresource }, crd) {
    if (subresource === 'status') return
    const storage = crd.spec.versions.find((version) => version.storage)
    const { storedVersions = [] } = crd.status ?? {}
    if (!storage || storedVersions.includes(storage.name)) return
    crd.status = { ...crd.status, storedVersions: [...storedVersions, storage.name] }
  },
  validateCreate: (context, object) => [
    ...validateDefinition(object),
    ...validateApproval(object),
    ...validatePreserving(context, object),
  ],
  validateUpdate: (context, object, old) => [
    ...validateDefinition(object, old),
    ...validateChange(object, old),
    ...(old.spec.preserveUnknownFields ? [] : validatePreserving(context, object)),
  ],
  validateStatusUpdate: (_context, object) => validateStored(object),
  beforeDelete(object, now) {
    const { metadata, status } = object
    const condition = {
      type: 'Terminating',
      status: 'True',
      lastTransitionTime: formatTime(now),
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    }
    const others = (status?.conditions ?? []).filter(({ type }) => type !== 'Terminating')
    const finalizers = [...new Set([...(metadata.finalizers ?? []), CLEANUP])]
    return {
      ...object,
      metadata: { ...metadata, finalizers },
      status: { ...status, conditions: [...others, condition] },
    }
  },
}

const validateDefinition = (object: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] => [
  ...validateNames(object),
  ...validateVersions(object, old),
  ...validateShared(object, old),
  ...validateConversion(object),
  ...validateStored(object),
]

/** Only definitions that were made with v1beta1 keep unknown fields altogether. */
function validatePreserving({ version }: StrategyContext, object: CustomResourceDefinition): FieldError[] {
  if (version !== 'v1' || !object.spec.preserveUnknownFields) return []
  const words =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
  return [fieldPath('spec', 'preserveUnknownFields').invalid(true, words)]
}

const stored = fieldPath('status', 'storedVersions')

const stillStored = (version: string): string =>
  `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`

/** What may be in the store can be read: its versions stay in the definition. */
function validateStored({ spec, status }: CustomResourceDefinition): FieldError[] {
  const { storedVersions = [] } = status ?? {}
  if (storedVersions.length === 0) return [stored.invalid(storedVersions, 'must have at least one stored version')]
  const { versions } = spec
  const errors = storedVersions.flatMap((version, i) =>
    versions.some(({ name }) => name === version) ? [] : [stored.index(i).invalid(version, stillStored(version))],
  )
  const storage = versions.find((version) => version.storage)?.name
  if (storage !== undefined && !storedVersions.includes(storage))
    errors.push(stored.invalid(storedVersions, `must have the storage version ${storage}`))
  return errors
}

function validateConversion({ spec: { conversion } }: CustomResourceDefinition): FieldError[] {
  if (!conversion) return []
  const at = fieldPath('spec', 'conversion')
  const { strategy, webhook } = conversion
  const { clientConfig, conversionReviewVersions: versions = [] }: Partial<NonNullable<typeof webhook>> = webhook ?? {}
  // Upstream names both as it keeps them itself.
  const client = at.child('webhookClientConfig')
  const where = at.child('conversionReviewVersions')
  if (strategy === 'Webhook')
    return [
      ...(clientConfig
        ? validateClient(clientConfig, client)
        : [client.required('required when strategy is set to Webhook')]),
      ...(versions.length > 0 ? validateReviewVersions(versions, where) : [where.required()]),
    ]
  const unwanted = 'should not be set when strategy is not set to Webhook'
  return [
    ...oneOf(strategy, ['None', 'Webhook'], at.child('strategy')),
    ...(clientConfig ? [client.forbidden(unwanted)] : []),
    ...(versions.length > 0 ? [where.forbidden(unwanted)] : []),
  ]
}

/** Where objects lie may not change; of an established definition neither scope nor kind. */
function validateChange({ spec }: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const at = fieldPath('spec')
  const errors = [
    ...immutable(spec.group, old.spec.group, at.child('group')),
    ...immutable(spec.names.plural, old.spec.names.plural, at.child('names', 'plural')),
  ]
  const established = old.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')
  if (!established) return errors
  return [
    ...errors,
    ...immutable(spec.scope, old.spec.scope, at.child('scope')),
    ...immutable(spec.names.kind, old.spec.names.kind, at.child('names', 'kind')),
  ]
}
