import type { ResourceRef } from '../../src-kube/kinds/descriptor.ts'
import { StatusError, type StatusObject } from '../../src-kube/machinery/errors.ts'
import type { Ref } from 'vue'
import { type KubeObject, withTypedItems } from '../../src-kube/machinery/meta.ts'
import { momentOf } from '../past/known-moments.ts'
import type { Moment } from '../past/moment.ts'
import type { Connection } from './connection.ts'

/** Which objects of a kind a request is about: one, a namespace's, or all. */
export interface Target {
  namespace?: string | undefined
  name?: string | undefined
  subresource?: string | undefined
  query?: Record<string, string | string[]> | undefined
}

/** Path and query of a resource, collection or object. */
export function pathOf(ref: Pick<ResourceRef, 'group' | 'version' | 'resource'>, target: Target = {}): string {
  const root = ref.group === '' ? `/api/${ref.version}` : `/apis/${ref.group}/${ref.version}`
  const parts = [
    root,
    ...(target.namespace ? ['namespaces', encodeURIComponent(target.namespace)] : []),
    ref.resource,
    ...(target.name ? [encodeURIComponent(target.name)] : []),
    ...(target.subresource ? [target.subresource] : []),
  ]
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(target.query ?? {})) {
    for (const one of [value].flat()) query.append(name, one)
  }
  return parts.join('/') + (query.size > 0 ? `?${query}` : '')
}

/** Asks for lists without what objects hold (kubernetes.io, "Kubernetes API Concepts: Metadata-only fetches"). */
export const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

/** What a server answered, with the texts of its `Warning` headers. */
export interface Answer<T> {
  object: T
  warnings: string[]
}

/** The Kubernetes API of one cluster, as the renderer needs it. Refusals are `StatusError`s in the server's own words. */
export interface Kube {
  cluster: string
  connection: Connection
  /** At which lists are read; undefined, or absent, for now. Everything else is always of now. */
  readonly moment?: Readonly<Ref<Moment | undefined>> | undefined
  get<T = KubeObject>(path: string, accept?: string): Promise<T>
  send<T = KubeObject>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<Answer<T>>
}

/** Requests to one cluster through the gateway. A status of 400 and more is thrown as the server's `StatusError`. */
export function createKube(connection: Connection, cluster: string): Kube {
  const call = async <T>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options: { accept?: string; body?: string; contentType?: string },
  ): Promise<Answer<T>> => {
    const reply = await connection.call({ cluster, method, path, ...options })
    const object = parse(reply.text)
    if (reply.status >= 400) throw failure(reply.status, object, reply.text)
    return { object: withTypedItems(object as T), warnings: reply.warnings }
  }
  return {
    cluster,
    connection,
    moment: momentOf(cluster),
    get: async <T>(path: string, accept?: string) => (await call<T>('GET', path, accept ? { accept } : {})).object,
    send: (method, path, body, contentType = 'application/json') =>
      call(
        method,
        path,
        body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body), contentType },
      ),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a server said, with what to do where its words leave that open. */
export function statusWords({ code, message = '' }: Partial<StatusObject>): string {
  if (code === 401) return `${message || 'Unauthorized'}: ${signInAgain}`
  return code === 403 && message.includes('User "system:anonymous"') ? `${message}: ${nobody}` : message
}

const signInAgain =
  'the cluster does not take these credentials. They have ended, or are wrong. Sign in again as for kubectl.'
const nobody = 'the kubeconfig holds no credentials that the cluster knows. Sign in as for kubectl.'

/** The refusal as an error, made up from the text when the server sent no `Status`. */
function failure(code: number, body: unknown, text = ''): StatusError {
  const status = body as Partial<StatusObject> | undefined
  return status?.kind === 'Status'
    ? StatusError.from({ ...status, code: status.code ?? code, message: statusWords({ code, ...status }) })
    : new StatusError(code, 'Unknown', text.trim().slice(0, 500) || `The server answered with HTTP ${code}.`)
}
