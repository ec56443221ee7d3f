import type { TokenRequest } from '#types/authentication.k8s.io/v1'
import { badRequest, conflict, invalid, notFound } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { answerEntry } from '../entry.ts'
import { attributesOf, nameOf, type Core } from '../context.ts'
import { keyOf } from '../keys.ts'
import type { Target } from '../registry.ts'
import { posted } from './posted.ts'
import type { SubresourceBehaviour } from './subresource.ts'

/** The token that a TokenRequest asks for (kubernetes.io, "TokenRequest"). */
export interface TokenGrant {
  namespace: string
  name: string
  uid: string
  audiences: readonly string[] | undefined
  expirationSeconds: number | undefined
  bound: { kind: string; name: string; uid: string; node?: { name: string; uid: string } | undefined } | undefined
}

/** Signs a token; the registry knows no keys. */
export type IssueToken = (grant: TokenGrant) => Promise<{
  token: string
  expirationTimestamp: string
  /** Whom it is meant for, also when the grant did not say. */
  audiences: readonly string[]
}>

/** Kinds that a token can be bound to, and their resources. */
const boundResources: Record<string, string | undefined> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }
const tokenRequest = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }
const SHORTEST = 600
const LONGEST = 2 ** 32

/** `POST serviceaccounts/<name>/token` (TokenRequest). */
export function token(issue: IssueToken): SubresourceBehaviour {
  return {
    name: 'token',
    of: '/serviceaccounts',
    async create(request, body) {
      const { core, target } = request
      const account = core.caches.of(target.descriptor).get(keyOf(target.descriptor, target.namespace, target.name))
      if (!account) throw notFound(nameOf(target), target.name)
      const asked = posted<TokenRequest>(tokenRequest, body, request)
      const attributes = attributesOf('CREATE', request, { object: asked })
      await core.admission.admit(attributes)
      const { audiences, expirationSeconds, boundObjectRef } = asked.spec ?? {}
      checkIdentity(asked, target)
      checkSeconds(expirationSeconds)
      await core.admission.validate(attributes)
      const { uid } = account.object.metadata
      checkUid(asked, target.name, uid)
      if (boundObjectRef && !boundObjectRef.name) throw badRequest('Name parameter required.')
      const bound = boundObjectRef ? await boundTo(core, target, boundObjectRef) : undefined
      const { audiences: meant, ...status } = await issue({
        namespace: target.namespace,
        name: target.name,
        uid,
        audiences,
        expirationSeconds,
        bound,
      })
      const metadata = { name: target.name, namespace: target.namespace } as KubeObject['metadata']
      const spec = { ...asked.spec, audiences: meant, expirationSeconds: expirationSeconds ?? 3600 }
      return answerEntry({ kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata, spec, status })
    },
  }
}

/** What the request says of the account is what its path says. */
function checkIdentity({ metadata }: TokenRequest, { name, namespace }: Target): void {
  const path = fieldPath('metadata')
  const errors = []
  if (metadata?.name && metadata.name !== name)
    errors.push(path.child('name').invalid(metadata.name, 'must match the service account name if specified'))
  if (metadata?.namespace && metadata.namespace !== namespace)
    errors.push(
      path.child('namespace').invalid(metadata.namespace, 'must match the service account namespace if specified'),
    )
  if (errors.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, name, errors)
}

/** A request that names the account's uid is for no other of its name. */
function checkUid({ metadata }: TokenRequest, name: string, uid: string): void {
  if (!metadata?.uid || metadata.uid === uid) return
  const words = `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`
  throw conflict({ group: 'authentication.k8s.io', resource: 'TokenRequest' }, name, words)
}

function checkSeconds(seconds: number | undefined): void {
  if (seconds === undefined || (seconds >= SHORTEST && seconds <= LONGEST)) return
  const words =
    seconds < SHORTEST
      ? 'may not specify a duration less than 10 minutes'
      : 'may not specify a duration larger than 2^32 seconds'
  const error = fieldPath('spec', 'expirationSeconds').invalid(seconds, words)
  throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [error])
}

async function boundTo(
  core: Core,
  { namespace, name: account }: Target,
  { kind = '', name = '', uid, apiVersion = 'v1' }: NonNullable<NonNullable<TokenRequest['spec']>['boundObjectRef']>,
): Promise<TokenGrant['bound']> {
  const plural = boundResources[kind]
  if (!plural)
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account)} to object of type ${apiVersion}, Kind=${kind}`,
    )
  const found = await core.read.get('', plural, plural === 'nodes' ? '' : namespace, name)
  if (!found) throw notFound({ group: '', resource: plural }, name)
  if (uid && uid !== found.metadata.uid)
    throw conflict(
      { group: '', resource: kind },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  const pod = kind === 'Pod' ? (found['spec'] as { serviceAccountName?: string } | undefined) : undefined
  if (pod && pod.serviceAccountName !== account)
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
    )
  const nodeName = (found['spec'] as { nodeName?: string } | undefined)?.nodeName
  const node = nodeName ? await core.read.get('', 'nodes', '', nodeName) : undefined
  return {
    kind,
    name,
    uid: found.metadata.uid,
    ...(node ? { node: { name: node.metadata.name, uid: node.metadata.uid } } : {}),
  }
}
