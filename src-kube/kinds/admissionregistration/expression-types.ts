import { AUTHORIZER_TYPE } from '../../machinery/cel/functions-authorizer.ts'
import { BOOL, DYN, listOf, mapOf, STRING, type CelType, type ObjectType } from '../../machinery/cel/types.ts'

/** Values with these fields and no others. */
export function objectWith(name: string, fields: Readonly<Record<string, CelType>>): ObjectType {
  return { kind: 'object', name, field: (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined) }
}

const kind = objectWith('kubernetes.GroupVersionKind', { group: STRING, version: STRING, kind: STRING })
const resource = objectWith('kubernetes.GroupVersionResource', { group: STRING, version: STRING, resource: STRING })

/** `request` in expressions of admission: the fields of AdmissionRequest but for its objects, which have names of their own. */
const request = objectWith('kubernetes.AdmissionRequest', {
  kind,
  resource,
  subResource: STRING,
  requestKind: kind,
  requestResource: resource,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: objectWith('kubernetes.UserInfo', {
    username: STRING,
    uid: STRING,
    groups: listOf(STRING),
    extra: mapOf(listOf(STRING)),
  }),
  dryRun: BOOL,
  options: DYN,
})

/** What is known of names before an expression is evaluated. Objects and parameters may be of any kind. */
export const ADMISSION_TYPES: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ['request', request],
  ['authorizer', AUTHORIZER_TYPE],
  ['namespaceObject', objectWith('kubernetes.Namespace', { metadata: DYN, spec: DYN, status: DYN })],
])
