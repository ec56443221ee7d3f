import type { Pod } from '#types/core/v1'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { badRequest, invalid, type FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import type { LogOptions } from '../../../../src-wire/node/pod-streams.ts'
import { acceptWebSocket } from '../../../../src-wire/remote/websocket.ts'
import { parseLogOptions } from '../../../../src-wire/tunnel/node-paths.ts'
import type { ConnectRequest, ConnectTarget, StreamingOptions, UpgradeRequest } from './index.ts'
import { connectionTo, containerTarget, readPod } from './pod-target.ts'

/** `GET pods/<name>/log`: the node's bytes as they come, until the log ends or the client goes; no content while the pod has no node. */
export async function serveLog(options: StreamingOptions, call: ConnectRequest): Promise<void> {
  const gone = new AbortController()
  call.response.once('close', () => gone.abort())
  const log = await openLog(options, call, gone.signal)
  const { response } = call
  if (!log) {
    response.statusCode = 204
    response.end()
    return
  }
  response.statusCode = 200
  response.setHeader('content-type', 'text/plain')
  // The first line of a followed log may be far away: the client must see that it is connected.
  if ('flushHeaders' in response) response.flushHeaders()
  try {
    await pipeline(log, response as Writable)
  } catch (error) {
    if (!gone.signal.aborted) options.log(`log of ${call.namespace}/${call.name} was cut short`, error)
  }
}

/** The same over a WebSocket, one message a chunk (`binary.k8s.io`, or base64 text). */
export async function upgradeLog(options: StreamingOptions, call: UpgradeRequest): Promise<void> {
  const gone = new AbortController()
  call.socket.once('close', () => gone.abort())
  const log = await openLog(options, call, gone.signal)
  const accepted = await acceptWebSocket(call, ['binary.k8s.io', 'base64.binary.k8s.io'])
  if (!accepted) throw badRequest('unable to upgrade: no supported WebSocket subprotocol was offered')
  const base64 = accepted.protocol.startsWith('base64.')
  accepted.socket.on('message', () => undefined)
  try {
    for await (const chunk of (log ?? []) as AsyncIterable<Buffer>) {
      if (accepted.socket.readyState !== accepted.socket.OPEN) return
      const message = base64 ? chunk.toString('base64') : chunk
      await new Promise<void>((resolve) => accepted.socket.send(message, { binary: !base64 }, () => resolve()))
    }
  } catch (error) {
    if (!gone.signal.aborted) options.log(`log of ${call.namespace}/${call.name} was cut short`, error)
  }
  accepted.socket.close(1000)
}

/** Undefined for a pod without a node, which has no log yet. */
async function openLog(
  reach: StreamingOptions,
  call: ConnectTarget,
  signal: AbortSignal,
): Promise<Readable | undefined> {
  const pod: Pod = await readPod(reach.read, call.namespace, call.name)
  const options = parseLogOptions(call.query)
  const problems = validate(options, call.query)
  if (problems.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, call.name, problems)
  const target = containerTarget(pod, call.query.get('container'))
  if (!pod.spec?.nodeName) return undefined
  const node = await connectionTo(reach, pod.spec.nodeName)
  return node.logs(target, options, signal)
}

function validate(options: LogOptions, query: URLSearchParams): FieldError[] {
  const errors: FieldError[] = []
  const atLeast = (field: 'tailLines' | 'limitBytes' | 'sinceSeconds', least: number) => {
    const value = options[field]
    if (value === undefined) return
    if (!Number.isInteger(value))
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(query.get(field))}: invalid syntax`)
    if (value >= least) return
    const rule = least === 0 ? 'greater than or equal to 0' : 'greater than 0'
    errors.push({ type: 'FieldValueInvalid', field, message: `Invalid value: ${value}: must be ${rule}` })
  }
  atLeast('tailLines', 0)
  atLeast('limitBytes', 1)
  atLeast('sinceSeconds', 1)
  if (options.sinceTime !== undefined && parseTime(options.sinceTime) === undefined) {
    const time = JSON.stringify(options.sinceTime)
    throw badRequest(`parsing time ${time} as "2006-01-02T15:04:05Z07:00": cannot parse ${time} as "2006"`)
  }
  if (options.sinceSeconds !== undefined && options.sinceTime !== undefined) {
    const message = 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified'
    errors.push({ type: 'FieldValueForbidden', field: '[]', message })
  }
  return [...errors, ...validateStream(options)]
}

const streams = ['All', 'Stderr', 'Stdout']

/** One stream of a log can be read only from where the log begins (reference: `PodLogOptions.tailLines`). */
function validateStream({ stream, tailLines }: LogOptions): FieldError[] {
  if (stream === undefined || stream === 'All') return []
  const field = fieldPath('stream')
  if (!streams.includes(stream)) return [field.notSupported(stream, streams)]
  if (tailLines === undefined) return []
  const message = 'Forbidden: `tailLines` and specific `stream` are mutually exclusive for now'
  return [{ type: 'FieldValueForbidden', field: '[]', message }]
}
