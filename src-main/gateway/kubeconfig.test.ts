import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
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
- { name: gone by, context: { cluster: one, user: provider } }
users:
- name: cert
  user: { client-certificate-data: ${Buffer.from('CERT').toString('base64')}, client-key-data: ${Buffer.from('KEY').toString('base64')} }
- { name: token, user: { tokenFile: token.txt } }
- { name: gone, user: { client-certificate: missing.pem } }
- { name: exec, user: { exec: { command: aws } } }
- { name: provider, user: { auth-provider: { name: gcp } } }
`

it('reads certificates, tokens and files of every context, and says which cannot be used', async () => {
  await writeFile(join(directory, 'config'), text)
  await writeFile(join(directory, 'token.txt'), 'abc\n')
  const { contexts, files } = await readKubeconfig([join(directory, 'config')])
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
  expect(contexts[3]?.connection?.signIn).toMatchObject({ command: 'aws', args: [], interactive: false })
  expect(contexts[4]?.problem).toContain('does not hold')
  expect(contexts[5]?.problem).toContain('kubectl gave up with 1.26')
  // A file that is not there yet may come.
  expect(files.map((file) => basename(file)).sort()).toEqual(['config', 'missing.pem', 'token.txt'])
})

it('reads the way to a server and who one is there as kubectl does', async () => {
  const path = join(directory, 'config')
  await writeFile(join(directory, 'token.txt'), 'newer\n')
  await writeFile(
    path,
    `clusters: [{ name: c, cluster: { server: "https://c", insecure-skip-tls-verify: true, tls-server-name: api, proxy-url: "http://proxy:3128" } }]
users:
- { name: both, user: { token: older, tokenFile: token.txt, as: jane, as-groups: [dev] } }
- { name: basic, user: { username: joe, password: secret } }
contexts: [{ name: both, context: { cluster: c, user: both } }, { name: basic, context: { cluster: c, user: basic } }]
`,
  )
  const { contexts } = await readKubeconfig([path])
  const way = { server: 'https://c', insecure: true, serverName: 'api', proxy: 'http://proxy:3128' }
  expect(contexts.map(({ connection }) => connection)).toEqual([
    { ...way, token: 'newer', impersonate: { user: 'jane', groups: ['dev'] } },
    { ...way, basic: { username: 'joe', password: 'secret' } },
  ])
})

it('takes what one file lacks from another, and of a name the first', async () => {
  const [one, two] = [join(directory, 'one'), join(directory, 'two')]
  await writeFile(
    one,
    `contexts: [{ name: lab, context: { cluster: c, user: u } }]\nusers: [{ name: u, user: { token: first } }]`,
  )
  await writeFile(
    two,
    `current-context: lab\nclusters: [{ name: c, cluster: { server: "https://c" } }]\nusers: [{ name: u, user: { token: second } }]\ncontexts: [{ name: lab, context: { cluster: x } }]`,
  )
  const { contexts } = await readKubeconfig([one, join(directory, 'none'), two])
  expect(contexts).toEqual([{ name: 'lab', current: true, connection: { server: 'https://c', token: 'first' } }])
})
