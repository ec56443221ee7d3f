import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Readable } from 'node:stream'
import { json } from 'node:stream/consumers'
import { StatusError, badRequest, internalError } from '../../src-kube/machinery/errors.ts'
import type { NetworkPolicyDocument } from '../node/network-policy.ts'
import type { ContainerTarget, ExecSession, NodeServices, PodStreams } from '../node/pod-streams.ts'
import { kubeletPage } from '../node/kubelet-pages.ts'
import type { ArrivalStep, ProbeStep, TraceServices, WatchStep } from '../trace/steps.ts'
import { channel, parseResize } from '../remote/channels.ts'
import { failureStatus } from '../remote/exit-status.ts'
import { ChannelFrames } from './channel-frames.ts'
import type { ExitMessage } from './node-client.ts'
import { parseExecOptions, parseLogOptions } from './node-paths.ts'

/** Answers one request of the API server on a tunnel, from what the node offers. Never rejects. */
export async function serveNodeStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  node: PodStreams & NodeServices,
): Promise<void> {
  stream.on('error', () => undefined)
  try {
    if (headers[':method'] === 'CONNECT') await connect(stream, headers[':authority'] ?? '', node)
    else await route(stream, headers[':method'] ?? 'GET', new URL(headers[':path'] ?? '/', 'http://node'), node)
  } catch (error) {
    fail(stream, error)
  }
}

function fail(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed) return
  if (stream.headersSent) return stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  const status = error instanceof StatusError ? error : internalError(error)
  stream.respond({ ':status': status.code, 'content-type': 'application/json' })
  stream.end(JSON.stringify(status.toStatus()))
}

async function route(
  stream: ServerHttp2Stream,
  method: string,
  url: URL,
  node: PodStreams & NodeServices,
): Promise<void> {
  const [verb = '', namespace = '', pod = '', container = ''] = url.pathname.slice(1).split('/').map(decodeURIComponent)
  const target: ContainerTarget = { namespace, pod, container, uid: url.searchParams.get('uid') ?? undefined }
  // A GET may come from a user through nodes/proxy and must stay a read.
  switch (method === 'POST' || verb === 'containerLogs' ? verb : '') {
    case 'containerLogs':
      return logs(stream, target, url.searchParams, node)
    case 'exec': {
      const options = parseExecOptions(url.searchParams)
      return command(stream, await node.exec(target, options))
    }
    case 'attach':
      return command(stream, await node.attach(target, parseExecOptions(url.searchParams)))
    case 'portForward': {
      const far = await node.portForward({ namespace, pod, uid: target.uid }, Number(url.searchParams.get('port')))
      return splice(stream, far)
    }
    case 'datagrams':
      if (!node.dialDatagrams) throw notImplemented('dialDatagrams')
      return splice(stream, await node.dialDatagrams(namespace, Number(pod)))
    case 'removeVolume':
      if (!node.removeVolume) throw notImplemented('removeVolume')
      await node.removeVolume(namespace)
      return answer(stream, {})
    case 'networkPolicy':
      if (!node.enforceNetworkPolicy) throw notImplemented('enforceNetworkPolicy')
      await node.enforceNetworkPolicy((await json(stream)) as NetworkPolicyDocument)
      return answer(stream, {})
    case 'trace':
      if (!node.trace) throw notImplemented('trace')
      return answer(stream, await traceStep(node.trace, namespace, await json(stream)))
    case 'images':
      return answer(stream, await node.loadImage(stream))
    default: {
      const { contentType, text } = await kubeletPage(url, node)
      stream.respond({ ':status': 200, 'content-type': contentType })
      stream.end(text)
    }
  }
}

async function traceStep(trace: TraceServices, step: string, asked: unknown): Promise<unknown> {
  if (step === 'probe') return trace.probe(asked as ProbeStep)
  if (step === 'arrival') return trace.arrival(asked as ArrivalStep)
  if (step === 'watch') await trace.watch(asked as WatchStep)
  else if (step === 'unwatch') await trace.unwatch(asked as WatchStep)
  else throw notImplemented(`trace ${step}`)
  return {}
}

const notImplemented = (what: string) =>
  new StatusError(501, 'NotImplemented', `this node does not know how to ${what}`)

function answer(stream: ServerHttp2Stream, value: unknown): void {
  stream.respond({ ':status': 200, 'content-type': 'application/json' })
  stream.end(JSON.stringify(value))
}

async function logs(
  stream: ServerHttp2Stream,
  target: ContainerTarget,
  query: URLSearchParams,
  node: PodStreams,
): Promise<void> {
  const gone = new AbortController()
  stream.once('close', () => gone.abort())
  const source: Readable = await node.logs(target, parseLogOptions(query), gone.signal)
  if (stream.destroyed) return void source.destroy()
  stream.respond({ ':status': 200 })
  stream.once('close', () => source.destroy())
  source.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
  source.pipe(stream)
}

function command(stream: ServerHttp2Stream, session: ExecSession): void {
  if (stream.destroyed) return session.close()
  stream.respond({ ':status': 200 })
  const frames = new ChannelFrames(stream)
  stream.once('close', () => session.close())
  const stdin = frames.input(channel.stdin)
  if (session.stdin) {
    session.stdin.on('error', () => stdin.resume())
    stdin.pipe(session.stdin)
  } else stdin.resume()
  frames.input(channel.resize).on('data', (chunk: Buffer) => {
    const size = parseResize(chunk.toString('utf8'))
    if (size) session.resize(size.columns, size.rows)
  })
  const outputs = [
    copied(session.stdout, channel.stdout, frames, stream),
    copied(session.stderr, channel.stderr, frames, stream),
  ]
  const finish = (message: ExitMessage) => {
    frames.send(channel.error, Buffer.from(JSON.stringify(message)))
    frames.send(channel.error, Buffer.alloc(0))
    stream.end()
  }
  session.exit.then(
    async (code) => {
      await Promise.all(outputs)
      finish({ code })
    },
    (error: unknown) => finish({ status: failureStatus(error) }),
  )
}

/** Resolves when the last byte of the output has been written: only then may the status follow. */
function copied(
  from: Readable | undefined,
  id: number,
  frames: ChannelFrames,
  stream: ServerHttp2Stream,
): Promise<void> {
  if (!from) return Promise.resolve()
  const to = frames.output(id)
  from.pipe(to)
  from.once('error', () => to.end())
  return new Promise((resolve) => {
    to.once('finish', resolve)
    to.once('close', resolve)
    stream.once('close', resolve)
  })
}

async function connect(stream: ServerHttp2Stream, authority: string, node: NodeServices): Promise<void> {
  const colon = authority.lastIndexOf(':')
  const port = Number(authority.slice(colon + 1))
  if (colon < 0 || !Number.isInteger(port)) throw badRequest(`"${authority}" is not host:port`)
  splice(stream, await node.dial(authority.slice(0, colon).replace(/^\[|\]$/g, ''), port))
}

function splice(stream: ServerHttp2Stream, far: NodeJS.ReadWriteStream & { destroy(error?: Error): unknown }): void {
  stream.once('close', () => far.destroy())
  far.on('error', () => stream.close(constants.NGHTTP2_CONNECT_ERROR))
  if (stream.destroyed) return void far.destroy()
  stream.respond({ ':status': 200 })
  stream.pipe(far)
  far.pipe(stream)
}
