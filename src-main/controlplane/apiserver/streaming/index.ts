import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { StatusError, badRequest, internalError } from '../../../../src-kube/machinery/errors.ts'
import type { NodeTunnels } from '../../../../src-wire/node/node-connection.ts'
import { refuseUpgrade } from '../../../../src-wire/remote/switch-protocols.ts'
import type { Upgrade } from '../../../../src-wire/remote/upgrade.ts'
import type { ObjectReader, UserInfo } from '../../admission/admission.ts'
import { methodNotAllowed } from '../scope.ts'
import { runRemoteCommand } from './command.ts'
import { serveLog, upgradeLog } from './log.ts'
import { readPod } from './pod-target.ts'
import { forwardPorts } from './port-forward.ts'
import { proxyRequest, proxyUpgrade } from './proxy.ts'

/** A request for a connect subresource: authenticated, authorised and admitted (CONNECT) by the caller. */
export interface ConnectTarget {
  /** `pods`, `services` or `nodes`. */
  resource: string
  /** `log`, `exec`, `attach`, `portforward` or `proxy`. */
  subresource: string
  namespace: string
  /** As in the path: for `proxy` it may be `https:name:port`. */
  name: string
  /** What follows `/proxy`, still escaped: `/metrics`, `/`, or `` when the path ended there. */
  path: string
  query: URLSearchParams
  user: UserInfo
}

/** A request that is answered as HTTP: logs, and what a proxy leads to. */
export interface ConnectRequest extends ConnectTarget {
  request: IncomingMessage | Http2ServerRequest
  response: ServerResponse | Http2ServerResponse
}

/** A request whose connection becomes a stream in both directions. */
export interface UpgradeRequest extends ConnectTarget, Upgrade {}

/** How nodes are reached, and who hears of what goes wrong late. */
export interface StreamingOptions {
  read: ObjectReader
  tunnels: NodeTunnels
  /** Told of failures that no client can be told any more. */
  log(message: string, error: unknown): void
}

/** Serves the subresources that lead to nodes. */
export interface Streaming {
  /** False when the subresource is none of these. Throws `StatusError` while nothing has been answered. */
  handle(request: ConnectRequest): Promise<boolean>
  /** Owns the socket from here on: refusals are answered on it. Never rejects. */
  upgrade(request: UpgradeRequest): Promise<void>
}

/** The subresources of pods, services and nodes that reach into a node instead of the store. */
export function createStreaming(options: StreamingOptions): Streaming {
  return {
    async handle(request) {
      const { resource, subresource } = request
      if (subresource === 'proxy') await proxyRequest(options, request)
      else if (resource === 'pods' && subresource === 'log') {
        holdTo(request, ['GET'])
        await serveLog(options, request)
      } else if (resource === 'pods' && /^(exec|attach|portforward)$/.test(subresource)) {
        holdTo(request, ['GET', 'POST'])
        await readPod(options.read, request.namespace, request.name)
        throw badRequest('Upgrade request required')
      } else return false
      return true
    },
    async upgrade(request) {
      const { socket, resource, subresource } = request
      socket.on('error', () => socket.destroy())
      try {
        if (subresource === 'proxy') await proxyUpgrade(options, request)
        else if (resource !== 'pods') throw badRequest('this resource cannot be upgraded')
        else if (subresource === 'exec' || subresource === 'attach') await runRemoteCommand(options, request)
        else if (subresource === 'portforward') await forwardPorts(options, request)
        else if (subresource === 'log') await upgradeLog(options, request)
        else throw badRequest('this resource cannot be upgraded')
      } catch (error) {
        const status = error instanceof StatusError ? error : internalError(error)
        if (status.code >= 500) options.log(`${resource}/${subresource} ${request.namespace}/${request.name}`, error)
        refuseUpgrade(socket, status.code, status.toStatus())
      }
    },
  }
}

function holdTo({ request }: ConnectRequest, methods: readonly string[]): void {
  if (!methods.includes(request.method ?? '')) throw methodNotAllowed()
}
