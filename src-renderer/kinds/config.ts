import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { textOf } from './base64.ts'
import { age, column, linked, name, named, namespace, optional, status } from './columns.ts'
import { claimHealth, phaseHealth } from './health.ts'
import { at, listAt, textAt, type DataEntry, type KindView, type ObjectLink, type Section } from './view.ts'

const storageClass = named(
  column('class', 110, (o) => textAt(o, 'spec', 'storageClassName')),
  'storageclasses.storage.k8s.io',
)

/** The claim that a volume is bound to, or kept for. */
function claimLink(volume: KubeObject): ObjectLink | undefined {
  const [namespace, name] = ['namespace', 'name'].map((field) => textAt(volume, 'spec', 'claimRef', field))
  return name ? { view: 'persistentvolumeclaims', namespace, name } : undefined
}

const keys = (object: KubeObject, ...fields: string[]): string[] =>
  fields.flatMap((field) => Object.keys((at(object, field) ?? {}) as object))

/** The keys of a ConfigMap; what is binary may be text all the same. */
const plainEntries = (object: KubeObject): DataEntry[] => [
  ...keys(object, 'data').map((key) => {
    const text = textAt(object, 'data', key)
    return { key, text, bytes: new TextEncoder().encode(text).length, secret: false }
  }),
  ...keys(object, 'binaryData').map((key) => ({ ...decoded(key, textAt(object, 'binaryData', key)), secret: false })),
]

const decoded = (key: string, value: string): Omit<DataEntry, 'secret'> => ({
  key,
  text: textOf(value),
  bytes: atob(value).length,
})

const claimSections = (claim: KubeObject): Section[] => [
  {
    title: 'storage',
    facts: [
      {
        label: 'volume',
        value: textAt(claim, 'spec', 'volumeName'),
        link: { view: 'persistentvolumes', name: textAt(claim, 'spec', 'volumeName') },
      },
      { label: 'requested', value: textAt(claim, 'spec', 'resources', 'requests', 'storage') },
      { label: 'capacity', value: textAt(claim, 'status', 'capacity', 'storage') },
      { label: 'accessModes', value: listAt(claim, 'spec', 'accessModes').map(String) },
      {
        label: 'storageClass',
        value: textAt(claim, 'spec', 'storageClassName'),
        link: { view: 'storageclasses.storage.k8s.io', name: textAt(claim, 'spec', 'storageClassName') },
      },
    ],
  },
]

const volumeSections = (volume: KubeObject): Section[] => [
  {
    title: 'storage',
    facts: [
      {
        label: 'claim',
        value: textAt(volume, 'spec', 'claimRef', 'name'),
        link: {
          view: 'persistentvolumeclaims',
          namespace: textAt(volume, 'spec', 'claimRef', 'namespace'),
          name: textAt(volume, 'spec', 'claimRef', 'name'),
        },
      },
      { label: 'capacity', value: textAt(volume, 'spec', 'capacity', 'storage') },
      { label: 'accessModes', value: listAt(volume, 'spec', 'accessModes').map(String) },
      { label: 'reclaimPolicy', value: textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') },
      {
        label: 'storageClass',
        value: textAt(volume, 'spec', 'storageClassName'),
        link: { view: 'storageclasses.storage.k8s.io', name: textAt(volume, 'spec', 'storageClassName') },
      },
    ],
  },
]

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
    sections: (object) => [{ title: 'data', data: plainEntries(object) }],
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
        data: keys(object, 'data').map((key) => ({ ...decoded(key, textAt(object, 'data', key)), secret: true })),
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
      named(
        column('volume', 200, (o) => textAt(o, 'spec', 'volumeName'), 'mono'),
        'persistentvolumes',
      ),
      column('capacity', 90, (o) => textAt(o, 'status', 'capacity', 'storage')),
      storageClass,
      optional(column('accessModes', 140, (o) => listAt(o, 'spec', 'accessModes').join(', '))),
      age,
    ],
    health: claimHealth,
    sections: claimSections,
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
      linked(
        column(
          'claim',
          200,
          (o) =>
            [textAt(o, 'spec', 'claimRef', 'namespace'), textAt(o, 'spec', 'claimRef', 'name')]
              .filter(Boolean)
              .join('/'),
          'mono',
        ),
        claimLink,
      ),
      storageClass,
      age,
    ],
    health: phaseHealth,
    sections: volumeSections,
  },
]
