import { isIP } from 'node:net'
import type { HTTPIngressPath, Ingress, IngressBackend, IngressClass, IngressTLS } from '#types/networking.k8s.io/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label, isDns1123Subdomain, isPathSegment } from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { immutable, oneOf, portName, portNumber } from './checks.ts'
import { validateBalancerAddress } from './service/status.ts'

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const path = fieldPath('spec')

/** kubernetes.io, "Ingress". */
export const ingressStrategy: Strategy<Ingress> = {
  prepareForCreate(_context, object) {
    object['status'] = { loadBalancer: {} }
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
  },
  validate(_context, object) {
    const { spec, metadata } = object
    const { rules = [], defaultBackend, tls = [], ingressClassName } = spec
    const errors: FieldError[] = []
    if (rules.length === 0 && !defaultBackend)
      errors.push(path.invalid(rules, 'either `defaultBackend` or `rules` must be specified'))
    if (defaultBackend) errors.push(...validateBackend(defaultBackend, path.child('defaultBackend')))
    for (const [i, { host, http }] of rules.entries()) {
      const at = path.child('rules').index(i)
      if (host) errors.push(...validateHost(host, at.child('host')))
      if (http && !http.paths?.length) errors.push(at.child('http', 'paths').required())
      for (const [j, one] of (http?.paths ?? []).entries())
        errors.push(...validatePath(one, at.child('http', 'paths').index(j)))
    }
    for (const [i, one] of tls.entries()) errors.push(...validateTls(one, path.child('tls').index(i)))
    if (ingressClassName !== undefined)
      errors.push(
        ...isDns1123Subdomain(ingressClassName).map((w) => path.child('ingressClassName').invalid(ingressClassName, w)),
      )
    const annotated = metadata.annotations?.[CLASS_ANNOTATION]
    if (annotated !== undefined && ingressClassName !== undefined && !metadata.resourceVersion)
      errors.push(
        fieldPath('metadata', 'annotations')
          .child(CLASS_ANNOTATION)
          .invalid(annotated, 'can not be set when the class field is also set'),
      )
    return errors
  },
  validateStatusUpdate(_context, object) {
    const at = fieldPath('status', 'loadBalancer', 'ingress')
    return (object.status?.loadBalancer?.ingress ?? []).flatMap((one, i) => validateBalancerAddress(one, at.index(i)))
  },
}

function validateHost(host: string, at: FieldPath): FieldError[] {
  if (isIP(host)) return [at.invalid(host, 'must be a DNS name, not an IP address')]
  return hostWords(host).map((words) => at.invalid(host, words))
}

const WILDCARD = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const WILDCARD_WORDS =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

function hostWords(host: string): string[] {
  if (!host.includes('*')) return isDns1123Subdomain(host)
  return WILDCARD.test(host) ? [] : [WILDCARD_WORDS]
}

function validateTls({ hosts = [], secretName }: IngressTLS, at: FieldPath): FieldError[] {
  const errors = hosts.flatMap((host, i) => hostWords(host).map((w) => at.child('hosts').index(i).invalid(host, w)))
  if (secretName)
    errors.push(...isDns1123Subdomain(secretName).map((w) => at.child('secretName').invalid(secretName, w)))
  return errors
}

const forbidden = ['//', '/./', '/../', '%2f', '%2F']
const forbiddenEnd = ['/..', '/.']

function validatePath({ path: url = '', pathType, backend }: HTTPIngressPath, at: FieldPath): FieldError[] {
  // Nothing else can be said of a path without a type.
  if (!pathType) return [at.child('pathType').required('pathType must be specified')]
  const where = at.child('path')
  const errors = oneOf(pathType, ['Exact', 'ImplementationSpecific', 'Prefix'], at.child('pathType'))
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!url.startsWith('/')) errors.push(where.invalid(url, 'must be an absolute path'))
    for (const part of forbidden) if (url.includes(part)) errors.push(where.invalid(url, `must not contain '${part}'`))
    for (const end of forbiddenEnd) if (url.endsWith(end)) errors.push(where.invalid(url, `cannot end with '${end}'`))
  } else if (url !== '' && !url.startsWith('/')) errors.push(where.invalid(url, 'must be an absolute path'))
  return [...errors, ...validateBackend(backend, at.child('backend'))]
}

function validateBackend({ service, resource }: IngressBackend = {}, at: FieldPath): FieldError[] {
  if (resource && service) return [at.invalid('', 'cannot set both resource and service backends')]
  if (resource) {
    const errors: FieldError[] = []
    for (const field of ['kind', 'name'] as const)
      errors.push(...validateSegment(resource, field, at.child('resource')))
    const { apiGroup } = resource
    if (apiGroup !== undefined)
      errors.push(...isDns1123Subdomain(apiGroup).map((w) => at.child('resource', 'apiGroup').invalid(apiGroup, w)))
    return errors
  }
  if (!service) return [at.invalid('', 'resource or service backend is required')]
  const { name, port } = service
  const here = at.child('service')
  const errors = name
    ? isDns1123Label(name).map((w) => here.child('name').invalid(name, w))
    : [here.child('name').required()]
  const where = here.child('port')
  if (port?.name && port.number) errors.push(at.invalid('', 'cannot set both port name & port number'))
  else if (port?.name) errors.push(...portName(port.name).map((w) => where.child('name').invalid(port.name, w)))
  else if (port?.number) errors.push(...portNumber(port.number, where.child('number')))
  else errors.push(at.required('port name or number is required'))
  return errors
}

/** The kind or the name of an object that is referred to: each becomes a part of a path. */
function validateSegment(
  reference: { kind?: string; name?: string },
  field: 'kind' | 'name',
  path: FieldPath,
): FieldError[] {
  const value = reference[field]
  const at = path.child(field)
  return value ? isPathSegment(value).map((words) => at.invalid(value, words)) : [at.required(`${field} is required`)]
}

/** kubernetes.io, "Ingress: Ingress class": who serves a class never changes. */
export const ingressClassStrategy: Strategy<IngressClass> = {
  validate(_context, object) {
    const { controller = '', parameters } = object.spec ?? {}
    const at = path.child('controller')
    const errors: FieldError[] = []
    if (controller.length > 250) errors.push(at.tooLong(250))
    if (!controller) errors.push(at.required())
    else if (!isDomainPrefixed(controller))
      errors.push(at.invalid(controller, 'must be a domain-prefixed path (such as "acme.io/foo")'))
    if (!parameters) return errors
    const where = path.child('parameters')
    const { apiGroup } = parameters
    if (apiGroup !== undefined)
      errors.push(...isDns1123Subdomain(apiGroup).map((words) => where.child('apiGroup').invalid(apiGroup, words)))
    for (const field of ['kind', 'name'] as const) errors.push(...validateSegment(parameters, field, where))
    errors.push(...oneOf(parameters.scope, ['Cluster', 'Namespace'], where.child('scope')))
    if (parameters.scope === 'Namespace' && !parameters.namespace)
      errors.push(where.child('namespace').required("`parameters.scope` is set to 'Namespace'"))
    if (parameters.scope === 'Cluster' && parameters.namespace)
      errors.push(where.child('namespace').forbidden("`parameters.scope` is set to 'Cluster'"))
    return errors
  },
  validateUpdate: (_context, object, old) =>
    immutable(object.spec?.controller, old.spec?.controller, path.child('controller')),
}

function isDomainPrefixed(text: string): boolean {
  const slash = text.indexOf('/')
  return (
    slash > 0 && isDns1123Subdomain(text.slice(0, slash)).length === 0 && /^\/[A-Za-z0-9/_.-]+$/.test(text.slice(slash))
  )
}
