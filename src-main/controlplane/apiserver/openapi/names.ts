const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** A group in one word: `core`, `apps`, `rbacAuthorization`, `stableExampleCom`. */
function word(group: string): string {
  const [first = '', ...rest] = (group === '' ? 'core' : group.replace(/\.k8s\.io$/, '')).split(/[^A-Za-z0-9]+/)
  return [first, ...rest.map(capital)].join('')
}

/** Upstream's tag of a group version: generated clients have one class for each. */
export const tagOf = (group: string, version?: string): string =>
  version === undefined ? word(group) : `${word(group)}_${version}`

/** Upstream's name of an operation: `listCoreV1NamespacedPod` is `operationId('list', '', 'v1', 'NamespacedPod')`. */
export const operationId = (verb: string, group: string, version: string, rest: string): string =>
  `${verb}${capital(word(group))}${capital(version)}${rest}`

/** What follows a group version in the name of an operation on a kind, or on a subresource of it. */
export const subject = (kind: string, namespaced: boolean, subresource = ''): string =>
  `${namespaced ? 'Namespaced' : ''}${kind}${capital(subresource)}`
