/** What the details of kinds tell that have their columns from the server. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { sliceSections } from './endpoints.ts'
import { policySections } from './policy-sections.ts'
import { quotaRows } from './quota.ts'
import { at, listAt, numberAt, pairsAt, textAt, type Cell, type Fact, type Section } from './view.ts'
import { viewOfKind } from './view-of-kind.ts'

type Sections = (object: KubeObject) => Section[]

/** `Deployment web`, with the way there where the kind is known. */
function namedFact(label: string, ref: unknown, namespace: string | undefined): Fact {
  const [kind, name] = [textAt(ref, 'kind'), textAt(ref, 'name')]
  const view = viewOfKind[kind]
  return {
    label,
    value: [kind, name].filter(Boolean).join(' '),
    link: view && name ? { view, name, ...(namespace ? { namespace } : {}) } : undefined,
  }
}

const scaler: Sections = (object) => [
  {
    title: 'scaling',
    facts: [
      namedFact('target', at(object, 'spec', 'scaleTargetRef'), object.metadata.namespace),
      { label: 'least', value: textAt(object, 'spec', 'minReplicas') || 1 },
      { label: 'most', value: textAt(object, 'spec', 'maxReplicas') },
      { label: 'replicas', value: numberAt(object, 'status', 'currentReplicas') },
      { label: 'desired', value: numberAt(object, 'status', 'desiredReplicas') },
    ],
    table: {
      columns: ['metric', 'current', 'aim'],
      rows: listAt(object, 'spec', 'metrics').map((metric, index) => {
        const type = sourceOf(metric)
        const current = listAt(object, 'status', 'currentMetrics')[index]
        return [
          metricName(metric, type),
          amount(at(current, sourceOf(current), 'current')),
          amount(at(metric, type, 'target')),
        ]
      }),
    },
  },
]

/** The field that a metric's source stands in: `Resource` → `resource`. */
const sourceOf = (metric: unknown): string => {
  const type = textAt(metric, 'type')
  return type.slice(0, 1).toLowerCase() + type.slice(1)
}

function metricName(metric: unknown, source: string): string {
  const name = textAt(metric, source, 'name') || textAt(metric, source, 'metric', 'name')
  const of = textAt(metric, source, 'container') || textAt(metric, source, 'describedObject', 'name')
  return of ? `${name} (${of})` : name
}

/** `80%`, `500m`: a share of what is requested, or an amount. */
function amount(value: unknown): string {
  const share = textAt(value, 'averageUtilization')
  return share ? `${share}%` : textAt(value, 'averageValue') || textAt(value, 'value') || '?'
}

const quota: Sections = (object) => {
  return [
    {
      title: 'limits',
      facts: [{ label: 'scopes', value: listAt(object, 'spec', 'scopes').map(String) }],
      table: {
        columns: ['resource', 'used', 'hard'],
        rows: quotaRows(object),
      },
    },
  ]
}

const limitRange: Sections = (object) => [
  {
    title: 'limits',
    table: {
      columns: ['type', 'resource', 'least', 'most', 'defaultRequest', 'defaultLimit'],
      rows: listAt(object, 'spec', 'limits').flatMap((limit) => {
        const fields = ['min', 'max', 'defaultRequest', 'default']
        const named = fields.flatMap((field) => Object.keys((at(limit, field) ?? {}) as object))
        return [...new Set(named)].map((resource) => [
          textAt(limit, 'type'),
          resource,
          ...fields.map((field) => textAt(limit, field, resource)),
        ])
      }),
    },
  },
]

const storageClass: Sections = (object) => [
  {
    title: 'storage',
    facts: [
      { label: 'provisioner', value: textAt(object, 'provisioner'), kind: 'mono' },
      { label: 'reclaimPolicy', value: textAt(object, 'reclaimPolicy') },
      { label: 'binding', value: textAt(object, 'volumeBindingMode') },
      { label: 'expansion', value: textAt(object, 'allowVolumeExpansion') },
      { label: 'parameters', value: pairsAt(object, 'parameters') },
    ],
  },
]

/** The way to the objects of a kind that somebody defined, and its versions. */
const definition: Sections = (object) => {
  const view = `${textAt(object, 'spec', 'names', 'plural')}.${textAt(object, 'spec', 'group')}`
  return [
    {
      title: 'definition',
      facts: [
        { label: 'instances', value: textAt(object, 'spec', 'names', 'kind'), link: { view, name: '' } },
        { label: 'scope', value: textAt(object, 'spec', 'scope') },
        { label: 'shortNames', value: listAt(object, 'spec', 'names', 'shortNames').map(String) },
      ],
      table: {
        columns: ['version', 'served', 'stored', 'columns'],
        rows: listAt(object, 'spec', 'versions').map((version): Cell[] => [
          textAt(version, 'name'),
          textAt(version, 'served'),
          textAt(version, 'storage'),
          listAt(version, 'additionalPrinterColumns')
            .map((column) => textAt(column, 'name'))
            .join(', '),
        ]),
      },
    },
  ]
}

/** By id of the view. */
export const catalogSections: Readonly<Record<string, Sections>> = {
  'horizontalpodautoscalers.autoscaling': scaler,
  resourcequotas: quota,
  limitranges: limitRange,
  'storageclasses.storage.k8s.io': storageClass,
  'customresourcedefinitions.apiextensions.k8s.io': definition,
  'endpointslices.discovery.k8s.io': sliceSections,
  ...policySections,
}
