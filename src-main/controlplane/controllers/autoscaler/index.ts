import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, MetricSpec } from '#types/autoscaling/v2'
import type { Pod } from '#types/core/v1'
import { byNamespace } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import type { TypedRef } from '../../../../src-kube/client/typed-client.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  requeueAfter,
} from '../../../../src-kube/runtime/controller.ts'
import type { ResourceSource } from '../discovery.ts'
import { equal } from '../equal.ts'
import { messageOf } from '../refusal.ts'
import { decide, type Memory } from './behavior.ts'
import { Conditions } from './conditions.ts'
import { MetricError } from './metric-error.ts'
import { recommend, type Recommendation } from './metrics.ts'
import { askForMetrics, type AskOthers, nobodyElse } from './other-metrics.ts'
import { readScale, type ScaleTarget, writeScale } from './scale.ts'
import { SelectorError, Selectors } from './selectors.ts'
import type { PodUsage, UsageSource } from './usage.ts'

/** kube-controller-manager's horizontal-pod-autoscaler-sync-period. */
const PERIOD = 15_000

export const autoscalers: TypedRef<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  resource: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
}

/** Sets replicas by what pods use ("Horizontal Pod Autoscaling" in the Kubernetes documentation), every fifteen seconds. */
export function autoscalerController(
  usage: UsageSource,
  resources: Pick<ResourceSource, 'find'>,
  ask: AskOthers = nobodyElse,
): AnyController {
  const memories = new Map<string, Memory>()
  const selectors = new Selectors()
  /** When each was last looked at to the end, and with which specification: a change of the status alone is none. */
  const looks = new Map<string, { at: number; spec: unknown }>()
  return defineController<HorizontalPodAutoscaler>({
    name: 'horizontal-pod-autoscaler',
    component: 'horizontal-pod-autoscaler',
    for: autoscalers,
    setup: (ctx) => ctx.informer(refs.pods).addIndex(byNamespace.name, byNamespace.of),
    async reconcile(ctx, hpa, key) {
      const now = ctx.clock.monotonic()
      const last = looks.get(key)
      if (last && now - last.at < PERIOD && equal(last.spec, hpa.spec)) return requeueAfter(PERIOD - (now - last.at))
      looks.set(key, { at: now, spec: hpa.spec })
      const memory = memories.get(key) ?? { recommendations: [], events: [] }
      memories.set(key, memory)
      await new Look(ctx, hpa, memory, selectors).take({ usage, resources, ask })
      looks.set(key, { at: ctx.clock.monotonic(), spec: hpa.spec })
      return requeueAfter(PERIOD)
    },
    async gone(_ctx, key) {
      memories.delete(key)
      selectors.forget(key)
      looks.delete(key)
    },
  })
}

/** Whom an autoscaler asks. */
interface Sources {
  readonly usage: UsageSource
  readonly resources: Pick<ResourceSource, 'find'>
  readonly ask: AskOthers
}

const isMeasuredHere = ({ resource, containerResource }: MetricSpec): boolean =>
  (resource ?? containerResource) !== undefined

/** One evaluation of an autoscaler: reads metrics, decides on replicas, scales, and writes the status. */
class Look {
  readonly #ctx: ControllerContext
  readonly #hpa: HorizontalPodAutoscaler
  readonly #memory: Memory
  readonly #selectors: Selectors
  readonly #conditions: Conditions
  /** When it began. Policies' periods can be as long as the time between evaluations, so one evaluation must not count in the next. */
  readonly #now: number

  constructor(ctx: ControllerContext, hpa: HorizontalPodAutoscaler, memory: Memory, selectors: Selectors) {
    this.#ctx = ctx
    this.#hpa = hpa
    this.#memory = memory
    this.#selectors = selectors
    this.#now = ctx.clock.now()
    this.#conditions = new Conditions(hpa.status?.conditions, this.#now)
  }

  async take(sources: Sources): Promise<void> {
    const { status = { desiredReplicas: 0 } } = this.#hpa
    let target: ScaleTarget
    try {
      target = await readScale(this.#ctx, sources.resources, this.#hpa)
    } catch (error) {
      const words = `the HPA controller was unable to get the target's current scale: ${messageOf(error)}`
      this.#conditions.set('AbleToScale', 'False', 'FailedGetScale', words)
      this.#ctx.events.event(this.#hpa, 'Warning', 'FailedGetScale', messageOf(error))
      return this.#write(status)
    }
    this.#conditions.set(
      'AbleToScale',
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    )
    const currentReplicas = target.scale.spec?.replicas ?? 0
    const found = { ...status, currentReplicas: target.scale.status?.replicas ?? 0 }
    if (currentReplicas === 0 && this.#hpa.spec.minReplicas !== 0) {
      const words = 'scaling is disabled since the replica count of the target is zero'
      this.#conditions.set('ScalingActive', 'False', 'ScalingDisabled', words)
      return this.#write({ ...found, desiredReplicas: 0 })
    }
    const wanted = await this.#wanted(target, currentReplicas, sources)
    if (!wanted) return this.#write({ ...found, desiredReplicas: status.desiredReplicas })
    const scaled = await this.#scale(target, currentReplicas, wanted.replicas, wanted.why)
    await this.#write({
      ...found,
      desiredReplicas: wanted.replicas,
      ...(wanted.current ? { currentMetrics: wanted.current } : {}),
      ...(scaled ? { lastScaleTime: formatTime(this.#now) } : {}),
    })
  }

  /** How many there should be and why; undefined when that cannot be told. */
  async #wanted(target: ScaleTarget, replicas: number, { usage, resources, ask }: Sources) {
    const { maxReplicas, minReplicas = 1, metrics = [] } = this.#hpa.spec
    if (replicas > maxReplicas)
      return { replicas: maxReplicas, why: 'Current number of replicas above Spec.MaxReplicas', current: undefined }
    if (replicas < minReplicas)
      return { replicas: minReplicas, why: 'Current number of replicas below Spec.MinReplicas', current: undefined }
    let asked: Recommendation
    const now = this.#now
    try {
      const pods = this.#podsOf(target)
      const { namespace = '' } = this.#hpa.metadata
      const { selector = '', replicas: statusReplicas = 0 } = target.scale.status ?? {}
      const others = await askForMetrics(metrics, { namespace, selector, ask, resources })
      const measured = metrics.some(isMeasuredHere) ? await usage(pods) : new Map<string, PodUsage>()
      asked = recommend(this.#hpa, { pods, usage: measured, others, replicas, statusReplicas, now })
    } catch (error) {
      if (error instanceof SelectorError) return this.#refuse(error)
      if (!(error instanceof MetricError)) throw error
      const words = `the HPA was unable to compute the replica count: ${error.message}`
      this.#conditions.set('ScalingActive', 'False', error.reason, words)
      this.#tell(error.each)
      this.#ctx.events.event(this.#hpa, 'Warning', 'FailedComputeMetricsReplicas', error.eventMessage)
      return undefined
    }
    this.#tell(asked.problems)
    const words = `the HPA was able to successfully calculate a replica count from ${asked.metric}`
    this.#conditions.set('ScalingActive', 'True', 'ValidMetricFound', words)
    const { able, limited, replicas: decided } = decide(this.#hpa, replicas, asked.replicas, this.#memory, now)
    this.#conditions.set('AbleToScale', 'True', able.reason, able.message)
    this.#conditions.set('ScalingLimited', limited.status, limited.reason, limited.message)
    const why = decided > replicas ? `${asked.metric} above target` : 'All metrics below target'
    return { replicas: decided, why, current: asked.current }
  }

  #podsOf({ scale }: ScaleTarget): Pod[] {
    const { name, namespace = '' } = this.#hpa.metadata
    const pods = this.#ctx.informer(refs.pods).list(namespace)
    return this.#selectors.podsOf(namespace, name, scale.status?.selector, pods)
  }

  #refuse({ event, message, reason, condition }: SelectorError): undefined {
    this.#conditions.set('ScalingActive', 'False', reason, condition)
    this.#ctx.events.event(this.#hpa, 'Warning', event, message)
    this.#ctx.events.event(this.#hpa, 'Warning', 'FailedComputeMetricsReplicas', message)
  }

  async #scale(target: ScaleTarget, from: number, to: number, why: string): Promise<boolean> {
    if (from === to) return false
    try {
      await writeScale(this.#ctx, target, to)
    } catch (error) {
      const words = `the HPA controller was unable to update the target scale: ${messageOf(error)}`
      this.#conditions.set('AbleToScale', 'False', 'FailedUpdateScale', words)
      this.#ctx.events.event(
        this.#hpa,
        'Warning',
        'FailedRescale',
        `New size: ${to}; reason: ${why}; error: ${messageOf(error)}`,
      )
      return false
    }
    this.#memory.events.push({ change: to - from, at: this.#now })
    const words = `the HPA controller was able to update the target scale to ${to}`
    this.#conditions.set('AbleToScale', 'True', 'SucceededRescale', words)
    this.#ctx.events.event(this.#hpa, 'Normal', 'SuccessfulRescale', `New size: ${to}; reason: ${why}`)
    return true
  }

  /** Each metric that could not be had has an event of its own. */
  #tell(problems: readonly MetricError[]): void {
    for (const { reason, message } of problems) this.#ctx.events.event(this.#hpa, 'Warning', reason, message)
  }

  async #write(found: HorizontalPodAutoscalerStatus): Promise<void> {
    const { generation } = this.#hpa.metadata
    const status = {
      ...found,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      conditions: this.#conditions.all,
    }
    if (equal(status, this.#hpa.status)) return
    await this.#ctx.client.resource(autoscalers).updateStatus({ ...this.#hpa, status })
  }
}
