export const GROUP = 'admissionregistration.k8s.io'

/** Chooses writes of deployments, for policies and webhooks. */
export const deploymentRule = {
  operations: ['CREATE', 'UPDATE'],
  apiGroups: ['apps'],
  apiVersions: ['v1'],
  resources: ['deployments'],
}
