import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { isPathSegment } from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { immutable, oneOf, portNumber } from './checks.ts'

const words = (object: KubeObject, field: string) => (object[field] ?? {}) as Record<string, unknown>

export const roleStrategy: Strategy = {
  validateName: isPathSegment,
  validate(_context, object) {
    const rules = (object['rules'] ?? []) as Array<Record<string, string[] | undefined>>
    return rules.flatMap((rule, i) => {
      const at = fieldPath('rules').index(i)
      const errors: FieldError[] = []
      if (!rule['verbs']?.length) errors.push(at.child('verbs').required('verbs must contain at least one value'))
      if (rule['nonResourceURLs']?.length) return errors
      if (!rule['apiGroups']?.length)
        errors.push(at.child('apiGroups').required('resource rules must supply at least one api group'))
      if (!rule['resources']?.length)
        errors.push(at.child('resources').required('resource rules must supply at least one resource'))
      return errors
    })
  },
}

export const bindingStrategy: Strategy = {
  validateName: isPathSegment,
  validate(_context, object) {
    const { kind, name } = words(object, 'roleRef')
    const path = fieldPath('roleRef')
    const kinds = object.kind === 'RoleBinding' ? ['ClusterRole', 'Role'] : ['ClusterRole']
    const errors = kinds.includes(String(kind)) ? [] : [path.child('kind').notSupported(kind ?? '', kinds)]
    return name ? errors : [...errors, path.child('name').required()]
  },
  validateUpdate(_context, object, old) {
    const changed = immutable(object['roleRef'], old['roleRef'], fieldPath('roleRef'))
    return changed.length > 0 ? [fieldPath('roleRef').invalid(object['roleRef'], 'cannot change roleRef')] : []
  },
}

/** Status starts empty (or as given) and changes only through its subresource. */
export function withStatus(initial: () => Record<string, unknown> | undefined, more: Strategy = {}): Strategy {
  return {
    ...more,
    prepareForCreate(_context, object) {
      const status = initial()
      if (status) object['status'] = status
      else delete object['status']
    },
    prepareForUpdate(context, object, old) {
      if (context.subresource === '') object['status'] = old['status']
    },
  }
}

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

export const claimStrategy: Strategy = withStatus(() => ({ phase: 'Pending' }), {
  validate(_context, object) {
    const { accessModes = [], resources } = words(object, 'spec') as {
      accessModes?: string[]
      resources?: { requests?: Record<string, string> }
    }
    const path = fieldPath('spec')
    const errors = accessModes.flatMap((mode) => oneOf(mode, modes, path.child('accessModes')))
    if (accessModes.length === 0) errors.push(path.child('accessModes').required('at least 1 access mode is required'))
    if (!resources?.requests?.['storage']) errors.push(path.child('resources').key('storage').required())
    return errors
  },
})

export const volumeStrategy: Strategy = withStatus(() => ({ phase: 'Pending' }), {
  validate(_context, object) {
    const { accessModes = [], capacity } = words(object, 'spec') as {
      accessModes?: string[]
      capacity?: Record<string, string>
    }
    const path = fieldPath('spec')
    const errors = accessModes.flatMap((mode) => oneOf(mode, modes, path.child('accessModes')))
    if (accessModes.length === 0) errors.push(path.child('accessModes').required())
    return capacity?.['storage'] ? errors : [...errors, path.child('capacity').required()]
  },
})

export const budgetStrategy: Strategy = withStatus(() => ({}), {
  validate(_context, object) {
    const spec = words(object, 'spec')
    return spec['minAvailable'] !== undefined && spec['maxUnavailable'] !== undefined
      ? [fieldPath('spec').invalid(spec, 'minAvailable and maxUnavailable cannot be both set')]
      : []
  },
})

interface IngressSpec {
  defaultBackend?: Backend
  rules?: Array<{ http?: { paths?: Array<{ path?: string; pathType?: string; backend: Backend }> } }>
}
interface Backend {
  service?: { name?: string; port?: { name?: string; number?: number } }
  resource?: unknown
}

export const ingressStrategy: Strategy = withStatus(() => ({ loadBalancer: {} }), {
  validate(_context, object) {
    const spec = words(object, 'spec') as IngressSpec
    const path = fieldPath('spec')
    if (!spec.rules?.length && !spec.defaultBackend)
      return [path.invalid(spec.rules ?? [], 'either `defaultBackend` or `rules` must be specified')]
    const errors = spec.defaultBackend ? backend(spec.defaultBackend, 'spec.defaultBackend') : []
    for (const [i, rule] of (spec.rules ?? []).entries())
      for (const [j, p] of (rule.http?.paths ?? []).entries()) {
        const at = path.child('rules').index(i).child('http', 'paths').index(j)
        if (!p.pathType) errors.push(at.child('pathType').required('pathType must be specified'))
        else errors.push(...oneOf(p.pathType, ['Exact', 'ImplementationSpecific', 'Prefix'], at.child('pathType')))
        if (p.path ? !p.path.startsWith('/') : p.pathType !== 'ImplementationSpecific')
          errors.push(at.child('path').invalid(p.path ?? '', 'must be an absolute path'))
        errors.push(...backend(p.backend, at.child('backend').toString()))
      }
    return errors
  },
})

function backend({ service, resource }: Backend, at: string): FieldError[] {
  const path = fieldPath(at)
  if (!service) return resource ? [] : [path.required('resource or service backend is required')]
  const errors = service.name ? [] : [path.child('service', 'name').required()]
  const port = service.port
  if (!port?.name && !port?.number)
    return [...errors, path.child('service', 'port').required('port name or number is required')]
  return port.number ? [...errors, ...portNumber(port.number, path.child('service', 'port', 'number'))] : errors
}

export const leaseStrategy: Strategy = {
  allowCreateOnUpdate: true,
  validate(_context, object) {
    const duration = words(object, 'spec')['leaseDurationSeconds']
    return typeof duration === 'number' && duration <= 0
      ? [fieldPath('spec', 'leaseDurationSeconds').invalid(duration, 'must be greater than 0')]
      : []
  },
}

/** PriorityClass and StorageClass: what they stand for never changes, only whether they are the default. */
export function frozenFields(...fields: string[]): Strategy {
  return {
    validateUpdate: (_context, object, old) =>
      fields.flatMap((field) =>
        immutable(object[field], old[field], fieldPath(field)).map(() =>
          fieldPath(field).forbidden(`updates to ${field} are forbidden.`),
        ),
      ),
  }
}
