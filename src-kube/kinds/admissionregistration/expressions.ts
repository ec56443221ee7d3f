/** What expressions may speak of, by where they stand (kubernetes.io, "Validating Admission Policy: Validation expression"). */
export const MATCH_VARIABLES = ['object', 'oldObject', 'request', 'authorizer'] as const
/** Variables of expressions in policies (kubernetes.io, "Validating Admission Policy"). */
export const POLICY_VARIABLES = [...MATCH_VARIABLES, 'params', 'namespaceObject', 'variables'] as const
