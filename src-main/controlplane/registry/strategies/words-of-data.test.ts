import { expect, test } from 'vitest'
import { refusal } from '../testing/refusals.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

test.each<[string, object, string]>([
  [
    'credentials of registries are JSON, and are not told',
    { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': base64('a') } },
    'data[.dockercfg]: Invalid value: "<secret contents redacted>": invalid character \'a\' looking for beginning of value',
  ],
  [
    'empty credentials end too early',
    { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '' } },
    'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input',
  ],
  [
    'broken credentials are told of at their first fault',
    { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{"auths" {}}' } },
    'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character \'{\' after object key',
  ],
  ['good ones are kept', { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{}' } }, ''],
  [
    'a key of SSH is not empty',
    { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } },
    'data[ssh-privatekey]: Required value',
  ],
  ['a certificate may be filled later', { type: 'kubernetes.io/tls', data: { 'tls.crt': '', 'tls.key': '' } }, ''],
  ['keys are no folders', { data: { '..a': '' } }, 'data[..a]: Invalid value: "..a": must not start with \'..\''],
])('secrets: %s', async (_, secret, words) => {
  expect(await refusal('v1', 'Secret', secret)).toBe(words)
})
