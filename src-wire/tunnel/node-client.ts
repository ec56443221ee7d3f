import type { ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2'
import type { Duplex, Readable } from 'node:stream'
import { StatusError, type StatusObject } from '../../src-kube/machinery/errors.ts'
import type { KubeletAnswer, NodeConnection } from '../node/node-connection.ts'
import type { ExecOptions, ExecSession, NodeServices, PodStreams } from '../node/pod-streams.ts'
import type { ArrivalReport, ProbeReport } from '../trace/steps.ts'
import { bodyOf } from '../http2-body.ts'
import { channel } from '../remote/channels.ts'
import { ChannelFrames } from './channel-frames.ts'
import { commandPath, logsPath, type TunnelChannel } from './node-paths.ts'

/** How a stream to a node is meant. */
export interface StreamOptions {
  /** It is a client's to end, and waits for a node that says nothing any more. Default: false. */
  isLasting?: boolean | undefined
}

/** Opens a stream on one of a node's connections; throws `StatusError` when it is gone. */
export type OpenStream = (
  channel: TunnelChannel,
  headers: OutgoingHttpHeaders,
  options?: StreamOptions,
) => ClientHttp2Stream

/** What a node offers, asked for through its tunnel. */
export function nodeClient(open: OpenStream): PodStreams & NodeServices & Pick<NodeConnection, 'kubelet'> {
  return { ...podStreams(open), ...nodeServices(open) }
}

/** A stream that node and client work on from both ends, for as long as either wants. */
const post = (open: OpenStream, to: TunnelChannel, path: string): Promise<ClientHttp2Stream> =>
  answered(open(to, { ':method': 'POST', ':path': path }, { isLasting: true }))

function podStreams(open: OpenStream): PodStreams {
  return {
    async logs(target, options, signal) {
      const headers = { ':method': 'GET', ':path': logsPath(target, options) }
      const stream = open('control', headers, { isLasting: options.follow })
      stream.end()
      signal.addEventListener('abort', () => stream.destroy(), { once: true })
      return read(stream)
    },
    exec: async (target, options) =>
      execSession(await post(open, 'control', commandPath(target, options, options.command)), options),
    attach: async (target, options) => execSession(await post(open, 'control', commandPath(target, options)), options),
    async portForward({ namespace, pod, uid }, port) {
      const query = new URLSearchParams({ port: String(port), ...(uid ? { uid } : {}) }).toString()
      return post(open, 'bulk', `/portForward/${encodeURIComponent(namespace)}/${encodeURIComponent(pod)}?${query}`)
    },
  }
}

function nodeServices(open: OpenStream): NodeServices & Pick<NodeConnection, 'kubelet'> {
  /** Sends a document, or nothing, and reads the one that is answered. */
  const ask = async (method: string, path: string, document?: object): Promise<unknown> => {
    const stream = open('control', { ':method': method, ':path': path })
    stream.end(document && JSON.stringify(document))
    return json(await read(stream))
  }
  return {
    trace: {
      probe: async (step) => (await ask('POST', '/trace/probe', step)) as ProbeReport,
      arrival: async (step) => (await ask('POST', '/trace/arrival', step)) as ArrivalReport,
      watch: async (step) => void (await ask('POST', '/trace/watch', step)),
      unwatch: async (step) => void (await ask('POST', '/trace/unwatch', step)),
    },
    async dial(host, port) {
      const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
      return answered(open('bulk', { ':method': 'CONNECT', ':authority': authority }))
    },
    dialDatagrams: (host, port) =>
      answered(open('bulk', { ':method': 'POST', ':path': `/datagrams/${encodeURIComponent(host)}/${port}` })),
    async loadImage(archive) {
      const stream = open('bulk', { ':method': 'POST', ':path': '/images/load' })
      archive.on('error', (error) => stream.destroy(error))
      archive.pipe(stream)
      return (await json(await read(stream))) as string[]
    },
    removeVolume: async (name) => void (await ask('POST', `/removeVolume/${encodeURIComponent(name)}`)),
    enforceNetworkPolicy: async (document) => void (await ask('POST', '/networkPolicy', document)),
    statsSummary: () => ask('GET', '/stats/summary'),
    async kubelet(path) {
      const stream = open('control', { ':method': 'GET', ':path': path })
      stream.end()
      return responded(stream, bodyOf(stream))
    },
  }
}

/** The stream once the node has agreed; its `Status` as an error otherwise. */
async function answered(stream: ClientHttp2Stream): Promise<ClientHttp2Stream> {
  await agreed(stream, stream)
  gatherBytes(stream)
  return stream
}

/**
 * Has what is written together go as bytes: of text among it Node (20 and 24; nodejs/node#40679) sends memory that it has freed by then. Its own HTTP
 * client writes so whatever has a body: head as text, body as bytes.
 */
function gatherBytes(stream: ClientHttp2Stream): void {
  const gather = stream._writev?.bind(stream)
  if (!gather) return
  stream._writev = (written, done) => {
    const bytes = written.map(({ chunk, encoding }) => ({
      chunk: typeof chunk === 'string' ? Buffer.from(chunk, encoding) : (chunk as Uint8Array),
      encoding,
    }))
    gather(bytes, done)
  }
}

/** The same of a stream that only answers: what it answers. */
async function read(stream: ClientHttp2Stream): Promise<Readable> {
  const body = bodyOf(stream)
  await agreed(stream, body)
  return body
}

async function agreed(stream: ClientHttp2Stream, body: Readable): Promise<void> {
  const { status: code } = await responded(stream, body)
  if (code < 300) return
  stream.end()
  const status = (await json(body).catch(() => undefined)) as Partial<StatusObject> | undefined
  throw StatusError.from({ code, message: `the node answered ${code}`, ...status })
}

function responded(stream: ClientHttp2Stream, body: Readable): Promise<KubeletAnswer> {
  return new Promise((resolve, reject) => {
    let failure: Error | undefined
    stream.once('response', (headers) => resolve({ status: Number(headers[':status']), headers, body }))
    stream.on('error', (error) => (failure = error))
    stream.once('close', () => reject(nodeLost(failure)))
  })
}

function nodeLost(cause: Error | undefined): StatusError {
  const why = cause ? `: ${cause.message}` : ''
  return new StatusError(502, 'BadGateway', `the connection to the node was lost${why}`, undefined, { cause })
}

async function json(stream: Readable): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
}

/** What the node says last on the error channel. */
export type ExitMessage = { code: number } | { status: StatusObject }

function execSession(stream: Duplex, options: Omit<ExecOptions, 'command'>): ExecSession {
  const frames = new ChannelFrames(stream)
  const last: Buffer[] = []
  const ending = frames.input(channel.error)
  const exit = new Promise<number>((resolve, reject) => {
    ending.on('data', (chunk: Buffer) => last.push(chunk))
    ending.once('end', () => {
      stream.end()
      if (last.length === 0) return reject(nodeLost(undefined))
      const message = JSON.parse(Buffer.concat(last).toString('utf8')) as ExitMessage
      if ('code' in message) resolve(message.code)
      else reject(StatusError.from(message.status))
    })
  })
  exit.catch(() => undefined)
  return {
    stdin: options.stdin ? frames.output(channel.stdin) : undefined,
    stdout: options.stdout ? frames.input(channel.stdout) : undefined,
    stderr: options.stderr && !options.tty ? frames.input(channel.stderr) : undefined,
    resize: (Width, Height) => frames.send(channel.resize, Buffer.from(JSON.stringify({ Width, Height }))),
    exit,
    close: () => stream.destroy(),
  }
}
