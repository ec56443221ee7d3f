import type { ProxyEndpoint } from '../rules/model.ts'

/** A port of the node where a service's traffic comes to this process, which brings it to an endpoint. */
export interface Relay {
  readonly port: number
  update(endpoints: readonly ProxyEndpoint[], affinitySeconds: number | undefined): void
  close(): void
}
