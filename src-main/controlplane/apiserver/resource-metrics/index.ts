import type { Node, Pod } from '#types/core/v1'
import { findKind } from '../../../../src-kube/kinds/index.ts'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { methodNotSupported, notFound } from '../../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { StatsSummary } from '../../../../src-wire/node/stats-summary.ts'
import type { ObjectReader } from '../../admission/admission.ts'
import { selection } from '../../registry/selection.ts'
import type { Exchange } from '../http/exchange.ts'
import { negotiate } from '../http/negotiation.ts'
import type { RequestInfo } from '../http/request-info.ts'
import { pathNotFound } from '../scope.ts'
import { selectorsOf } from '../verbs/context.ts'
import { type NodeMetrics, nodeMetrics, type PodMetrics, podMetrics } from './figures.ts'
import { metricsResources } from './resources.ts'

/** Where `metrics.k8s.io` has its figures: asked of the nodes when somebody asks. */
export interface ResourceMetricsOptions {
  read: ObjectReader
  /** What nodes tell of themselves and their pods, without those that do not answer in time. */
  summaries(nodes: Iterable<string>): Promise<ReadonlyMap<string, StatsSummary>>
  clock: Pick<Clock, 'now'>
}

/** Answers a request of the resource metrics API. */
export type ResourceMetrics = (exchange: Exchange) => Promise<void>

const GROUP = 'metrics.k8s.io'

export const isResourceMetrics = ({ group, version, resource }: RequestInfo): boolean =>
  metricsResources.some((one) => one.group === group && one.version === version && one.plural === resource)

/**
 * `metrics.k8s.io/v1beta1` (kubernetes.io, "Resource metrics pipeline"), as metrics-server answers: what cannot be measured now is left out of
 * lists and not found by name. Throws 404 and 405.
 */
export function createResourceMetrics(options: ResourceMetricsOptions): ResourceMetrics {
  return async (exchange) => {
    const { info } = exchange
    const form = negotiate(exchange.header('accept'), () => false)
    if (info.verb !== 'get' && info.verb !== 'list')
      throw methodNotSupported({ group: GROUP, resource: info.resource }, info.verb)
    if (info.subresource !== '' || isMisplaced(info)) throw pathNotFound()
    if (info.verb === 'get') return exchange.sendObject(200, form, await one(options, info))
    const items = await all(options, info)
    const kind = info.resource === 'nodes' ? 'NodeMetricsList' : 'PodMetricsList'
    exchange.sendObject(200, form, { kind, apiVersion: `${GROUP}/v1beta1`, metadata: {}, items })
  }
}

/** Nodes are in no namespace; a pod by name is in one. */
const isMisplaced = ({ resource, namespace, verb }: RequestInfo): boolean =>
  resource === 'nodes' ? namespace !== '' : namespace === '' && verb === 'get'

async function one(options: ResourceMetricsOptions, info: RequestInfo): Promise<NodeMetrics | PodMetrics> {
  const { resource, namespace, name } = info
  const object = await options.read.get('', resource, namespace, name)
  if (!object) throw notFound({ group: '', resource }, name)
  const [found] = await measure(options, resource, [object])
  if (found) return found
  const singular = resource === 'nodes' ? 'nodemetrics' : 'podmetrics'
  throw notFound({ group: GROUP, resource: singular }, namespace === '' ? name : `${namespace}/${name}`)
}

/** By namespace and name. */
async function all(options: ResourceMetricsOptions, info: RequestInfo): Promise<Array<NodeMetrics | PodMetrics>> {
  const { resource, namespace, query } = info
  const objects = await options.read.list('', resource, namespace === '' ? undefined : namespace)
  const descriptor = findKind('', resource === 'nodes' ? 'Node' : 'Pod')!
  const { labels, fields } = selectorsOf(query)
  const selects = selection(descriptor, labels, fields)
  return measure(options, resource, selects ? objects.filter(selects) : objects)
}

async function measure(
  { summaries, clock }: ResourceMetricsOptions,
  resource: string,
  objects: readonly KubeObject[],
): Promise<Array<NodeMetrics | PodMetrics>> {
  const now = clock.now()
  if (resource === 'nodes') {
    const nodes = objects as readonly Node[]
    const told = await summaries(nodes.map(({ metadata }) => metadata.name))
    return nodes.map((node) => nodeMetrics(node, told.get(node.metadata.name), now)).filter((x) => x !== undefined)
  }
  const pods = (objects as readonly Pod[]).filter(({ spec }) => spec.nodeName)
  const told = await summaries(pods.map(({ spec }) => spec.nodeName!))
  return pods.map((pod) => podMetrics(pod, told.get(pod.spec.nodeName!), now)).filter((x) => x !== undefined)
}
