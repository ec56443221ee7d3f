import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import {
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
} from '../../../../src-kube/machinery/names.ts'

/** Bytes of all annotations together, names and values, at most. */
const MAX_ANNOTATION_BYTES = 256 * 1024

/** What of `metadata` differs from kind to kind. */
export interface MetadataRules {
  namespaced: boolean
  /** Messages for a bad name; DNS subdomains when absent. */
  validateName?: ((name: string) => string[]) | undefined
  /** Finalizers may be any qualified names. */
  anyFinalizer?: boolean | undefined
}

/** What every object's metadata must satisfy (reference: apimachinery's `ValidateObjectMeta`). */
export function validateObjectMeta(object: KubeObject, rules: MetadataRules): FieldError[] {
  const { metadata } = object
  const path = fieldPath('metadata')
  const errors: FieldError[] = []
  const checkName = rules.validateName ?? isDns1123Subdomain
  if (metadata.generateName) {
    // A generated name ends in five characters of its own, so a trailing dash or dot is fine here.
    const words = checkName(metadata.generateName.replace(/[-.]$/, 'a'))
    errors.push(...words.map((w) => path.child('generateName').invalid(metadata.generateName, w)))
  }
  if (!metadata.name) errors.push(path.child('name').required('name or generateName is required'))
  else errors.push(...checkName(metadata.name).map((w) => path.child('name').invalid(metadata.name, w)))
  if (!rules.namespaced) {
    if (metadata.namespace) errors.push(path.child('namespace').forbidden('not allowed on this type'))
  } else if (!metadata.namespace) errors.push(path.child('namespace').required())
  else
    errors.push(
      ...isDns1123Label(metadata.namespace).map((w) => path.child('namespace').invalid(metadata.namespace, w)),
    )
  return [
    ...errors,
    ...validateLabels(metadata.labels, path.child('labels')),
    ...validateAnnotations(metadata.annotations, path.child('annotations')),
    ...validateOwners(object, path.child('ownerReferences')),
    ...validateFinalizers(metadata.finalizers, path.child('finalizers'), rules.anyFinalizer),
  ]
}

/** What an update may not change. `namespace`, `name` and `uid` are the registry's own preconditions. */
export function validateObjectMetaUpdate(object: KubeObject, old: KubeObject, rules: MetadataRules): FieldError[] {
  const path = fieldPath('metadata')
  const errors: FieldError[] = []
  if (object.metadata.name !== old.metadata.name)
    errors.push(path.child('name').invalid(object.metadata.name, 'field is immutable'))
  if (old.metadata.deletionTimestamp) {
    const before = new Set(old.metadata.finalizers)
    const added = (object.metadata.finalizers ?? []).filter((f) => !before.has(f))
    if (added.length > 0) {
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((f) => JSON.stringify(f)).join(', ')}}`
      errors.push(path.child('finalizers').forbidden(detail))
    }
  }
  return [...errors, ...validateObjectMeta(object, rules)]
}

/** When an object goes is the server's to say: it may be told again as it is, or left out, but nothing else (reference: `ValidateObjectMetaUpdate`). */
export function validateGoing({ metadata }: KubeObject, { metadata: old }: KubeObject): FieldError[] {
  const { deletionTimestamp: at, deletionGracePeriodSeconds: grace } = metadata
  if (at === undefined && grace === undefined) return []
  const path = fieldPath('metadata')
  const immutable = 'field is immutable'
  const errors: FieldError[] = []
  if (at && !old.deletionTimestamp)
    errors.push({
      ...path.child('deletionTimestamp').invalid('', ''),
      message: `Invalid value: ${goTime(at)}: ${immutable}`,
    })
  if (typeof grace === 'number' && grace !== old.deletionGracePeriodSeconds)
    errors.push(path.child('deletionGracePeriodSeconds').invalid(grace, immutable))
  return errors
}

/** As Go's `Time.String` has it: `2030-01-01 00:00:00 +0000 UTC`. */
const goTime = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 19)} +0000 UTC`

/** kubernetes.io, "Labels and Selectors: Syntax and character set", for keys and values. */
export function validateLabels(labels: Record<string, string> | undefined, path: FieldPath): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...isQualifiedName(key).map((w) => path.invalid(key, w)),
    ...isLabelValue(value).map((w) => path.invalid(value, w)),
  ])
}

/** kubernetes.io, "Annotations": keys are judged in lower case, values only by the size of all together (256 KiB). */
export function validateAnnotations(annotations: Record<string, string> | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  let size = 0
  for (const [key, value] of Object.entries(annotations ?? {})) {
    errors.push(...isQualifiedName(key.toLowerCase()).map((w) => path.invalid(key, w)))
    size += key.length + value.length
  }
  if (size > MAX_ANNOTATION_BYTES) errors.push(path.tooLong(MAX_ANNOTATION_BYTES))
  return errors
}

function validateOwners(object: KubeObject, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  let controller: string | undefined
  for (const owner of object.metadata.ownerReferences ?? []) {
    // Upstream names no index here.
    const { apiVersion } = owner as Partial<typeof owner>
    if (!apiVersion || apiVersion.split('/').length > 2)
      errors.push(path.child('apiVersion').invalid(apiVersion ?? '', 'version must not be empty'))
    for (const part of ['kind', 'name', 'uid'] as const)
      if (!owner[part]) errors.push(path.child(part).invalid(owner[part] ?? '', 'must not be empty'))
    if (apiVersion === 'v1' && owner.kind === 'Event')
      errors.push(path.invalid(owner, '/v1, Kind=Event is disallowed from being an owner'))
    if (!owner.controller) continue
    if (controller) {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.kind}/${owner.name}`
      errors.push(path.invalid(object.metadata.ownerReferences, detail))
    }
    controller = `${owner.kind}/${owner.name}`
  }
  return errors
}

const standardFinalizers = new Set(['kubernetes', 'foregroundDeletion', 'orphan'])

function validateFinalizers(finalizers: string[] | undefined, path: FieldPath, any = false): FieldError[] {
  const list = finalizers ?? []
  const errors = list.flatMap((f) => isQualifiedName(f).map((w) => path.invalid(f, w)))
  if (list.includes('foregroundDeletion') && list.includes('orphan'))
    errors.push(path.invalid(list, 'finalizer orphan and foregroundDeletion cannot be both set'))
  for (const [i, f] of list.entries()) {
    if (!any && !f.includes('/') && !standardFinalizers.has(f))
      errors.push(path.index(i).invalid(f, 'name is neither a standard finalizer name nor is it fully qualified'))
  }
  return errors
}
