import type { ServedVersion } from '../../../../src-kube/kinds/descriptor.ts'
import { StatusError, type StatusObject } from '../../../../src-kube/machinery/errors.ts'
import { jsonFault } from '../../../../src-kube/machinery/json-syntax.ts'
import { jsonPatch } from '../../../../src-kube/machinery/patch/json.ts'
import type { AdmissionAttributes, UserInfo } from '../admission.ts'
import { inVersion } from './versions.ts'

/** What a webhook answered, checked. */
export interface Verdict {
  allowed: boolean
  status?: Partial<StatusObject> | undefined
  patch?: unknown
  warnings: readonly string[]
  auditAnnotations: Readonly<Record<string, string>>
}

const spoken = ['v1', 'v1beta1']

/** The version of AdmissionReview that both sides speak; undefined when there is none. */
export const reviewVersion = (versions: readonly string[] = []): string | undefined =>
  versions.find((version) => spoken.includes(version))

/** The question (kubernetes.io, "Dynamic Admission Control: Webhook request and response"). */
export function reviewOf(attributes: AdmissionAttributes, served: ServedVersion, version: string, uid: string): object {
  const { descriptor, subresource, name, namespace, operation, object, oldObject, dryRun } = attributes
  const asked = attributes.served ?? descriptor.served[0]!
  const part = descriptor.subresources.find((one) => one.name === subresource)
  const kindIn = (one: ServedVersion) => ({
    group: part?.group ?? one.group,
    version: part?.version ?? one.version,
    kind: part?.kind ?? descriptor.kind,
  })
  const resourceIn = (one: ServedVersion) => ({ group: one.group, version: one.version, resource: descriptor.plural })
  return {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      kind: kindIn(served),
      resource: resourceIn(served),
      ...(subresource ? { subResource: subresource } : {}),
      requestKind: kindIn(asked),
      requestResource: resourceIn(asked),
      ...(subresource ? { requestSubResource: subresource } : {}),
      ...(name ? { name } : {}),
      ...(namespace ? { namespace } : {}),
      operation,
      userInfo: userOf(attributes.user),
      object: inVersion(object, attributes, served) ?? null,
      oldObject: inVersion(oldObject, attributes, served) ?? null,
      dryRun,
      options: options[operation] ? { kind: options[operation], apiVersion: 'meta.k8s.io/v1' } : null,
    },
  }
}

const options: Record<string, string | undefined> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
}

const userOf = ({ name, uid, groups, extra }: UserInfo): object => ({
  username: name,
  ...(uid ? { uid } : {}),
  groups: [...groups],
  ...(extra ? { extra } : {}),
})

interface Answer {
  kind?: string
  apiVersion?: string
  response?: {
    uid?: string
    allowed?: boolean
    status?: Partial<StatusObject>
    patch?: string
    patchType?: string
    warnings?: string[]
    auditAnnotations?: Record<string, string>
  }
}

/** The answer to the review of this `uid` and version. Throws what is wrong with an answer that is none. */
export function verdictOf(text: string, version: string, uid: string): Verdict {
  const { kind, apiVersion, response } = parse(text)
  if (!response) throw new Error('webhook response was absent')
  if (version === 'v1') {
    const wanted = 'admission.k8s.io/v1'
    if (kind !== 'AdmissionReview' || apiVersion !== wanted)
      throw new Error(
        `expected webhook response of ${wanted}, Kind=AdmissionReview, got ${apiVersion ?? ''}, Kind=${kind ?? ''}`,
      )
    if (response.uid !== uid)
      throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`)
    if (response.patch && !response.patchType)
      throw new Error('webhook returned response.patch but not response.patchType')
    if (response.patchType && response.patchType !== 'JSONPatch')
      throw new Error(`webhook returned invalid response.patchType of ${JSON.stringify(response.patchType)}`)
  }
  const { allowed = false, status, patch, warnings = [], auditAnnotations = {} } = response
  return { allowed, status, warnings, auditAnnotations, ...(patch ? { patch: parsePatch(patch) } : {}) }
}

function parse(text: string): Answer {
  try {
    return (JSON.parse(text) ?? {}) as Answer
  } catch (cause) {
    throw new Error(`failed to call webhook: couldn't get version/kind; json parse error: ${jsonFault(text)}`, {
      cause,
    })
  }
}

function parsePatch(patch: string): unknown {
  try {
    return JSON.parse(Buffer.from(patch, 'base64').toString('utf8')) as unknown
  } catch (cause) {
    throw new Error(`error decoding patch: ${(cause as Error).message}`, { cause })
  }
}

export const patched = (object: unknown, patch: unknown): unknown => jsonPatch(object, patch)

/** The refusal of a webhook as the client sees it. */
export function denial(name: string, status: Partial<StatusObject> | undefined): StatusError {
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`
  const words = status?.message || status?.reason
  const code = (status?.code ?? 0) < 400 ? 400 : status!.code!
  return new StatusError(
    code,
    status?.reason ?? '',
    words ? `${denied}: ${words}` : `${denied} without explanation`,
    status?.details,
  )
}
