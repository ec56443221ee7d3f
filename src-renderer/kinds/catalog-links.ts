/** What the cells of server-side tables name: the server says it as text, the object beside it says which one is meant. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { viewOfKind } from './view-of-kind.ts'
import { at, listAt, textAt, type ObjectLink } from './view.ts'

type Link = (object: KubeObject) => ObjectLink | undefined

/** An object of a kind that is always the same, named at a path; in no namespace. */
const named =
  (view: string, ...path: string[]): Link =>
  (object) => {
    const name = textAt(object, ...path)
    return name ? { view, name } : undefined
  }

/** What an autoscaler scales, in its own namespace; undefined where it is of a kind that has no page of ours. */
const target: Link = (object) => {
  const ref = at(object, 'spec', 'scaleTargetRef')
  const [view, name] = [viewOfKind[textAt(ref, 'kind')], textAt(ref, 'name')]
  return view && name && view.endsWith(groupOf(textAt(ref, 'apiVersion')))
    ? { view, namespace: object.metadata.namespace, name }
    : undefined
}

/** As it ends the id of a view: `.apps` of `apps/v1`; nothing of the core group, which may also be left out. */
const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : ''

const role: Link = (binding) => {
  const kind = textAt(binding, 'roleRef', 'kind')
  const [view, name] = [viewOfKind[kind], textAt(binding, 'roleRef', 'name')]
  if (!view || !name) return undefined
  return kind === 'Role' ? { view, namespace: binding.metadata.namespace, name } : { view, name }
}

/** The one service account that a role is bound to: of several none is meant more than the others, which the details list. */
const account: Link = (binding) => {
  const [first, ...others] = listAt(binding, 'subjects').filter((one) => textAt(one, 'kind') === 'ServiceAccount')
  if (!first || others.length > 0) return undefined
  return { view: 'serviceaccounts', namespace: textAt(first, 'namespace'), name: textAt(first, 'name') }
}

const service: Link = (object) => {
  const [namespace, name] = ['namespace', 'name'].map((field) => textAt(object, 'spec', 'service', field))
  return name ? { view: 'services', namespace, name } : undefined
}

const bindingLinks = { Role: role, ServiceAccounts: account }

/** By view and by the column's name as the server gives it. */
export const catalogLinks: Readonly<Record<string, Readonly<Record<string, Link>>>> = {
  'horizontalpodautoscalers.autoscaling': { Reference: target },
  'rolebindings.rbac.authorization.k8s.io': bindingLinks,
  'clusterrolebindings.rbac.authorization.k8s.io': bindingLinks,
  'volumeattachments.storage.k8s.io': {
    PV: named('persistentvolumes', 'spec', 'source', 'persistentVolumeName'),
    Node: named('nodes', 'spec', 'nodeName'),
  },
  'apiservices.apiregistration.k8s.io': { Service: service },
  'flowschemas.flowcontrol.apiserver.k8s.io': {
    PriorityLevel: named(
      'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io',
      'spec',
      'priorityLevelConfiguration',
      'name',
    ),
  },
  'resourceslices.resource.k8s.io': { Node: named('nodes', 'spec', 'nodeName') },
}
