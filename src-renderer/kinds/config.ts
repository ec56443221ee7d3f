import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { age, column, name, namespace, status } from './columns.ts'
import { phaseHealth } from './health.ts'
import { at, listAt, textAt, type KindView } from './view.ts'

const keys = (object: KubeObject, ...fields: string[]): string[] =>
  fields.flatMap((field) => Object.keys((at(object, field) ?? {}) as object))

const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)} …` : text)

export const config: KindView[] = [
  {
    id: 'configmaps',
    group: '',
    version: 'v1',
    resource: 'configmaps',
    kind: 'ConfigMap',
    namespaced: true,
    category: 'config',
    shortcut: 'c',
    columns: [name, namespace, column('keys', 300, (o) => keys(o, 'data', 'binaryData').join(', '), 'mono'), age],
    sections: (object) => [
      {
        title: 'data',
        table: {
          columns: ['key', 'value'],
          rows: keys(object, 'data').map((key) => [key, short(textAt(object, 'data', key))]),
        },
      },
    ],
    example: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  greeting: hello\n',
  },
  {
    id: 'secrets',
    group: '',
    version: 'v1',
    resource: 'secrets',
    kind: 'Secret',
    namespaced: true,
    category: 'config',
    shortcut: 'x',
    columns: [
      name,
      namespace,
      column('type', 240, (o) => textAt(o, 'type')),
      column('keys', 260, (o) => keys(o, 'data').join(', '), 'mono'),
      age,
    ],
    sections: (object) => [
      {
        title: 'data',
        facts: [{ label: 'type', value: textAt(object, 'type') }],
        table: {
          columns: ['key', 'bytes'],
          rows: keys(object, 'data').map((key) => [
            key,
            Math.floor((textAt(object, 'data', key).replace(/=+$/, '').length * 3) / 4),
          ]),
        },
      },
    ],
    example:
      'apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\nstringData:\n  user: admin\n  password: change-me\n',
  },
  {
    id: 'serviceaccounts',
    group: '',
    version: 'v1',
    resource: 'serviceaccounts',
    kind: 'ServiceAccount',
    namespaced: true,
    category: 'access',
    columns: [name, namespace, column('secrets', 80, (o) => listAt(o, 'secrets').length, 'number'), age],
  },
  {
    id: 'persistentvolumeclaims',
    group: '',
    version: 'v1',
    resource: 'persistentvolumeclaims',
    kind: 'PersistentVolumeClaim',
    namespaced: true,
    category: 'storage',
    columns: [
      name,
      namespace,
      status,
      column('volume', 200, (o) => textAt(o, 'spec', 'volumeName'), 'mono'),
      column('capacity', 90, (o) => textAt(o, 'status', 'capacity', 'storage')),
      column('class', 110, (o) => textAt(o, 'spec', 'storageClassName')),
      age,
    ],
    health: phaseHealth,
    example:
      'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data\nspec:\n  accessModes: [ReadWriteOnce]\n  resources:\n    requests: { storage: 1Gi }\n',
  },
  {
    id: 'persistentvolumes',
    group: '',
    version: 'v1',
    resource: 'persistentvolumes',
    kind: 'PersistentVolume',
    namespaced: false,
    category: 'storage',
    columns: [
      name,
      status,
      column('capacity', 90, (o) => textAt(o, 'spec', 'capacity', 'storage')),
      column(
        'claim',
        200,
        (o) =>
          [textAt(o, 'spec', 'claimRef', 'namespace'), textAt(o, 'spec', 'claimRef', 'name')].filter(Boolean).join('/'),
        'mono',
      ),
      column('class', 110, (o) => textAt(o, 'spec', 'storageClassName')),
      age,
    ],
    health: phaseHealth,
  },
]
