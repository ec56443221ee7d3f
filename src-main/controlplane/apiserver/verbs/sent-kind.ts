import { badRequest, type StatusError } from '../../../../src-kube/machinery/errors.ts'
import { parseApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import { conversionFault, customKindFault, type SaidKind } from '../../registry/other-kind.ts'
import type { Target } from '../../registry/registry.ts'
import type { VerbContext } from './context.ts'

interface BodyKind {
  kind: string
  /** Those that are understood, the one that is expected first. */
  apiVersions: readonly [string, ...string[]]
}

/** What is sent to subresources that take something else than the object itself. */
const ofSubresources: Readonly<Record<string, BodyKind | undefined>> = {
  binding: { kind: 'Binding', apiVersions: ['v1'] },
  eviction: { kind: 'Eviction', apiVersions: ['policy/v1', 'policy/v1beta1'] },
  scale: { kind: 'Scale', apiVersions: ['autoscaling/v1'] },
  token: { kind: 'TokenRequest', apiVersions: ['authentication.k8s.io/v1'] },
}

/** The kind that a body at this place is of. */
export const kindOfBody = ({ subresource, descriptor }: Target): string =>
  ofSubresources[subresource]?.kind ?? descriptor.kind

/**
 * A body, which must be of the kind that the path names; what it leaves out of the object's own kind is filled in. Throws `StatusError` 400 in
 * upstream's words.
 */
export function checkKind(body: object, { resource, target }: VerbContext): unknown {
  const sent = body as Partial<SaidKind> & { metadata?: { name?: string } }
  const other = ofSubresources[target.subresource]
  if (other) return checkOther(sent, other, target)
  if (target.served.custom && !sent.kind) throw kindMissing(body, target)
  const said = { kind: sent.kind || resource.descriptor.kind, apiVersion: sent.apiVersion || resource.apiVersion }
  if (said.kind !== resource.descriptor.kind || said.apiVersion !== resource.apiVersion)
    throw otherKind(said, resource.apiVersion, target, sent.metadata?.name ?? '')
  return Object.assign(body, said)
}

function checkOther(sent: Partial<SaidKind>, { kind, apiVersions }: BodyKind, target: Target): object {
  const said = { kind: sent.kind || kind, apiVersion: sent.apiVersion || apiVersions[0] }
  if (said.kind === kind && apiVersions.includes(said.apiVersion)) return sent
  if (said.kind === kind) throw badRequest(otherVersion(said, apiVersions[0]))
  const { group } = parseApiVersion(apiVersions[0])
  const fault = conversionFault(said, { ...target, descriptor: { ...target.descriptor, group, kind } })
  throw unhandled(said, kind, fault ?? otherVersion(said, apiVersions[0]))
}

const otherVersion = ({ apiVersion }: SaidKind, expected: string): string =>
  `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`

const unhandled = (said: SaidKind, kind: string, fault: string): StatusError =>
  badRequest(`${said.kind} in version "${said.apiVersion.split('/').at(-1)}" cannot be handled as a ${kind}: ${fault}`)

function otherKind(said: SaidKind, expected: string, target: Target, name: string): StatusError {
  const fault = target.served.custom ? undefined : conversionFault(said, target)
  if (fault) return unhandled(said, target.descriptor.kind, fault)
  const ofVersion = otherVersion(said, expected)
  if (said.apiVersion !== expected) return badRequest(ofVersion)
  return customKindFault(said, target, name) ?? badRequest(ofVersion)
}

/** Of what is no type of Go's only the object itself says what it is, so its kind cannot be left out. */
function kindMissing(body: object, { descriptor, served }: Target): StatusError {
  const words = `Object 'Kind' is missing in '${JSON.stringify(body)}'`
  return badRequest(
    `${descriptor.kind} in version "${served.version}" cannot be handled as a ${descriptor.kind}: ${words}`,
  )
}
