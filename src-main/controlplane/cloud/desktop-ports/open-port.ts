/** A port of the desktop that answers. */
export interface OpenPort {
  readonly port: number
  /** Resolves when the port is free again; what went over it is cut. */
  close(): Promise<void>
}
