import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { approvalOf, isProtectedGroup } from '../../../../src-kube/kinds/apiextensions/approval.ts'
import type { Condition } from './conditions.ts'

/** Whether a group that belongs to Kubernetes was approved (KEP-1111); undefined for all other groups. */
export function approvalCondition({
  metadata,
  spec,
}: CustomResourceDefinition): Pick<Condition, 'status' | 'reason' | 'message'> | undefined {
  if (!isProtectedGroup(spec.group)) return undefined
  const { state, message } = approvalOf(metadata.annotations)
  const words = {
    missing: { status: 'False', reason: 'MissingAnnotation' },
    invalid: { status: 'False', reason: 'InvalidAnnotation' },
    bypassed: { status: 'False', reason: 'UnapprovedAnnotation' },
    approved: { status: 'True', reason: 'ApprovedAnnotation' },
  }[state]
  return { ...words, message } as Pick<Condition, 'status' | 'reason' | 'message'>
}
