/** gRPC's codes by number (grpc.io, "Status codes and their use in gRPC"), in the words of Go's library, which everybody reads in events. */
const codes = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
] as const

/** A code by its word. */
export type CodeName = (typeof codes)[number]

/** The word for a code. */
export const codeName = (code: number): string => codes[code] ?? `Code(${code})`

/** The number of a code. */
export const codeOf = (name: CodeName): number => codes.indexOf(name)

/** A call that failed: its code, and what the other end said of it. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  /** Without the words around it. */
  readonly details: string
  constructor(code: number | CodeName, details: string, cause?: unknown) {
    const number = typeof code === 'number' ? code : codeOf(code)
    super(`rpc error: code = ${codeName(number)} desc = ${details}`, { cause })
    this.code = number
    this.details = details
  }

  is(name: CodeName): boolean {
    return this.code === codeOf(name)
  }
}
