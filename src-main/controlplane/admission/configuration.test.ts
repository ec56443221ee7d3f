import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, test } from 'vitest'
import { readAdmissionConfiguration } from './configuration.ts'

const directory = mkdtempSync(join(tmpdir(), 'admission-configuration-'))
afterAll(() => rmSync(directory, { recursive: true }))
const write = (text: string, file = 'admission-configuration.yaml'): void => writeFileSync(join(directory, file), text)
const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n'
const podSecurity = (rest: string): string => `${HEAD}- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
${rest}`

it('is empty without a file', () => {
  expect(readAdmissionConfiguration(directory)).toEqual({})
})

it('is read as the page on configuring the admission controller writes it', () => {
  write(
    podSecurity(`    defaults:
      enforce: "baseline"
      enforce-version: "latest"
      audit: "restricted"
      audit-version: "v1.30"
    exemptions:
      usernames: [robot]
      namespaces: [kube-system]
`),
  )
  expect(readAdmissionConfiguration(directory).podSecurity).toEqual({
    defaults: {
      enforce: { level: 'baseline', version: 'latest' },
      audit: { level: 'restricted', version: 'v1.30' },
      warn: { level: 'privileged', version: 'latest' },
    },
    exemptions: { usernames: ['robot'], runtimeClasses: [], namespaces: ['kube-system'] },
  })
})

it('may have a plugin’s configuration in a file beside it', () => {
  write(`${HEAD}- name: PodSecurity\n  path: pss.yaml\n`)
  const kind = 'apiVersion: pod-security.admission.config.k8s.io/v1beta1\nkind: PodSecurityConfiguration\n'
  write(`${kind}defaults: {warn: restricted}\n`, 'pss.yaml')
  expect(readAdmissionConfiguration(directory).podSecurity?.defaults.warn.level).toBe('restricted')
})

test.each([
  ['kind: Policy', 'want apiVersion apiserver.config.k8s.io/v1 and kind AdmissionConfiguration'],
  [`${HEAD}- name: EventRateLimit\n`, 'plugins: EventRateLimit has nothing to configure here'],
  [podSecurity('    defaults: {enforce: strict}'), 'defaults.enforce: Invalid value: "strict": must be one of'],
  [podSecurity('    defaults: {forbid: baseline}'), 'defaults.forbid: unknown field'],
  [podSecurity('    defaults: {warn-version: "1.30"}'), 'defaults.warn-version: Invalid value: "1.30"'],
  [podSecurity('    exemptions: {usernames: me}'), 'exemptions.usernames: must be a list of strings'],
  [`${HEAD}- name: PodSecurity\n  configuration: {kind: Pod}\n`, 'want apiVersion pod-security.admission'],
])('%j cannot be meant', (text, words) => {
  write(text)
  expect(() => readAdmissionConfiguration(directory)).toThrow(words)
})
