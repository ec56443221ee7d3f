import type { Secret } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { isNotFound } from '../../../src-kube/machinery/errors.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../src-kube/runtime/controller.ts'
import { deleteSeen } from '../../../src-kube/runtime/delete-seen.ts'

export const TOKEN_TYPE = 'kubernetes.io/service-account-token'
const NAME = 'kubernetes.io/service-account.name'
const UID = 'kubernetes.io/service-account.uid'
/** Seconds: longer than any cluster lives. Such a token ends with its secret. */
const FOREVER = 2 ** 32

/**
 * Fills secrets of type `kubernetes.io/service-account-token` with a token, the CA (PEM) and the namespace, and deletes those whose account is
 * gone (kubernetes.io, "Managing Service Accounts: Token controller", "Manually create an API token for a ServiceAccount").
 */
export function serviceAccountSecrets(rootCa: string): AnyController {
  return defineController<Secret>({
    name: 'token-controller',
    for: refs.secrets,
    concerns: ({ type }) => type === TOKEN_TYPE,
    watches: [
      watching(refs.serviceAccounts, ({ metadata }, ctx) =>
        ctx
          .informer(refs.secrets)
          .list()
          .filter((secret) => secret.type === TOKEN_TYPE && isOf(secret, metadata))
          .map((secret) => `${secret.metadata.namespace}/${secret.metadata.name}`),
      ),
    ],
    async reconcile(ctx, secret) {
      const { metadata, type, data } = secret
      if (type !== TOKEN_TYPE || metadata.deletionTimestamp) return done
      const account = await accountOf(ctx, secret)
      if (!account) {
        await remove(ctx, secret)
        return done
      }
      const { uid } = account.metadata
      const ca = btoa(rootCa)
      const namespace = btoa(metadata.namespace ?? '')
      const named = metadata.annotations?.[UID] === uid
      if (named && data?.['token'] && data['ca.crt'] === ca && data['namespace'] === namespace) return done
      const token = data?.['token'] ?? btoa(await ask(ctx, secret))
      const annotations = { ...metadata.annotations, [UID]: uid }
      await ctx.client.resource(refs.secrets).update({
        ...secret,
        metadata: { ...metadata, annotations },
        data: { ...data, token, 'ca.crt': ca, namespace },
      })
      return done
    },
  })
}

const isOf = (secret: Secret, account: { name: string; namespace?: string | undefined }): boolean =>
  secret.metadata.namespace === account.namespace && secret.metadata.annotations?.[NAME] === account.name

/** The account that a secret names; undefined when there is none of that name, or another one by now. The cache may be behind a new account. */
async function accountOf(ctx: ControllerContext, { metadata }: Secret) {
  const { namespace, annotations } = metadata
  const name = annotations?.[NAME] ?? ''
  const fits = (uid: string): boolean => !annotations?.[UID] || annotations[UID] === uid
  const cached = ctx.informer(refs.serviceAccounts).get(`${namespace}/${name}`)
  if (cached && fits(cached.metadata.uid)) return cached
  try {
    const found = await ctx.client.resource(refs.serviceAccounts).get(name, namespace)
    return fits(found.metadata.uid) ? found : undefined
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

async function ask(
  ctx: ControllerContext,
  { metadata: { name, namespace, uid, annotations } }: Secret,
): Promise<string> {
  const boundObjectRef = { kind: 'Secret', apiVersion: 'v1', name, uid }
  const body = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    spec: { audiences: [], expirationSeconds: FOREVER, boundObjectRef },
  }
  const accounts = ctx.client.resource(refs.serviceAccounts)
  const account = annotations?.[NAME] ?? ''
  const answer: KubeObject = await accounts.createSubresource({ subresource: 'token', name: account, namespace, body })
  return (answer['status'] as { token: string }).token
}

const remove = (ctx: ControllerContext, secret: Secret): Promise<void> => deleteSeen(ctx.client, refs.secrets, secret)
