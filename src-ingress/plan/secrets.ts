import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import type { Secret } from '#types/core/v1'
import type { File } from './model.ts'

/** What is wrong with a Secret, in words that follow its name. */
export class UnusableSecret extends Error {
  override readonly name = 'UnusableSecret'
}

/** The certificate and key of a Secret as one PEM file (kubernetes.io, "Ingress: TLS"); throws `UnusableSecret`. */
export function certificateFile(secret: Secret | undefined): File {
  const [cert, key] = [textOf(secret, 'tls.crt'), textOf(secret, 'tls.key')]
  try {
    const certificate = new X509Certificate(cert)
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      throw new UnusableSecret('holds a key that is not the key of its certificate')
  } catch (cause) {
    if (cause instanceof UnusableSecret) throw cause
    throw new UnusableSecret(`holds no readable certificate and key: ${(cause as Error).message}`, { cause })
  }
  return fileOf('tls', 'pem', `${cert.trim()}\n${key.trim()}\n`)
}

/** Users and hashes of their passwords, as htpasswd writes them; throws `UnusableSecret`. */
export function usersFile(secret: Secret | undefined): File {
  return fileOf('users', 'txt', `${textOf(secret, 'auth').trim()}\n`)
}

/** Under the name of its content, so that a file never changes while nginx reads it. */
function fileOf(kind: string, ending: string, content: string): File {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 24)
  return { name: `${kind}-${digest}.${ending}`, content }
}

function textOf(secret: Secret | undefined, key: string): string {
  if (!secret) throw new UnusableSecret('does not exist')
  const value = secret.data?.[key]
  if (!value) throw new UnusableSecret(`has no ${key}`)
  const text = Buffer.from(value, 'base64').toString()
  if (text.includes('\0')) throw new UnusableSecret(`has a ${key} that is no text`)
  return text
}
