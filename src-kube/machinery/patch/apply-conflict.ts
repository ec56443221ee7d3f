import { StatusError } from '../errors.ts'
import { pathText } from '../fields-v1/encode.ts'
import type { Manager } from '../fields-v1/managers.ts'
import type { FieldConflict } from './ownership.ts'

/** 409 in the words that clients show: every field that another owns is a cause (kubernetes.io, "Server-Side Apply", conflicts). */
export function applyConflict(conflicts: readonly FieldConflict[]): StatusError {
  const found = conflicts.map(({ owner, path }) => ({ owner: ownerText(owner), field: pathText(path) }))
  return new StatusError(409, 'Conflict', messageOf(found), {
    causes: found.map(({ owner, field }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${owner}`,
      field,
    })),
  })
}

function messageOf(found: ReadonlyArray<{ owner: string; field: string }>): string {
  if (found.length === 1) return `Apply failed with 1 conflict: conflict with ${found[0]!.owner}: ${found[0]!.field}`
  const owners = [...new Set(found.map(({ owner }) => owner))].sort()
  const lines = owners.flatMap((owner) => [
    `conflicts with ${owner}:`,
    ...found.filter((one) => one.owner === owner).map(({ field }) => `- ${field}`),
  ])
  return `Apply failed with ${found.length} conflicts: ${lines.join('\n')}`
}

function ownerText({ manager, operation, subresource, apiVersion }: Manager): string {
  const name = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '')
  return operation === 'Apply' ? name : `${name} using ${apiVersion}`
}
