import { describe, expect, test } from 'vitest'
import { checkTypes } from './check.ts'
import { bool, dyn, int, listOf, mapOf, simple, string, typeName, type CelType } from './types.ts'

const fields: Record<string, CelType> = {
  name: string,
  count: int,
  ratio: simple('double'),
  on: bool,
  time: simple('timestamp'),
  span: simple('duration'),
  tags: listOf(string),
  labels: mapOf(string),
  any: dyn,
}
const object: CelType = { kind: 'object', name: 'Thing', field: (name) => (name === 'self' ? object : fields[name]) }
const scope = new Map([['object', object]])
const typeOf = (source: string): string => {
  const { type, errors } = checkTypes(source, scope)
  return errors.length > 0 ? errors.join('\n') : typeName(type)
}

describe('the types of expressions', () => {
  test.each([
    ['object.count > 1 && object.on', 'bool'],
    ['object.count > 1.5', 'bool'],
    ['object.count + 1', 'int'],
    ['-object.count', 'int'],
    ['object.ratio / 2.0', 'double'],
    ['object.count % 2', 'int'],
    ["object.name + 'x'", 'string'],
    ["object.tags + ['x']", 'list(string)'],
    ["'x' in object.tags || 'y' in object.labels", 'bool'],
    ['object.time - object.time', 'google.protobuf.Duration'],
    ['object.time + object.span < object.time', 'bool'],
    ["object.labels.a == object.labels['b']", 'bool'],
    ['object.tags[0]', 'string'],
    ['object.tags.all(t, t.startsWith(object.name))', 'bool'],
    ['object.tags.map(t, size(t))', 'list(int)'],
    ['object.tags.filter(t, t != "a")', 'list(string)'],
    ['object.labels.exists(k, k == "a")', 'bool'],
    ['object.self.self.count', 'int'],
    ['object.any.whatever + 1 > "x"', 'bool'],
    ['object.any[0].x', 'dyn'],
    ['has(object.name)', 'bool'],
    ["object.?name.orValue('x')", 'dyn'],
    ['object.self == null || object.count == null', 'bool'],
    ["object.self == {'a': 1}", 'bool'],
    ["object.on ? object.name : 'x'", 'string'],
    ['object.on ? object.any : 1', 'dyn'],
    ['cel.bind(n, object.count, n * 2)', 'int'],
    ['[1, "a"]', 'list(dyn)'],
    ["{'a': 1}", 'map(string, int)'],
    ['string(object.count)', 'string'],
    ['null', 'null'],
    ["duration('1h')", 'google.protobuf.Duration'],
    ["b'x' + b'y'", 'bytes'],
    ['1u + 2u', 'uint'],
    ['!object.on', 'bool'],
    ["object.name.split(',', 2)[0].upperAscii()", 'string'],
    ['object.tags.join()', 'string'],
    ["object.tags.indexOf('a') + object.name.indexOf('a', 1)", 'int'],
    ['[1, 2].sum() + [3].max()', 'int'],
    ['object.any.sum()', 'dyn'],
    ['object.any.startsWith(object.any)', 'bool'],
    ['object.name.size() + size(object.tags) + size(object.labels) + object.labels.size()', 'int'],
    ["quantity('1Gi').add(quantity('1')).sub(3)", 'kubernetes.Quantity'],
    ["quantity(object.name).isGreaterThan(quantity('1')) && semver('1.0.0').isLessThan(semver('v2', true))", 'bool'],
    ["cidr('10.0.0.0/8').containsIP('10.1.1.1') || cidr('10.0.0.0/8').containsIP(ip(object.name))", 'bool'],
    ["cidr('10.0.0.0/8').ip() == ip('10.0.0.0') && ip.isCanonical('::1')", 'bool'],
    ["url('http://a/b?c=d').getQuery()['c'][0]", 'string'],
    ['object.time.getFullYear() + object.span.getHours()', 'int'],
    ['int(object.time) + int(object.span) + int(object.ratio)', 'int'],
    ["'%s and %d'.format([object.name, 1])", 'string'],
    ['sets.contains(object.tags, ["a"]) && sets.equivalent([], [1])', 'bool'],
    ["authorizer.group('').resource('pods').namespace('a').check('get').allowed()", 'bool'],
    ['format.dns1123Label().validate(object.name).hasValue()', 'dyn'],
    ["optional.of(object.count).orValue('x')", 'dyn'],
  ])('%s is a %s', (source, type) => {
    expect(typeOf(source)).toBe(type)
  })

  test.each([
    ["object.count > '1'", "1:14: found no matching overload for '_>_' applied to '(int, string)'"],
    ["'n: ' + object.count", "1:7: found no matching overload for '_+_' applied to '(string, int)'"],
    ["object.count == 'x'", "'_==_' applied to '(int, string)'"],
    ['object.tags == object.labels', "'_==_' applied to '(list(string), map(string, string))'"],
    ['object.count && true', "'_&&_' applied to '(int, bool)'"],
    ['!object.count', "'!_' applied to '(int)'"],
    ['-object.name', "'-_' applied to '(string)'"],
    ['object.name * 2', "'_*_' applied to '(string, int)'"],
    ['object.ratio % 2.0', "'_%_' applied to '(double, double)'"],
    ['object.count + 1.0', "'_+_' applied to '(int, double)'"],
    ["object.tags - ['x']", "'_-_' applied to '(list(string), list(string))'"],
    ['object.tags + [1]', "'_+_' applied to '(list(string), list(int))'"],
    ['1 in object.tags', "'@in' applied to '(int, list(string))'"],
    ['1 in object.labels', "'@in' applied to '(int, map(string, string))'"],
    ["'x' in object.name", "'@in' applied to '(string, string)'"],
    ['object.tags < object.tags', "'_<_' applied to '(list(string), list(string))'"],
    ["object.tags['a']", "'_[_]' applied to '(list(string), string)'"],
    ['object.labels[1]', "'_[_]' applied to '(map(string, string), int)'"],
    ['object.name[0]', "'_[_]' applied to '(string, int)'"],
    ['object.count ? 1 : 2', "'_?_:_' applied to '(int, int, int)'"],
    ["object.on ? 1 : 'a'", "'_?_:_' applied to '(bool, int, string)'"],
    ['object.none', "1:7: undefined field 'none'\n | object.none\n | ......^"],
    ['object.name.x', "1:12: type 'string' does not support field selection"],
    ['object.tags.all(t, t > 1)', "1:22: found no matching overload for '_>_' applied to '(string, int)'"],
    ['object.labels.all(k, v, v > 1)', "'_>_' applied to '(string, int)'"],
    ["{'a': object.none}", "undefined field 'none'"],
    ['object.name.contains(object.none)', "undefined field 'none'"],
    [
      "object.count.startsWith('a')",
      "1:24: found no matching overload for 'startsWith' applied to 'int.(string)'\n | object.count.startsWith('a')\n | .......................^",
    ],
    ["'a'.startsWith(3)", "'startsWith' applied to 'string.(int)'"],
    ["'a'.replace('b')", "'replace' applied to 'string.(string)'"],
    ['quantity(3)', "1:9: found no matching overload for 'quantity' applied to '(int)'"],
    ["quantity('1').isLessThan(semver('1.0.0'))", "'isLessThan' applied to 'kubernetes.Quantity.(kubernetes.Semver)'"],
    ["quantity('1') > quantity('2')", "'_>_' applied to '(kubernetes.Quantity, kubernetes.Quantity)'"],
    ["ip('::1') == '::1'", "'_==_' applied to '(net.IP, string)'"],
    ["url('http://a').host", "type 'kubernetes.URL' does not support field selection"],
    ['object.tags.matches("a")', "'matches' applied to 'list(string).(string)'"],
    ['object.tags.indexOf(1)', "'indexOf' applied to 'list(string).(int)'"],
    ["sets.contains([1], ['a'])", "'sets.contains' applied to '(list(int), list(string))'"],
    ['object.name.getHours()', "'getHours' applied to 'string.()'"],
    ['int([1])', "'int' applied to '(list(int))'"],
    ['authorizer.group(3)', "'group' applied to 'dyn.(int)'"],
    ['size(3)', "'size' applied to '(int)'"],
  ])('%s cannot be right', (source, words) => {
    expect(typeOf(source)).toContain(words)
  })

  test('an error is told once, however much depends on it', () => {
    expect(checkTypes('object.none.more + 1 > object.other', scope).errors).toHaveLength(2)
  })
})
