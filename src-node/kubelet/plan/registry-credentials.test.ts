import { describe, expect, it } from 'vitest'
import type { Secret } from '#types/core/v1'
import { parseImage } from './image-reference.ts'
import { credentialsFor } from './registry-credentials.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const secret = (key: string, content: unknown) =>
  ({
    metadata: { name: 's', namespace: 'ns', uid: 'u' },
    data: { [key]: base64(typeof content === 'string' ? content : JSON.stringify(content)) },
  }) as Secret
/** A secret whose user for each server is called as the server. */
const of = (...servers: string[]) =>
  secret('.dockerconfigjson', {
    auths: Object.fromEntries(servers.map((server) => [server, { username: server, password: 'p' }])),
  })
const usersFor = (image: string, ...secrets: Secret[]) =>
  credentialsFor(parseImage(image).repository, secrets).map(({ auth }) => auth.username)

describe('credentials for an image', () => {
  it.each([
    ['registry.io', 'registry.io/team/app', true],
    ['https://registry.io', 'registry.io/team/app:1', true],
    ['https://registry.io/v2/', 'registry.io/team/app', true],
    ['registry.io/team', 'registry.io/team/app', true],
    ['registry.io/other', 'registry.io/team/app', false],
    ['registry.io:5000', 'registry.io:5000/app', true],
    ['registry.io', 'registry.io:5000/app', false],
    ['registry.io:5000', 'registry.io/app', false],
    ['*.registry.io', 'eu.registry.io/app', true],
    ['*.registry.io', 'registry.io/app', false],
    ['*.registry.io', 'a.b.registry.io/app', false],
    ['registry-?.io', 'registry-2.io/app', true],
    ['https://index.docker.io/v1/', 'nginx', true],
    ['https://index.docker.io/v1/', 'team/app', true],
    ['https://index.docker.io/v1/', 'quay.io/team/app', false],
    ['docker.io', 'team/app', true],
  ])('%s for %s: %s', (server, image, fits) => expect(usersFor(image, of(server))).toEqual(fits ? [server] : []))

  it('come from all secrets, the most specific first', () => {
    const servers = ['registry.io', 'registry.io/team', '*.io']
    expect(usersFor('registry.io/team/app', of(servers[0]!, servers[1]!), of(servers[2]!))).toEqual([
      'registry.io/team',
      'registry.io',
      '*.io',
    ])
  })

  it('of the old form and of encoded pairs are read', () => {
    const old = secret('.dockercfg', { 'registry.io': { auth: base64('me:pa:ss') } })
    expect(credentialsFor('registry.io/app', [old])).toEqual([
      {
        auth: { username: 'me', password: 'pa:ss', serveraddress: 'registry.io' },
        secret: { namespace: 'ns', name: 's', uid: 'u', hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      },
    ])
    expect(credentialsFor('registry.io/app', [secret('other', 'x')])).toEqual([])
    expect(credentialsFor('registry.io/app', [secret('.dockerconfigjson', {})])).toEqual([])
  })

  it.each(['{', '{"auths":{"registry.io":{"auth":"bm9wZQ=="}}}'])('%s cannot be read', (content) => {
    expect(() => credentialsFor('registry.io/app', [secret('.dockerconfigjson', content)])).toThrow(
      'the pull secret ns/s cannot be read',
    )
  })
})

describe('references to images', () => {
  const hash = 'a'.repeat(64)
  it.each([
    ['nginx', 'docker.io/library/nginx', undefined, undefined],
    ['nginx:1.27', 'docker.io/library/nginx', '1.27', undefined],
    ['team/app', 'docker.io/team/app', undefined, undefined],
    ['index.docker.io/nginx', 'docker.io/library/nginx', undefined, undefined],
    ['localhost/app:x', 'localhost/app', 'x', undefined],
    ['localhost:5000/a/b__c-d.e:T_1', 'localhost:5000/a/b__c-d.e', 'T_1', undefined],
    ['[fd00::1]:5000/app', '[fd00::1]:5000/app', undefined, undefined],
    [`registry.k8s.io/pause:3@sha256:${hash}`, 'registry.k8s.io/pause', '3', `sha256:${hash}`],
    [`sha256:${hash}`, 'docker.io/library/sha256', hash, undefined],
    ['k8s-demo:0.0.1-SNAPSHOT', 'docker.io/library/k8s-demo', '0.0.1-SNAPSHOT', undefined],
  ])('%s is %s', (text, repository, tag, digest) => expect(parseImage(text)).toEqual({ repository, tag, digest }))

  it.each([
    ['', 'invalid reference format'],
    ['a b', 'invalid reference format'],
    ['nginx:', 'invalid reference format'],
    ['-a', 'invalid reference format'],
    ['a..b/c', 'invalid reference format'],
    ['a//b', 'invalid reference format'],
    ['nginx@sha256:short', 'invalid reference format'],
    ['a@b@c', 'invalid reference format'],
    [':1', 'invalid reference format'],
    ['Bad Image::x', 'invalid reference format: repository name (library/Bad Image) must be lowercase'],
    ['Nginx', 'invalid reference format: repository name (library/Nginx) must be lowercase'],
    ['a'.repeat(300), 'repository name must not be more than 255 characters'],
  ])('%j is none', (text, words) => expect(() => parseImage(text)).toThrow(new Error(words)))
})
