/** A container that cannot be made as its pod asks, in the words of its waiting state. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError'
  readonly reason = 'CreateContainerConfigError'
}
