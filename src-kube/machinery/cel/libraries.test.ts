import { describe, expect, test } from 'vitest'
import { Authorizer, compile, type AccessAnswer, type AccessQuestion, type Value } from './index.ts'

/** Allows what its list says, and notes what it was asked. */
class Fake extends Authorizer {
  readonly user: string
  readonly asked: Array<[string, AccessQuestion]>
  readonly requested = { verb: '', group: 'apps', resource: 'deployments', namespace: 'd', name: 'web' }
  constructor(user: string, asked: Array<[string, AccessQuestion]>) {
    super()
    this.user = user
    this.asked = asked
  }

  check(question: AccessQuestion): AccessAnswer {
    this.asked.push([this.user, question])
    if (question.verb === 'fail') return { allowed: false, reason: '', error: 'broken' }
    return { allowed: question.verb === 'get', reason: 'because' }
  }

  serviceAccount(namespace: string, name: string): Authorizer {
    return new Fake(`${namespace}:${name}`, this.asked)
  }
}

function run(source: string, asked: Array<[string, AccessQuestion]> = []): Value {
  return compile(source, ['authorizer']).evaluate(new Map([['authorizer', new Fake('jane', asked)]]))
}

// kubernetes.io, "Common Expression Language in Kubernetes: Kubernetes CEL libraries".
describe('addresses and networks', () => {
  test.each<[string, Value]>([
    ['isIP("127.0.0.1") && !isIP("::ffff:1.2.3.4") && !isIP("fe80::1%eth0") && !isIP("01.2.3.4")', true],
    ['ip.isCanonical("127.0.0.1") && ip("2001:db8::abcd").isCanonical() && !ip("2001:DB8::ABCD").isCanonical()', true],
    ['ip("127.0.0.1").family() + ip("::1").family()', 10n],
    ['ip("0.0.0.0").isUnspecified() && ip("::").isUnspecified() && !ip("::1").isUnspecified()', true],
    ['ip("127.8.0.1").isLoopback() && ip("::1").isLoopback() && !ip("::2").isLoopback()', true],
    ['ip("224.0.0.9").isLinkLocalMulticast() && ip("ff02::1").isLinkLocalMulticast()', true],
    ['ip("169.254.1.1").isLinkLocalUnicast() && ip("fe80::1").isLinkLocalUnicast()', true],
    ['ip("192.168.0.1").isGlobalUnicast() && !ip("255.255.255.255").isGlobalUnicast()', true],
    ['ip("::1") == ip("0::1") && ip("::1") != ip("::2") && string(ip("0::1")) == "::1"', true],
    ['isCIDR("192.168.0.0/16") && !isCIDR("192.168.0.0/33") && !isCIDR("::ffff:1.2.3.4/24")', true],
    ['cidr("192.168.0.0/24").containsIP(ip("192.168.0.1")) && !cidr("192.168.0.0/24").containsIP("192.168.1.1")', true],
    ['cidr("192.168.0.0/16").containsCIDR(cidr("192.168.10.0/24"))', true],
    ['cidr("192.168.1.0/24").containsCIDR("192.168.2.0/24")', false],
    [
      'string(cidr("192.168.0.1/24").ip()) + " " + string(cidr("192.168.0.1/24").masked())',
      '192.168.0.1 192.168.0.0/24',
    ],
    ['cidr("::1/128").prefixLength()', 128n],
    ['cidr("10.0.0.0/8") == cidr("10.0.0.0/8") && type(cidr("::/0")) != type(ip("::"))', true],
  ])('%s', (source, value) => expect(run(source)).toEqual(value))

  test.each([
    ['ip("x")', 'IP Address "x" parse error during conversion from string'],
    ['ip("fe80::1%eth0")', 'IP address "fe80::1%eth0" with zone value is not allowed'],
    ['ip("::ffff:1.2.3.4")', 'IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed'],
    ['cidr("10.0.0.0/33")', 'network address parse error during conversion from string'],
    ['cidr("::ffff:1.2.3.4/24")', 'IPv4-mapped IPv6 address "::ffff:1.2.3.4/24" is not allowed'],
    ['ip("::1") + 1', 'found no matching overload'],
    ['cidr("::/0").containsIP(1)', "found no matching overload for 'containsIP'"],
    ['"x".isLoopback()', "found no matching overload for 'isLoopback'"],
    ['"x".isGlobalUnicast()', "found no matching overload for 'isGlobalUnicast'"],
    ['ip(1)', "found no matching overload for 'ip'"],
    ['"x".prefixLength()', "found no matching overload for 'prefixLength'"],
    ['"x".isCanonical()', "found no matching overload for 'isCanonical'"],
    ['cidr("::/0").containsCIDR(ip("::1"))', "found no matching overload for 'containsCIDR'"],
  ])('%s says %s', (source, words) => expect(() => run(source)).toThrow(words))
})

describe('URLs, as Go reads them', () => {
  test.each<[string, Value]>([
    ['url("https://example.com:443/").getHost() + url("https://example.com:443/").getPort()', 'example.com:443443'],
    ['url("https://example.com/path with spaces/").getEscapedPath()', '/path%20with%20spaces/'],
    ['url("/a\ud800").getEscapedPath()', '/a%EF%BF%BD'],
    ['url("https://example.com/a/../b").getEscapedPath() + url("https://h").getEscapedPath()', '/a/../b'],
    ['url("HTTP://u:p@[::1]:8/x").getScheme() + url("http://u:p@[::1]:8/x").getHostname()', 'http::1'],
    ['url("/a?b=c").getQuery() == {"b": ["c"]} && url("/a").getHost() == ""', true],
    ['isURL("relative") || isURL("http://h:x/") || isURL("/a%2") || isURL("mailto:x") || isURL("http://a b/")', false],
    ['isURL("/a b") && isURL("//host/x") && isURL("custom+x://h")', true],
  ])('%s', (source, value) => expect(run(source)).toEqual(value))
})

describe('formats', () => {
  test.each([
    ['dns1035Label', 'a-1', '1a'],
    ['dns1123LabelPrefix', 'a-', '-a'],
    ['dns1123SubdomainPrefix', 'a.b-', 'a_'],
    ['dns1035LabelPrefix', 'a-', '1-'],
    ['uri', 'http://example.com', 'no'],
    ['byte', 'aGVsbG8=', 'a'],
    ['date', '2021-01-01', '2021-13-01'],
    ['datetime', '2021-01-01T00:00:00Z', 'today'],
  ])('%s: %s is one, %s is none', (name, good, bad) => {
    expect(run(`format.${name}().validate("${good}").hasValue()`)).toBe(false)
    expect(run(`format.named("${name}").value().validate("${bad}").value().size() > 0`)).toBe(true)
  })
})

describe('macros with two names and of optional values', () => {
  test.each<[string, Value]>([
    ['[1, 2, 3].transformList(i, v, i > 0, v * 2)', [4n, 6n]],
    ['["a"].transformList(i, v, [v])', [['a']]],
    ['{"a": 1, "b": 2}.transformList(k, v, k + string(v)).join()', 'a1b2'],
    ['{"a": 1, "b": 2}.transformMap(k, v, v > 1, v + 1)', { b: 3n }],
    ['[5].transformMap(i, v, v) == {0: 5}', true],
    ['{"a": "x"}.transformMapEntry(k, v, {v: k})', { x: 'a' }],
    ['{"a": "x", "b": "y"}.transformMapEntry(k, v, k == "a", {v: k})', { x: 'a' }],
    ['optional.of(2).optMap(x, x + 1).value() + optional.none().optMap(x, x).orValue(0)', 3n],
    ['optional.of(2).optFlatMap(x, optional.of(x)).value()', 2n],
    ['{"a": 1}.exists(k, v, v == 1) && [1].existsOne(i, v, i == 0)', true],
  ])('%s', (source, value) => expect(run(source)).toEqual(value))

  test.each([
    ['{"a": "x", "b": "x"}.transformMapEntry(k, v, {v: k})', 'insert failed: key x already exists'],

    ['"a".optMap(x, x)', "found no matching overload for 'optMap'"],
    ['[1].transformList(x, x)', 'mismatched input'],
    ['[1].transformList(i, 1, 2)', 'mismatched input'],
  ])('%s says %s', (source, words) => expect(() => run(source)).toThrow(words))
})

describe('the authorizer', () => {
  test.each<[string, Value, unknown]>([
    ['authorizer.path("/healthz").check("get").allowed()', true, ['jane', { path: '/healthz', verb: 'get' }]],
    [
      'authorizer.group("").resource("pods").subresource("log").namespace("d").name("x").check("create").reason()',
      'because',
      ['jane', { group: '', resource: 'pods', subresource: 'log', namespace: 'd', name: 'x', verb: 'create' }],
    ],
    [
      'authorizer.group("").resource("pods").fieldSelector("a=b").labelSelector("c=d").check("fail").error()',
      'broken',
      ['jane', { group: '', resource: 'pods', fieldSelector: 'a=b', labelSelector: 'c=d', verb: 'fail' }],
    ],
    [
      'authorizer.serviceAccount("default", "me").group("apps").resource("deployments").check("get").errored()',
      false,
      ['default:me', { group: 'apps', resource: 'deployments', verb: 'get' }],
    ],
    [
      'authorizer.requestResource.subresource("scale").check("get").allowed()',
      true,
      [
        'jane',
        { group: 'apps', resource: 'deployments', namespace: 'd', name: 'web', subresource: 'scale', verb: 'get' },
      ],
    ],
    ['authorizer.path("/x").check("get").error()', '', ['jane', { path: '/x', verb: 'get' }]],
  ])('%s is %j', (source, value, question) => {
    const asked: Array<[string, AccessQuestion]> = []
    expect(run(source, asked)).toEqual(value)
    expect(asked).toEqual([question])
  })

  test.each([
    'authorizer.path(1)',
    'authorizer.group(1)',
    'authorizer.serviceAccount("a", 1)',
    'authorizer.path("/x").resource("y")',
    'authorizer.group("").check("get")',
    'authorizer.group("").namespace("x")',
    'authorizer.allowed()',
    'authorizer.other',
  ])('%s is nothing that it does', (source) => expect(() => run(source)).toThrow('found no matching overload'))
})
