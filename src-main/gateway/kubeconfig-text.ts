import { dump } from 'js-yaml'
import type { ClusterConnection } from './cluster-actions.ts'
import type { SignIn } from './sign-in.ts'

/**
 * A kubeconfig with one context, `drydock`, that reaches a cluster as the gateway does. It holds credentials: keep it private.
 * @param namespace of the context; without one it is `default`
 */
export function kubeconfigOf(connection: ClusterConnection, namespace?: string): string {
  const { server, certificateAuthority, serverName, insecure, clientCertificate, clientKey, token } = connection
  const { basic, impersonate, signIn, proxy } = connection
  const cluster = {
    server,
    // Clients refuse an authority beside the wish to trust anybody.
    ...(insecure
      ? { 'insecure-skip-tls-verify': true }
      : certificateAuthority
        ? { 'certificate-authority-data': base64(certificateAuthority) }
        : {}),
    ...(proxy ? { 'proxy-url': proxy } : {}),
    ...(serverName ? { 'tls-server-name': serverName } : {}),
  }
  const user = {
    ...(clientCertificate ? { 'client-certificate-data': base64(clientCertificate) } : {}),
    ...(clientKey ? { 'client-key-data': base64(clientKey) } : {}),
    ...(token ? { token } : {}),
    ...basic,
    ...(impersonate ? { as: impersonate.user, 'as-groups': [...impersonate.groups] } : {}),
    ...(signIn ? { exec: execOf(signIn) } : {}),
  }
  const name = 'drydock'
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace ? { namespace } : {}) } }],
    'current-context': name,
  })
}

const execOf = ({ apiVersion, command, args, env, interactive, provideClusterInfo }: SignIn) => ({
  apiVersion,
  command,
  args: [...args],
  env: Object.entries(env).map(([name, value]) => ({ name, value })),
  interactiveMode: interactive ? 'Always' : 'Never',
  provideClusterInfo,
})

const base64 = (text: string): string => Buffer.from(text).toString('base64')
