import { StatusError } from '../../../src-kube/machinery/errors.ts'

/** Whether the server refuses an object because its namespace is being emptied: nothing to report, nothing to try again. */
export function namespaceEnds(error: unknown): boolean {
  return (
    error instanceof StatusError &&
    error.reason === 'Forbidden' &&
    (error.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false)
  )
}

/** Words for an event. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
