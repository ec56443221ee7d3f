import type { VirtualResource } from './discovery.ts'
import { reviewResources } from './reviews.ts'
import { bindingResource } from './verbs/bindings.ts'

/** Resources that only answer a POST and of which nothing is stored under their own name, as discovery and OpenAPI list them. */
export const virtualResources: readonly VirtualResource[] = [bindingResource, ...reviewResources]
