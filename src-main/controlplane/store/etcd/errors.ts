import { StatusError } from '../../../../src-kube/machinery/errors.ts'

/** Codes of gRPC (grpc.io, "Status codes") that mean something here. */
export const grpcCodes = { OK: 0, UNKNOWN: 2, DEADLINE_EXCEEDED: 4, OUT_OF_RANGE: 11, UNAVAILABLE: 14 } as const

/**
 * What etcd, or the way to it, answers instead of a result: its own words. The API server passes them on as upstream does, as a 500 without a
 * reason (`Error from server: etcdserver: request timed out`).
 */
export class EtcdError extends StatusError {
  /** Of gRPC. */
  readonly grpc: number

  constructor(grpc: number, message: string, options?: ErrorOptions) {
    super(500, '', message, undefined, options)
    this.grpc = grpc
  }
}

/** A request that no member answered in time, in etcd's own words; whether it was carried out is not known. */
export const timedOut = (cause?: unknown): EtcdError =>
  new EtcdError(grpcCodes.DEADLINE_EXCEEDED, 'etcdserver: request timed out', { cause })

/** A connection that could not be made or has ended. */
export const unreachable = (why: string, cause?: unknown): EtcdError =>
  new EtcdError(grpcCodes.UNAVAILABLE, `etcd cannot be reached: ${why}`, { cause })

/** Whether a revision was asked for that etcd has forgotten. */
export const isCompacted = (error: unknown): boolean =>
  error instanceof EtcdError && error.grpc === grpcCodes.OUT_OF_RANGE && error.message.includes('compacted')
