import { componentStatusResource } from './component-statuses.ts'
import type { VirtualResource } from './discovery.ts'
import { metricsResources } from './resource-metrics/resources.ts'
import { reviewResources } from './reviews.ts'
import { bindingResource } from './verbs/bindings.ts'

/** Those that this server answers for itself, whatever others serve. */
export const ownVirtual: readonly VirtualResource[] = [bindingResource, componentStatusResource, ...reviewResources]

/** Resources of which nothing is stored under their own name, as discovery and OpenAPI list them. */
export const virtualResources: readonly VirtualResource[] = [...ownVirtual, ...metricsResources]
