/**
 * What expressions may cost, in units of which one is about 50 ns of work (kubernetes.io, "Common Expression Language in Kubernetes: Resource
 * constraints"; KEP-2876 and KEP-3488 have the numbers).
 */

/** Of one evaluation, as it runs. */
export const PER_CALL = 1_000_000
/** Of all evaluations for one custom resource, or for one binding of a policy, as they run. */
export const PER_OBJECT = 10_000_000
/** Of the match conditions of one webhook or one binding: a quarter of the rest. */
export const PER_CONDITIONS = PER_OBJECT / 4
/** Of one rule of a definition in the worst case, for all places where it holds. */
export const PER_RULE = 10_000_000
/** Of all rules of a schema in the worst case. */
export const PER_SCHEMA = 100_000_000
/** Bytes of a request at most: what bounds the sizes that a schema leaves open. */
export const LARGEST_REQUEST = 3 * 1024 * 1024
