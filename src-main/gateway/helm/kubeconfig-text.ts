import { dump } from 'js-yaml'
import type { ClusterConnection } from '../cluster-actions.ts'

/** A kubeconfig with one context, `drydock`, that reaches a cluster as the gateway does. It holds credentials: keep it private. */
export function kubeconfigOf(connection: ClusterConnection): string {
  const { server, certificateAuthority, serverName, insecure, clientCertificate, clientKey, token } = connection
  const cluster = {
    server,
    // Clients refuse an authority beside the wish to trust anybody.
    ...(insecure
      ? { 'insecure-skip-tls-verify': true }
      : certificateAuthority
        ? { 'certificate-authority-data': base64(certificateAuthority) }
        : {}),
    ...(serverName ? { 'tls-server-name': serverName } : {}),
  }
  const user = {
    ...(clientCertificate ? { 'client-certificate-data': base64(clientCertificate) } : {}),
    ...(clientKey ? { 'client-key-data': base64(clientKey) } : {}),
    ...(token ? { token } : {}),
  }
  const name = 'drydock'
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  })
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
