import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const SUBJECT = '/O=Drydock/CN=Drydock Ingress Controller Self-signed Certificate'

/** A certificate and key of the controller's own, for hosts that have none; made once a pod. Answers where it is. */
export async function ownCertificate(directory: string): Promise<string> {
  const file = join(directory, 'own.pem')
  if (existsSync(file)) return file
  const [key, cert] = [join(directory, 'own.key'), join(directory, 'own.crt')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650']
  const args = ['req', '-x509', ...kind, '-subj', SUBJECT, '-addext', 'subjectAltName=DNS:ingress.local']
  await run('openssl', [...args, '-keyout', key, '-out', cert])
  await writeFile(`${file}.next`, `${await readFile(cert, 'utf8')}${await readFile(key, 'utf8')}`, { mode: 0o600 })
  await rename(`${file}.next`, file)
  await rm(key)
  await rm(cert)
  return file
}
