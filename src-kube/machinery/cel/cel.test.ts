import { describe, expect, test } from 'vitest'
import { CelError, CelSyntaxError, compile, toJson, type Value } from './index.ts'
import { Duration, Optional, Quantity, Timestamp, Type, Uint } from './values.ts'

const object = {
  metadata: { name: 'web', labels: { app: 'web', 'a.b/c': 'd' } },
  spec: {
    replicas: 3,
    ratio: 1.5,
    paused: false,
    containers: [{ name: 'a', image: 'x:1' }, { name: 'b' }],
    none: null,
  },
} as Value

const variables = new Map<string, Value | (() => Value)>([
  ['object', object],
  ['n', 5n],
  ['lazy', () => 'made'],
])

const run = (source: string): Value => compile(source, [...variables.keys()]).evaluate(variables)

// The Common Expression Language's specification; kubernetes.io, "Common Expression Language in Kubernetes".
test.each<[string, Value]>([
  // Literals.
  ['1', 1n],
  ['-7', -7n],
  ['- n', -5n],
  ['-1.5', -1.5],
  ['-(1.5)', -1.5],
  ['0x1F', 31n],
  ['0x1Fu', new Uint(31n)],
  ['3u', new Uint(3n)],
  ['1.5e2', 150],
  ['.5', 0.5],
  ['2e1', 20],
  ['"a\\n\\x41\\u00e9\\101\\"" + \'b\'', 'a\nAéA"b'],
  ['r"a\\n"', 'a\\n'],
  ['"""a\n"b"""', 'a\n"b'],
  ['b"ab" == bytes("ab")', true],
  ['b"ab" + b"c" == b"abc"', true],
  ['true && !false', true],
  ['null == object.spec.none', true],
  ['// words\n1', 1n],
  // Arithmetic and order.
  ['1 + 2 * 3 - 8 / 4 % 3', 5n],
  ['(1 + 2) * 3', 9n],
  ['1.5 + 0.5 - 1.0 * 2.0 / 4.0', 1.5],
  ['7u / 2u + 1u - 1u * 1u', new Uint(3n)],
  ['1 == 1.0 && 1u == 1 && 1 != 2', true],
  ['1 < 2 && 2.0 >= 2 && 3u > 2 && 1 <= 1', true],
  ['"a" < "b" && false < true', true],
  ['b"ab" < b"b" && b"a" < b"ab"', true],
  ['[1, 2] + [3] == [1, 2, 3]', true],
  ['{"a": 1} == {"a": 1.0} && {"a": 1} != {"b": 1} && {"a": 1} != {"a": 1, "b": 2}', true],
  ['[1] == [1, 2] || 1 == "1" || type(1) == type("")', false],
  ['type(1) == int && type([]) == list && type(null) == null_type && type({}) == map', true],
  ['type(b"") == bytes && type(1u) == uint && type(1.0) == double && type(int) == type', true],
  ['string(type(duration("1s")) == type(timestamp("2026-01-01T00:00:00Z")))', 'false'],
  ['true ? 1 : 2', 1n],
  ['false ? 1 : true ? 3 : 4', 3n],
  // One side that decides makes errors of the other none.
  ['1 / 0 == 1 || true', true],
  ['false && 1 / 0 == 1', false],
  // Fields.
  ['object.spec.replicas + 1', 4n],
  ['object.spec.ratio', 1.5],
  ['object.metadata.labels["a.b/c"]', 'd'],
  ['object.spec.containers[0].image', 'x:1'],
  ['has(object.spec.replicas) && !has(object.spec.nope)', true],
  ['has(object.metadata.labels.app)', true],
  ['"app" in object.metadata.labels && !("x" in object.metadata.labels)', true],
  ['2 in [1, 2] && !(3 in [1, 2])', true],
  ['object.spec.?nope.orValue(7)', 7n],
  ['object.spec.?nope.?deeper.hasValue()', false],
  ['object.?spec.replicas.value()', 3n],
  ['object.metadata.labels[?"app"].orValue("")', 'web'],
  ['object.?metadata.labels["app"].orValue("")', 'web'],
  ['optional.of(1).or(optional.of(2)).value()', 1n],
  ['optional.none().or(optional.of(2)).value()', 2n],
  ['optional.ofNonZeroValue(0).hasValue() || optional.ofNonZeroValue("").hasValue()', false],
  ['optional.ofNonZeroValue([]).hasValue() || !optional.ofNonZeroValue({}).hasValue()', false],
  ['optional.of(1) == optional.of(1) && optional.none() != optional.of(1)', true],
  ['[?optional.of(1), ?optional.none(), 2]', [1n, 2n]],
  ['{?"a": optional.of(1), ?"b": optional.none()}', { a: 1n }],
  ['lazy', 'made'],
  ['Object{spec: Object.spec{replicas: 3, ?x: optional.none()}}', { spec: { replicas: 3n } }],
  ['{1: "a"}[1] + {true: "b"}[true]', 'ab'],
  ['1 in {1: 2} && {1: 2}.size() == 1', true],
  // Macros.
  ['object.spec.containers.all(c, c.name != "")', true],
  ['object.spec.containers.exists(c, c.name == "b")', true],
  ['object.spec.containers.exists_one(c, has(c.image))', true],
  ['object.spec.containers.existsOne(c, c.name == "z")', false],
  ['object.spec.containers.map(c, c.name)', ['a', 'b']],
  ['object.spec.containers.map(c, has(c.image), c.image)', ['x:1']],
  ['[1, 2, 3].filter(x, x > 1)', [2n, 3n]],
  ['object.metadata.labels.all(k, k.size() > 0)', true],
  ['object.metadata.labels.exists(k, v, k == "app" && v == "web")', true],
  ['[5, 6].all(i, v, v == i + 5)', true],
  ['[1, 0].exists(x, 1 / x == 1)', true],
  ['[0, 2].all(x, 1 / x == 1)', false],
  ['cel.bind(x, 2, x * x)', 4n],
  // Conversions.
  ['int("12") + int(1.9) + int(3u) + int(timestamp("1970-01-01T00:00:05Z"))', 21n],
  ['uint(3) == 3u && uint("4") == 4u', true],
  ['double("1.5") + double(1)', 2.5],
  ['string(1) + string(1.5) + string(true) + string(b"x") + string(2u) + string("s")', '11.5truex2s'],
  ['string(duration("90s")) + string(timestamp("2026-01-01T00:00:00Z"))', '90s2026-01-01T00:00:00Z'],
  ['string(timestamp("2026-01-01T00:00:00.250Z"))', '2026-01-01T00:00:00.25Z'],
  ['bool("true") && !bool("false") && bool(true)', true],
  ['bytes(b"a") == b"a"', true],
  ['dyn(1)', 1n],
  ['size("é😀") + size([1]) + size({"a": 1}) + size(b"ab")', 6n],
  // Text.
  ['"abc".contains("b") && "abc".startsWith("a") && "abc".endsWith("c")', true],
  ['"a1".matches("^[a-z][0-9]$") && !"A".matches("a") && "A".matches("(?i)a")', true],
  ['"a1b22".find("[0-9]+") + "x".find("[0-9]")', '1'],
  ['"a1b22".findAll("[0-9]+")', ['1', '22']],
  ['"a1b22".findAll("[0-9]+", 1)', ['1']],
  ['"a".findAll("[0-9]", -1)', []],
  ['"a".findAll("a", 0)', []],
  ['"123 abc".findAll("[0-9]*")', ['123', '', '', '', '']],
  [String.raw`"A1\u0663".matches(r"(?i)^[[:lower:]]\pN+\z") && matches("a.b", r"^\Qa.b\E$")`, true],
  [String.raw`"a\u00a0b".matches(r"a\sb") || "a\n".matches("a$")`, false],
  ['"aBé".lowerAscii() + "aBé".upperAscii() + "  x ".trim()', 'abéABéx'],
  ['"abc".charAt(1) + "abc".charAt(3) + "abc".substring(1) + "abc".substring(0, 1)', 'bbca'],
  ['["😀b".indexOf("b"), "abab".indexOf("b", 2), "abab".lastIndexOf("a"), "a".indexOf("z")]', [1n, 3n, 2n, -1n]],
  ['"aXbXc".replace("X", "-") + "aXbXc".replace("X", "-", 1)', 'a-b-ca-bXc'],
  ['"a,b,c".split(",")', ['a', 'b', 'c']],
  ['"a,b,c".split(",", 2) + "a,b".split(",", 0) + "a,b".split(",", -1)', ['a', 'b,c', 'a', 'b']],
  ['"ab".split("")', ['a', 'b']],
  ['["a", "b"].join() + ["a", "b"].join("-")', 'aba-b'],
  ['"%d%% %s %.1f %x %X %b %o %e".format([5, "x", 1.25, 255, 255, 2, 8, 1.5])', '5% x 1.3 ff FF 10 10 1.500000e+0'],
  ['"%s %s %s %s %s".format([[1, "a"], {"k": 1}, null, int, duration("1s")])', '[1, a] {k: 1} null int 1s'],
  ['"%s %s".format([3u, true])', '3 true'],
  ['"ab".reverse()', 'ba'],
  // Lists.
  ['[1, 2].isSorted() && !["b", "a"].isSorted()', true],
  ['[1, 2].sum() + [3, 1].min() + [3, 1].max()', 7n],
  ['[1.5, 1.0].sum()', 2.5],
  ['[].sum()', 0n],
  ['[duration("1s"), duration("2s")].sum() == duration("3s")', true],
  ['[1, 2, 1].indexOf(1) + [1, 2, 1].lastIndexOf(1)', 2n],
  ['[1, 2, 3].slice(1, 2)', [2n]],
  ['[[1], [[2]]].flatten(2) + [[1]].flatten()', [1n, 2n, 1n]],
  ['[1, 1, 2].distinct() + [2, 1].sort() + [1, 2].reverse()', [1n, 2n, 1n, 2n, 2n, 1n]],
  ['[1, 2].first().value() + [1, 2].last().value()', 3n],
  ['lists.range(3)', [0n, 1n, 2n]],
  ['sets.contains([1, 2], [1]) && sets.intersects([1], [1, 2]) && sets.equivalent([1, 1], [1])', true],
  ['math.greatest(1, 3, 2) + math.least([4, 2])', 5n],
  // Time.
  ['duration("1h30m").getMinutes() + duration("90s").getHours() + duration("-1.5s").getMilliseconds()', -1410n],
  ['duration("0") == duration("0s") && duration("90s").getSeconds() == 90', true],
  ['timestamp("2026-02-03T04:05:06Z").getFullYear()', 2026n],
  ['timestamp("2026-02-03T04:05:06Z").getMonth()', 1n],
  ['timestamp("2026-02-03T04:05:06Z").getDate() - timestamp("2026-02-03T04:05:06Z").getDayOfMonth()', 1n],
  ['timestamp("2026-02-03T04:05:06Z").getDayOfWeek() + timestamp("2026-02-03T04:05:06Z").getDayOfYear()', 35n],
  [
    'timestamp("2026-02-03T04:05:06Z").getHours("+02:30") * 100 + timestamp("2026-02-03T04:05:06Z").getMinutes("-00:05")',
    600n,
  ],
  ['timestamp("2026-07-01T00:00:00Z").getHours("Europe/Berlin")', 2n],
  ['timestamp("2026-01-01T00:00:00.5Z").getMilliseconds() + timestamp("2026-01-01T00:00:09Z").getSeconds()', 509n],
  ['timestamp("2026-01-01T00:00:01Z") - timestamp("2026-01-01T00:00:00Z") == duration("1s")', true],
  ['timestamp("2026-01-01T00:00:00Z") + duration("1s") > timestamp("2026-01-01T00:00:00Z")', true],
  ['duration("1s") + timestamp(0) - duration("1s") == timestamp("1970-01-01T00:00:00Z")', true],
  ['duration("2s") - duration("1s") + duration("1s") == duration("2s")', true],
  ['timestamp(timestamp(0)) == timestamp(0) && duration(duration("1s")) == duration("1s")', true],
  // Kubernetes' own.
  ['quantity("1Gi").isGreaterThan(quantity("1G")) && quantity("1").isLessThan(quantity("2"))', true],
  ['quantity("1000m") == quantity("1") && quantity("1").compareTo(quantity("2")) == -1', true],
  ['quantity("50k").add(quantity("20k")) == quantity("70k") && quantity("5").sub(2) == quantity("3")', true],
  ['isQuantity("1x") || isURL("::") || quantity("-1").sign() != -1', false],
  ['quantity("50k").asInteger() + 1', 50001n],
  [
    'quantity("50k").isInteger() && !quantity("50m").isInteger() && quantity("1500m").asApproximateFloat() == 1.5',
    true,
  ],
  ['url("https://h:80/p?a=1&a=2").getHost() + url("https://h:80/p").getPort() + url("/p").getScheme()', 'h:8080'],
  ['url("https://[::1]:80/a%20b").getHostname() + url("https://h/a%20b").getEscapedPath()', '::1/a%20b'],
  ['url("https://h/?a=1&a=2").getQuery() == {"a": ["1", "2"]} && isURL("https://h")', true],
  ['format.dns1123Label().validate("a").hasValue() || !format.dns1123Label().validate("A").hasValue()', false],
  ['format.named("uuid").value().validate("x").value()[0]', 'does not match the UUID format'],
  ['format.named("none").hasValue()', false],
  ['format.named("constructor").hasValue()', false],
  ['format.uuid().validate("123e4567-e89b-12d3-a456-426614174000").hasValue()', false],
])('%s', (source, value) => {
  expect(run(source)).toEqual(value)
})

describe('what is no expression', () => {
  test.each([
    ['... [] bad expression', "ERROR: <input>:1:2: Syntax error: mismatched input '.'"],
    ['1 +', "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting 'IDENTIFIER'\n | 1 +\n | ...^"],
    ['1 2', "mismatched input '2'"],
    ['a', "undeclared reference to 'a' (in container '')"],
    ['toString()', "undeclared reference to 'toString' (in container '')"],
    ['object.toString(x, x)', "undeclared reference to 'toString'"],
    ['object.nope()', "1:12: undeclared reference to 'nope'"],
    ['nope(object)', "1:5: undeclared reference to 'nope' (in container '')\n | nope(object)\n | ....^"],
    ['math.nope(1)', "undeclared reference to 'math.nope'"],
    ['[1].map(x, y)', "undeclared reference to 'y'"],
    ['cel.bind(x, 1, z)', "undeclared reference to 'z'"],
    ['cel.bind(1, 1, 1)', 'mismatched input'],
    ['[1].all(1, true)', 'mismatched input'],
    ['[1].filter(x)', 'mismatched input'],
    ['has(object)', '1:5: invalid argument to has() macro'],
    ['while', 'reserved identifier: while'],
    ['"\\q"', "token recognition error at: '\\q'"],
    ['1 @ 2', "token recognition error at: '@'"],
    ['(1', "expecting ')'"],
    ['[1 2]', "expecting ','"],
    ['{1 2}', "expecting ':'"],
    ['{"a": 1 "b"}', "expecting ','"],
    ['Object{a 1}', "expecting ':'"],
    ['Object{a: 1 b}', "expecting ','"],
    ['object.1', "mismatched input '.1'"],
    ['object.[', "expecting 'IDENTIFIER'"],
    ['{y: 1}', "undeclared reference to 'y'"],
    ['[y]', "undeclared reference to 'y'"],
    ['Object{a: y}', "undeclared reference to 'y'"],
    ['object[y]', "undeclared reference to 'y'"],
    ['('.repeat(300), 'expression recursion limit exceeded: 250'],
  ])('is refused: %s', (source, words) => {
    const compiling = () => compile(source, [...variables.keys()])
    expect(compiling).toThrow(CelSyntaxError)
    expect(compiling).toThrow(words)
  })
})

describe('what cannot be evaluated', () => {
  test.each([
    ['object.spec.nope', 'no such key: nope'],
    ['object["x"]', 'no such key: x'],
    ['[1][1]', 'index out of bounds: 1'],
    ['[1]["a"]', "found no matching overload for '_[_]' applied to '(list, string)'"],
    ['n[0]', "found no matching overload for '_[_]' applied to '(int, int)'"],
    ['n.field', 'found no matching overload'],
    ['1 + "a"', "found no matching overload for '_+_' applied to '(int, string)'"],
    ['1 - "a"', "found no matching overload for '_-_'"],
    ['1 * 1.5', "found no matching overload for '_*_' applied to '(int, double)'"],
    ['1.5 % 1.0', "found no matching overload for '_%_'"],
    ['1 < "a"', "found no matching overload for '_<_' applied to '(int, string)'"],
    ['[1] < [2]', "found no matching overload for '_<_'"],
    ['!1', "found no matching overload for '!_'"],
    ['-"a"', "found no matching overload for '-_'"],
    ['1 && true', "found no matching overload for '&&'"],
    ['1 ? 2 : 3', "found no matching overload for '_?_:_'"],
    ['1 in 2', "found no matching overload for '@in'"],
    ['n.all(x, true)', "found no matching overload for 'all'"],
    ['[1].all(x, 1)', "found no matching overload for 'all'"],
    ['[1, 0].exists_one(x, 1 / x == 1)', 'division by zero'],
    ['[0].all(x, 1 / x == 1)', 'division by zero'],
    ['1 % 0', 'modulus by zero'],
    ['9223372036854775807 + 1', 'integer overflow'],
    ['-9223372036854775808 - 1', 'integer overflow'],
    ['1u - 2u', 'unsigned integer overflow'],
    ['uint(-1)', 'unsigned integer overflow'],
    ['int("a")', "found no matching overload for 'int'"],
    ['int(1.0 / 0.0)', 'integer overflow'],
    ['double("a")', "found no matching overload for 'double'"],
    ['bool("maybe")', "found no matching overload for 'bool'"],
    ['duration("1 day")', 'time: unknown unit " day" in duration "1 day"'],
    ['duration("1")', 'time: missing unit in duration "1"'],
    ['duration("1h-1m")', 'time: unknown unit "h-" in duration "1h-1m"'],
    ['duration("")', 'time: invalid duration ""'],
    ['timestamp("today")', 'parsing time "today"'],
    ['timestamp(0).getHours("Mars")', 'unknown time zone Mars'],
    ['quantity("x")', 'quantities must match'],
    ['quantity("1m").asInteger()', 'cannot convert value to integer'],
    ['url("not a url")', 'URL parse error'],
    ['"a".matches("(")', 'error parsing regexp: missing closing ): `(`'],
    ['"a".find(")")', 'Illegal regex: error parsing regexp: unexpected ): `)`'],
    ['"a".findAll("x++", 1)', 'Illegal regex: error parsing regexp: invalid nested repetition operator: `++`'],
    ['"a".charAt(2)', 'invalid substring range'],
    ['[1].slice(0, 2)', 'cannot slice(0, 2), list is length 1'],
    ['[].max()', 'max called on empty list'],
    ['["a"].sum()', "found no matching overload for 'sum'"],
    ['[1, "a"].join()', "found no matching overload for 'join'"],
    ['optional.none().value()', 'optional.none() dereference'],
    ['"%d".format([])', 'index 0 out of range'],
    ['"%d".format(["x"])', 'could not parse formatting clause "%d"'],
    ['size(1)', "found no matching overload for 'size'"],
    ['lists.range(1000).all(a, lists.range(1000).all(b, a >= 0 && b >= 0))', 'actual cost limit exceeded'],
    ['1 / 0 == 1 || false', 'division by zero'],
  ])('says why: %s', (source, words) => {
    expect(() => run(source)).toThrow(CelError)
    expect(() => run(source)).toThrow(words)
  })
})

// Work that grew with the square of a text, or faster, would not end here.
test.each([
  ['duration(text)', '1', 'time: missing unit'],
  ['duration(text)', '1h', 'time: missing unit'],
  ['double(text)', '1', "found no matching overload for 'double'"],
])('%s of a long text of %j says what is wrong with it', (source, part, words) => {
  const bindings = new Map([['text', `${part.repeat(200_000)}${source.startsWith('double') ? '!' : '1'}`]])
  expect(() => compile(source, ['text']).evaluate(bindings)).toThrow(words)
})

test.each<[string, unknown]>([
  ['[1, 2u, 1.5, "a", true, null, b"ab"]', [1, 2, 1.5, 'a', true, null, 'YWI=']],
  ['{"a": {1: timestamp(0), true: duration("1s")}}', { a: { 1: '1970-01-01T00:00:00Z', true: '1s' } }],
  ['[quantity("1Gi"), optional.of(1), optional.none()]', ['1Gi', 1, null]],
  [
    'JSONPatch{op: "add", path: "/a/" + jsonpatch.escapeKey("b/c~d"), value: object.spec.replicas}',
    { op: 'add', path: '/a/b~1c~0d', value: 3 },
  ],
])('%s is JSON', (source, json) => {
  expect(toJson(run(source))).toEqual(json)
})

test('What JSON has no form for is an error', () => {
  expect(() => toJson(run('type(1)'))).toThrow('cannot convert type to JSON')
})

test('A name that is bound to nothing is an error, not a value', () => {
  expect(() => compile('gone', ['gone']).evaluate(new Map())).toThrow("undeclared reference to 'gone'")
})

test('Values of their own classes are what they are', () => {
  const given = new Map<string, Value>([
    ['q', new Quantity('1')],
    ['t', new Timestamp(0)],
    ['d', new Duration(1)],
    ['o', new Optional(1n)],
    ['y', new Type('int')],
  ])
  const all = compile('[type(q), type(t), type(d), type(o), type(y)]', [...given.keys()]).evaluate(given) as Type[]
  expect(all.map(({ name }) => name)).toEqual([
    'kubernetes.Quantity',
    'google.protobuf.Timestamp',
    'google.protobuf.Duration',
    'optional_type',
    'type',
  ])
})
