import { authorizerType } from '../../machinery/cel/functions-authorizer.ts'
import { bool, dyn, listOf, mapOf, string, type CelType, type ObjectType } from '../../machinery/cel/types.ts'

/** Values with these fields and no others. */
export function objectWith(name: string, fields: Readonly<Record<string, CelType>>): ObjectType {
  return { kind: 'object', name, field: (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined) }
}

const kind = objectWith('kubernetes.GroupVersionKind', { group: string, version: string, kind: string })
const resource = objectWith('kubernetes.GroupVersionResource', { group: string, version: string, resource: string })

/** `request` in expressions of admission: the fields of AdmissionRequest but for its objects, which have names of their own. */
const request = objectWith('kubernetes.AdmissionRequest', {
  kind,
  resource,
  subResource: string,
  requestKind: kind,
  requestResource: resource,
  requestSubResource: string,
  name: string,
  namespace: string,
  operation: string,
  userInfo: objectWith('kubernetes.UserInfo', {
    username: string,
    uid: string,
    groups: listOf(string),
    extra: mapOf(listOf(string)),
  }),
  dryRun: bool,
  options: dyn,
})

/** What is known of names before an expression is evaluated. Objects and parameters may be of any kind. */
export const admissionTypes: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ['request', request],
  ['authorizer', authorizerType],
  ['namespaceObject', objectWith('kubernetes.Namespace', { metadata: dyn, spec: dyn, status: dyn })],
])
