import { createServer, type Server } from 'node:https'
import type { NodeServices, PodStreams } from '../../../../../src-wire/node/pod-streams.ts'
import { testCertificates as pki } from '../../../../../src-wire/testing/certificates.ts'
import { localStreams } from '../../../../../src-wire/testing/local-streams.ts'
import { listen } from '../../../../../src-wire/testing/loopback.ts'
import { connectTunnel, type ConnectTunnelOptions } from '../../../../../src-wire/tunnel/connect-tunnel.ts'
import type { UserInfo } from '../../../admission/admission.ts'
import type { Tunnels } from '../index.ts'

/** Who the agent of `n1` is. */
export const nodeUser: UserInfo = { name: 'system:node:n1', groups: ['system:nodes'] }

/** A server on loopback that hands its upgrades to the tunnels, as those of whoever `userOf` says; resolves once it listens. */
export async function serveTunnels(tunnels: Tunnels, userOf = (): UserInfo => nodeUser): Promise<Server> {
  const server = createServer({ ...pki.server, ca: pki.ca, requestCert: true })
  server.on('upgrade', (request, socket, head) => void tunnels.handleUpgrade(request, socket, head, userOf()))
  await listen(server)
  return server
}

/** The port of a server that listens. */
export const portOf = (server: Server): number => (server.address() as { port: number }).port

/** How an agent of `n1` dials; its streams are those of a node that has nothing, but for what is given. */
export interface DialOptions extends Omit<ConnectTunnelOptions, 'server' | 'tls' | 'node' | 'streams'> {
  /** On loopback: of the server, or of a relay to it. */
  port: number
  streams?: Partial<PodStreams & NodeServices>
}

/** Dials as the agent of `n1`; resolves when it has made both its connections for the first time. */
export function dialAsNode({ port, streams, ...options }: DialOptions): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const connected = new Set<string>()
  connectTunnel({
    server: `https://127.0.0.1:${port}`,
    tls: { ca: pki.ca, ...pki.node },
    node: 'n1',
    streams: localStreams(streams),
    ...options,
    onState(channel, state, error) {
      options.onState?.(channel, state, error)
      if (state === 'connected' && connected.add(channel).size === 2) resolve()
    },
  })
  return promise
}
