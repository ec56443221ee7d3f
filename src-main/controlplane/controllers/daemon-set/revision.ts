import type { Pod } from '#types/core/v1'
import { TEMPLATE_GENERATION_ANNOTATION } from '../../../../src-kube/kinds/apps/daemon-set.ts'
import { POD_REVISION_LABEL } from '../revisions/history.ts'
import type { Situation } from './plan.ts'

const GENERATION_LABEL = 'pod-template-generation'

/** The label that says which template, by number, a pod is made from; none for a set whose templates have no numbers. */
export function generationLabels({ owner }: Pick<Situation, 'owner'>): Record<string, string> {
  const generation = owner.metadata.annotations?.[TEMPLATE_GENERATION_ANNOTATION]
  return generation === undefined ? {} : { [GENERATION_LABEL]: generation }
}

/**
 * Whether a pod is made from the template as it is now: it has the hash of the revision, or the number of the template, which outlives
 * revisions that people delete.
 */
export function isUpToDate({ owner, hash }: Pick<Situation, 'owner' | 'hash'>, { metadata: { labels } }: Pod): boolean {
  if (labels?.[POD_REVISION_LABEL] === hash) return true
  const generation = generationLabels({ owner })[GENERATION_LABEL]
  return generation !== undefined && labels?.[GENERATION_LABEL] === generation
}
