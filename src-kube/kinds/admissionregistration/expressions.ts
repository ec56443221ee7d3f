/** What expressions may speak of, by where they stand (kubernetes.io, "Validating Admission Policy: Validation expression"). */
export const matchVariables = ['object', 'oldObject', 'request', 'authorizer'] as const
/** Variables of expressions in policies (kubernetes.io, "Validating Admission Policy"). */
export const policyVariables = [...matchVariables, 'params', 'namespaceObject', 'variables'] as const
