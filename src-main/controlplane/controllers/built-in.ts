import { type ResourceRef, resourceOf } from '../../../src-kube/kinds/descriptor.ts'
import { kinds } from '../../../src-kube/kinds/index.ts'

/** Built-in resources whose objects are stored: they can be listed, watched and deleted. */
export function builtInResources(): ResourceRef[] {
  return kinds.filter(({ verbs }) => ['list', 'watch', 'delete'].every((verb) => verbs.includes(verb))).map(resourceOf)
}
