import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { arrange, at } from '../../registry/testing/arrange.ts'
import { define, tool } from '../../registry/testing/crd.ts'
import type { Target } from '../../registry/registry.ts'
import type { VerbContext } from './context.ts'
import { sentObject } from './sent-body.ts'

const maps = at('v1', 'ConfigMap', 'd')

/** What is made of a body that is posted to a collection. */
async function read(body: string, target: Target = maps, type = 'application/json'): Promise<unknown> {
  const exchange = {
    info: { query: new URLSearchParams() },
    request: Readable.from(body === '' ? [] : [Buffer.from(body)]),
    header: () => type,
    warn: () => {},
  }
  const { descriptor, served } = target
  const resource = { descriptor, served, apiVersion: formatApiVersion(served.group, served.version) }
  return (await sentObject(partial<VerbContext>({ exchange, target, resource }))).body
}

const says = async (body: string, target?: Target, type?: string): Promise<string> =>
  read(body, target, type).then(
    () => 'nothing',
    (error: { code: number; message: string }) => `${error.code} ${error.message}`,
  )

const META = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`

describe('the body of a POST', () => {
  test.each([
    ['', "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)"],
    ['{', "couldn't get version/kind; json parse error: unexpected end of JSON input ({)"],
    [
      '[]',
      `couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type ${META} (5b5d)`,
    ],
    [
      'true',
      `couldn't get version/kind; json parse error: json: cannot unmarshal bool into Go value of type ${META} (74727565)`,
    ],
    [
      '{"kind":1,"apiVersion":"v1","metadata":{}}',
      `couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string ({"kind":1,"apiVersion":"v1","m ...)`,
    ],
  ])('that cannot be read is shown: %s', async (body, words) => {
    expect(await says(body)).toBe(`400 the object provided is unrecognized (must be of type ConfigMap): ${words}`)
  })

  test('in YAML is shown too, and one of no known form is not', async () => {
    expect(await says('a: [', maps, 'application/yaml')).toMatch(
      /^400 the object provided is unrecognized \(must be of type ConfigMap\): yaml: line 1: .* \(613a205b\)$/,
    )
    expect(await says('a: *b', maps, 'application/yaml')).toBe(
      "400 the object provided is unrecognized (must be of type ConfigMap): yaml: unknown anchor 'b' referenced (613a202a62)",
    )
    expect(await says('# nothing', maps, 'application/yaml')).toBe('nothing')
    expect(await says('a', maps, 'text/plain')).toMatch(/^415 the body of the request was in an unknown format/)
  })

  test.each([
    [
      '{"kind":"Pod","apiVersion":"v1"}',
      'Pod in version "v1"',
      'converting (v1.Pod) to (core.ConfigMap): unknown conversion',
    ],
    [
      '{"kind":"Deployment","apiVersion":"apps/v1"}',
      'Deployment in version "v1"',
      'converting (v1.Deployment) to (core.ConfigMap): unknown conversion',
    ],
    [
      '{"kind":"ConfigMap","apiVersion":"v2"}',
      'ConfigMap in version "v2"',
      'no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
  ])('of another kind is refused as a conversion: %s', async (body, what, why) => {
    expect(await says(body)).toBe(`400 ${what} cannot be handled as a ConfigMap: ${why}`)
  })

  test('of another version of its kind belongs elsewhere', async () => {
    expect(await says('{"kind":"CronJob","apiVersion":"batch/v1beta1"}', at('batch/v1', 'CronJob', 'd'))).toBe(
      '400 the API version in the data (batch/v1beta1) does not match the expected API version (batch/v1)',
    )
  })

  test('that says nothing of its kind is of that of the path', async () => {
    expect(await read('null')).toEqual({ kind: 'ConfigMap', apiVersion: 'v1' })
    expect(await read('{"kind":"","data":{}}')).toEqual({ kind: 'ConfigMap', apiVersion: 'v1', data: {} })
  })

  test('of a custom kind is checked by its definition', async () => {
    const arranged = await arrange()
    await define(arranged)
    const target = tool(arranged.registry)
    expect(await says('{"kind":"Bar","apiVersion":"example.com/v1","metadata":{"name":"a"}}', target)).toBe(
      '422 Bar.example.com "a" is invalid: kind: Invalid value: "Bar": must be Tool',
    )
    expect(await says('{"kind":"Tool","apiVersion":"example.com/v9"}', target)).toBe(
      '400 the API version in the data (example.com/v9) does not match the expected API version (example.com/v1)',
    )
  })
})

describe('the body of a subresource', () => {
  const of = (subresource: string): Target => ({ ...at('v1', 'Pod', 'd', 'p'), subresource })
  const scheme = 'in scheme "pkg/api/legacyscheme/scheme.go:30"'
  test.each([
    ['scale', '{"spec":{"replicas":1}}', 'nothing'],
    ['scale', '{"apiVersion":"autoscaling/v1","kind":"Scale"}', 'nothing'],
    ['eviction', '{"apiVersion":"policy/v1beta1","kind":"Eviction"}', 'nothing'],
    [
      'scale',
      '{"apiVersion":"apps/v1","kind":"Deployment"}',
      '400 Deployment in version "v1" cannot be handled as a Scale: converting (v1.Deployment) to (autoscaling.Scale): unknown conversion',
    ],
    [
      'ephemeralcontainers',
      '{"apiVersion":"v1","kind":"EphemeralContainers"}',
      `400 EphemeralContainers in version "v1" cannot be handled as a Pod: no kind "EphemeralContainers" is registered for version "v1" ${scheme}`,
    ],
    ['resize', '{"apiVersion":"v1","kind":"Pod"}', 'nothing'],
    [
      'binding',
      '{"apiVersion":"v1","kind":"Bond"}',
      `400 Bond in version "v1" cannot be handled as a Binding: no kind "Bond" is registered for version "v1" ${scheme}`,
    ],
    [
      'scale',
      '{"apiVersion":"extensions/v1beta1","kind":"Scale"}',
      '400 the API version in the data (extensions/v1beta1) does not match the expected API version (autoscaling/v1)',
    ],
  ])('%s %s: %s', async (subresource, body, words) => {
    expect(await says(body, of(subresource))).toBe(words)
  })

  test('is named in its refusal', async () => {
    expect(await says('', of('eviction'))).toMatch(
      /^400 the object provided is unrecognized \(must be of type Eviction\)/,
    )
  })
})
