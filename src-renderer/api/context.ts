import { computed, inject, type ComputedRef, type InjectionKey, type Ref, type ShallowRef } from 'vue'
import type { ClusterSummary } from '../../src-wire/gateway/messages.ts'
import type { KindView } from '../kinds/view.ts'
import type { Connection } from './connection.ts'
import type { Kube } from './kube.ts'

export const connectionKey: InjectionKey<Connection> = Symbol('connection')

/** The cluster on screen. */
export interface ClusterContext {
  id: string
  kube: Kube
  summary: ComputedRef<ClusterSummary | undefined>
  /** Our own views until discovery has answered, then what the server really offers. */
  views: ShallowRef<readonly KindView[]>
  view(id: string): KindView | undefined
  /** Why it cannot be reached, in words that stand above every page. */
  problem?: Readonly<Ref<string | undefined>>
}

export const clusterKey: InjectionKey<ClusterContext> = Symbol('cluster')

/** The connection to the gateway; throws outside of the app. */
export function useConnection(): Connection {
  return required(inject(connectionKey), 'connection')
}

/** The cluster whose pages these are; throws in a component that stands outside of one. */
export function useCluster(): ClusterContext {
  return required(inject(clusterKey), 'cluster')
}

/** Whether Drydock runs this cluster itself: its nodes can be added, stopped and removed. */
export function useIsOwn(): ComputedRef<boolean> {
  const { summary } = useCluster()
  return computed(() => summary.value?.own === true)
}

/** Whether nodes can be added to it: Drydock runs it, and not as a control plane alone. */
export function useTakesNodes(): ComputedRef<boolean> {
  const { summary } = useCluster()
  return computed(() => summary.value?.own === true && summary.value.alone !== true)
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`no ${what} is provided above this component`)
  return value
}
