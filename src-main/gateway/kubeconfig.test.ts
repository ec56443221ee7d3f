import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readKubeconfig } from './kubeconfig.ts'

let directory: string
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'))))
afterEach(() => rm(directory, { recursive: true }))

const text = `
current-context: embedded
clusters:
- name: one
  cluster: { server: "https://127.0.0.1:6443", certificate-authority-data: ${Buffer.from('CA').toString('base64')} }
contexts:
- { name: embedded, context: { cluster: one, user: cert } }
- { name: files, context: { cluster: one, user: token, namespace: shop } }
- { name: lost, context: { cluster: one, user: gone } }
- { name: program, context: { cluster: one, user: exec } }
- { name: none, context: { cluster: two, user: cert } }
users:
- name: cert
  user: { client-certificate-data: ${Buffer.from('CERT').toString('base64')}, client-key-data: ${Buffer.from('KEY').toString('base64')} }
- { name: token, user: { tokenFile: token.txt } }
- { name: gone, user: { client-certificate: missing.pem } }
- { name: exec, user: { exec: { command: aws } } }
`

it('reads certificates, tokens and files of every context, and says which cannot be used', async () => {
  await writeFile(join(directory, 'config'), text)
  await writeFile(join(directory, 'token.txt'), 'abc\n')
  const contexts = await readKubeconfig(join(directory, 'config'))
  expect(contexts[0]).toEqual({
    name: 'embedded',
    current: true,
    connection: {
      server: 'https://127.0.0.1:6443',
      certificateAuthority: 'CA',
      clientCertificate: 'CERT',
      clientKey: 'KEY',
    },
  })
  expect([contexts[1]?.connection?.token, contexts[1]?.namespace]).toEqual(['abc', 'shop'])
  expect(contexts[2]?.problem).toContain('cannot be read')
  expect(contexts[3]?.problem).toContain('external program')
  expect(contexts[4]?.problem).toContain('does not hold')
})
