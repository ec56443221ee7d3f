import { internalError, StatusError, type StatusObject } from '../../src-kube/machinery/errors.ts'

/** How a remote command ended, as clients expect it on the error channel: Success, or `NonZeroExitCode` with the code as a cause. */
export function exitStatus(code: number): StatusObject {
  if (code === 0) return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: command terminated with exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}

/** A failure of the runtime, or of finding the container, as a `Status`. */
export function failureStatus(error: unknown): StatusObject {
  return (error instanceof StatusError ? error : internalError(error)).toStatus()
}
