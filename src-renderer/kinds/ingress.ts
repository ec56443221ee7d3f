/** What an Ingress routes where, under which name and by whom. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { at, listAt, textAt, type Cell, type Fact, type Section } from './view.ts'

export const ingressSections = (ingress: KubeObject): Section[] => [
  {
    title: 'rules',
    facts: ingressFacts(ingress),
    table: { columns: ['host', 'path', 'service'], rows: routes(ingress) },
  },
]

function ingressFacts(ingress: KubeObject): Fact[] {
  const { namespace } = ingress.metadata
  const className = textAt(ingress, 'spec', 'ingressClassName')
  return [
    {
      label: 'class',
      value: className,
      link: className ? { view: 'ingressclasses.networking.k8s.io', name: className } : undefined,
    },
    {
      label: 'address',
      value: listAt(ingress, 'status', 'loadBalancer', 'ingress').map(
        (one) => textAt(one, 'ip') || textAt(one, 'hostname'),
      ),
    },
    ...listAt(ingress, 'spec', 'tls').map((tls): Fact => {
      const secret = textAt(tls, 'secretName')
      const names = listAt(tls, 'hosts').join(', ')
      return {
        label: 'tls',
        value: [secret, names].filter(Boolean).join(': '),
        link: secret ? { view: 'secrets', namespace, name: secret } : undefined,
      }
    }),
  ]
}

/** The rules' paths, and last where everything else goes. */
function routes(ingress: KubeObject): Cell[][] {
  const rows = listAt(ingress, 'spec', 'rules').flatMap((rule) =>
    listAt(rule, 'http', 'paths').map((path) => [
      textAt(rule, 'host') || '*',
      textAt(path, 'path') || '/',
      backend(ingress, at(path, 'backend')),
    ]),
  )
  const rest = at(ingress, 'spec', 'defaultBackend')
  return rest ? [...rows, ['*', '', backend(ingress, rest)]] : rows
}

function backend(ingress: KubeObject, to: unknown): Cell {
  const service = at(to, 'service')
  if (!service) return [textAt(to, 'resource', 'kind'), textAt(to, 'resource', 'name')].filter(Boolean).join(' ')
  const name = textAt(service, 'name')
  const port = textAt(service, 'port', 'number') || textAt(service, 'port', 'name')
  return { text: `${name}:${port}`, link: { view: 'services', namespace: ingress.metadata.namespace, name } }
}
