import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { age, column, name, named, namespace, optional } from './columns.ts'
import { endpointsSections } from './endpoints.ts'
import { ingressSections } from './ingress.ts'
import { at, listAt, pairsAt, textAt, type KindView } from './view.ts'

const servicePorts = (service: KubeObject): string =>
  listAt(service, 'spec', 'ports')
    .map(
      (port) =>
        `${textAt(port, 'port')}${textAt(port, 'nodePort') ? `:${textAt(port, 'nodePort')}` : ''}/${textAt(port, 'protocol') || 'TCP'}`,
    )
    .join(', ')

const externalIp = (service: KubeObject): string =>
  listAt(service, 'status', 'loadBalancer', 'ingress')
    .map((i) => textAt(i, 'ip') || textAt(i, 'hostname'))
    .join(', ') || textAt(service, 'spec', 'externalName')

/** With the port at which it answers, where that is not the usual one. */
const balancerAddress = (ingress: KubeObject): string =>
  listAt(ingress, 'status', 'loadBalancer', 'ingress')
    .map((one) => {
      const port = textAt(listAt(one, 'ports')[0], 'port')
      return `${textAt(one, 'ip') || textAt(one, 'hostname')}${port && port !== '80' ? `:${port}` : ''}`
    })
    .join(', ')

const hosts = (ingress: KubeObject): string =>
  listAt(ingress, 'spec', 'rules')
    .map((rule) => textAt(rule, 'host') || '*')
    .join(', ')

export const network: KindView[] = [
  {
    id: 'services',
    group: '',
    version: 'v1',
    resource: 'services',
    kind: 'Service',
    namespaced: true,
    category: 'network',
    shortcut: 's',
    columns: [
      name,
      namespace,
      column('type', 110, (s) => textAt(s, 'spec', 'type')),
      column('clusterIP', 120, (s) => textAt(s, 'spec', 'clusterIP'), 'mono'),
      column('externalIP', 120, externalIp, 'mono'),
      column('ports', 180, servicePorts, 'mono'),
      optional(column('selector', 200, (s) => pairsAt(s, 'spec', 'selector').join(', '), 'mono')),
      age,
    ],
    podSelector: (service) => at(service, 'spec', 'selector') as Record<string, string> | undefined,
    sections: (service) => [
      {
        title: 'addresses',
        facts: [
          { label: 'type', value: textAt(service, 'spec', 'type') },
          { label: 'clusterIP', value: textAt(service, 'spec', 'clusterIP'), kind: 'mono' },
          {
            label: 'dnsName',
            value: `${service.metadata.name}.${service.metadata.namespace}.svc.cluster.local`,
            kind: 'mono',
          },
          { label: 'sessionAffinity', value: textAt(service, 'spec', 'sessionAffinity') },
          { label: 'selector', value: pairsAt(service, 'spec', 'selector') },
        ],
      },
      {
        title: 'ports',
        table: {
          columns: ['name', 'port', 'targetPort', 'nodePort', 'protocol'],
          rows: listAt(service, 'spec', 'ports').map((port) =>
            ['name', 'port', 'targetPort', 'nodePort', 'protocol'].map((f) => textAt(port, f)),
          ),
        },
      },
    ],
    example:
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: { app: web }\n  ports:\n    - port: 80\n      targetPort: 8080\n',
  },
  {
    id: 'ingresses.networking.k8s.io',
    group: 'networking.k8s.io',
    version: 'v1',
    resource: 'ingresses',
    kind: 'Ingress',
    namespaced: true,
    category: 'network',
    shortcut: 'i',
    columns: [
      name,
      namespace,
      named(
        column('class', 120, (o) => textAt(o, 'spec', 'ingressClassName')),
        'ingressclasses.networking.k8s.io',
      ),
      column('hosts', 260, hosts, 'mono'),
      column('address', 160, balancerAddress, 'mono'),
      age,
    ],
    sections: ingressSections,
  },
  {
    id: 'endpoints',
    group: '',
    version: 'v1',
    resource: 'endpoints',
    kind: 'Endpoints',
    namespaced: true,
    category: 'network',
    columns: [
      name,
      namespace,
      column(
        'addresses',
        360,
        (o) =>
          listAt(o, 'subsets')
            .flatMap((s) => listAt(s, 'addresses').map((a) => textAt(a, 'ip')))
            .join(', '),
        'mono',
      ),
      age,
    ],
    sections: endpointsSections,
  },
]
