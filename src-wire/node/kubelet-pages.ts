import { badRequest, StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeletPage, NodeServices } from './pod-streams.ts'

const json = (value: unknown): KubeletPage => ({ contentType: 'application/json', text: JSON.stringify(value) })
const plain = (text: string): KubeletPage => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text })

/** A path of the kubelet's HTTP API, and what is asked of it. */
export type KubeletQuestion = Pick<URL, 'pathname' | 'searchParams'>

/** What Go's parser of booleans takes for true. */
const isTrue = (text: string | null): boolean => ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text ?? '')

/** `/healthz`, `/pods`, `/stats/summary`, `/metrics…`, `/configz`, `/logs/…`; throws 404 for any other path, 400 for one that is none. */
export async function kubeletPage(
  { pathname, searchParams }: KubeletQuestion,
  node: NodeServices,
): Promise<KubeletPage> {
  const name = pathname.replace(/\/+$/, '')
  if (/^\/healthz(\/(ping|log|syncloop))?$/.test(name)) return plain('ok')
  if (name === '/stats/summary')
    return json(await node.statsSummary({ onlyCpuAndMemory: isTrue(searchParams.get('only_cpu_and_memory')) }))
  if ((name === '/pods' || name === '/runningpods') && node.pods) return json(await node.pods())
  if (name === '/metrics' || name.startsWith('/metrics/')) {
    const text = await node.metrics?.(name.slice('/metrics/'.length))
    if (text !== undefined) return plain(text)
  }
  if (name === '/configz' && node.config) return json(await node.config())
  if (name === '/logs' || name.startsWith('/logs/')) {
    const file = await node.log?.(decoded(name.slice('/logs/'.length)))
    if (file) return file
  }
  throw new StatusError(404, 'NotFound', '404 page not found')
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (error) {
    if (error instanceof URIError) throw badRequest(`invalid path ${JSON.stringify(path)}`)
    throw error
  }
}
