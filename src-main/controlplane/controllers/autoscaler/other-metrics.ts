import type { MetricIdentifier, MetricSpec } from '#types/autoscaling/v2'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import { qualifiedResource } from '../../../../src-kube/machinery/gvk.ts'
import { milliValue } from '../../../../src-kube/machinery/quantity.ts'
import type { ResourceSource } from '../discovery.ts'

/**
 * Asks the server of a group version for one of its paths (query included), as the autoscaler; undefined when none is registered for it.
 * Rejects with what the server answers but an object.
 */
export type AskOthers = (group: string, version: string, path: string) => Promise<unknown>

/** For clusters whose metrics nobody else knows. */
export const nobodyElse: AskOthers = () => Promise.resolve(undefined)

/** One value of a metric, in thousandths; of which object, where it is one's. */
export interface MetricValue {
  readonly name: string
  readonly value: number
}

/** What a server said of a metric, or why it said nothing. */
export type Answer = { readonly values: readonly MetricValue[] } | { readonly error: unknown }

/** Where an autoscaler looks for the metrics of others. */
export interface Place {
  readonly namespace: string
  /** Of the target's pods. */
  readonly selector: string
  readonly ask: AskOthers
  readonly resources: Pick<ResourceSource, 'find'>
}

const CUSTOM = 'custom.metrics.k8s.io'
const EXTERNAL = 'external.metrics.k8s.io'

/**
 * Asks for all metrics but those of resources ("Horizontal Pod Autoscaling: Scaling on custom metrics"); what nobody serves is not in the
 * answer.
 */
export async function askForMetrics(metrics: readonly MetricSpec[], place: Place): Promise<Map<MetricSpec, Answer>> {
  const answers = new Map<MetricSpec, Answer>()
  for (const metric of metrics) {
    if (metric.resource || metric.containerResource) continue
    try {
      const list = await askFor(metric, place)
      if (list !== undefined) answers.set(metric, { values: valuesOf(list) })
    } catch (error) {
      answers.set(metric, { error })
    }
  }
  return answers
}

async function askFor({ pods, object, external: outside }: MetricSpec, place: Place): Promise<unknown> {
  const { namespace, ask } = place
  if (outside) {
    const path = `namespaces/${namespace}/${outside.metric.name}`
    return ask(EXTERNAL, 'v1beta1', path + query({ labelSelector: selectorOf(outside.metric) }))
  }
  const metric = (object ?? pods)?.metric
  if (!metric) return undefined
  const labels = { metricLabelSelector: selectorOf(metric) }
  const path = object
    ? pathOf(object.describedObject, metric.name, place) + query(labels)
    : `namespaces/${namespace}/pods/*/${metric.name}${query({ labelSelector: place.selector, ...labels })}`
  return (await ask(CUSTOM, 'v1beta2', path)) ?? ask(CUSTOM, 'v1beta1', path)
}

type Described = NonNullable<MetricSpec['object']>['describedObject']

function pathOf({ apiVersion = '', kind, name }: Described, metric: string, { namespace, resources }: Place): string {
  const ref = resources.find(apiVersion, kind)
  if (!ref) throw new Error(`no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`)
  if (ref.group === '' && ref.resource === 'namespaces') return `namespaces/${name}/metrics/${metric}`
  const path = `${qualifiedResource(ref.group, ref.resource)}/${name}/${metric}`
  return ref.namespaced ? `namespaces/${namespace}/${path}` : path
}

const selectorOf = ({ selector }: MetricIdentifier): string =>
  selector ? labelSelectorMatcher(selector).toString() : ''

function query(given: Record<string, string>): string {
  const stated = Object.entries(given).filter(([, value]) => value !== '')
  return stated.length > 0 ? `?${new URLSearchParams(stated).toString()}` : ''
}

function valuesOf(list: unknown): MetricValue[] {
  const { items } = list as { items?: Array<{ describedObject?: { name?: string }; value?: string }> }
  return (items ?? []).map(({ describedObject, value }) => ({
    name: describedObject?.name ?? '',
    value: milliValue(value),
  }))
}
