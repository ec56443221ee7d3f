import { expect, test } from 'vitest'
import { fieldPath } from '../field-path.ts'
import { checkRules } from './cel-check.ts'
import type { JsonSchema } from './types.ts'

const text = (maxLength?: number, more: JsonSchema = {}): JsonSchema => ({ type: 'string', maxLength, ...more })
const word = (...words: string[]): JsonSchema => ({ type: 'string', enum: words })
const whole: JsonSchema = { type: 'integer', format: 'int32' }
const list = (items: JsonSchema, maxItems?: number): JsonSchema => ({ type: 'array', items, maxItems })
const map = (additionalProperties: JsonSchema, maxProperties?: number): JsonSchema => ({
  type: 'object',
  additionalProperties,
  maxProperties,
})
const fields = (properties: Record<string, JsonSchema>, required: string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required,
})
const ruled = (schema: JsonSchema, ...rules: string[]): JsonSchema => ({
  ...schema,
  'x-kubernetes-validations': rules.map((rule) => ({ rule, message: 'no' })),
})
const inSpec = (spec: JsonSchema): JsonSchema =>
  fields({ apiVersion: text(), kind: text(), metadata: fields({}), spec })

/** Routes: sixteen rules with sixty-four matches, filters in them and in each of their sixteen backends. */
function route(): JsonSchema {
  const kinds = ['Exact', 'PathPrefix', 'RegularExpression']
  const plain = "(self.type in ['Exact', 'PathPrefix'])"
  const path = ruled(
    fields({ type: word(...kinds), value: text(1024) }),
    `${plain} ? self.value.startsWith('/') : true`,
    ...['//', '/./', '/../', '%2f', '%2F', '#'].map((part) => `${plain} ? !self.value.contains('${part}') : true`),
    `${plain} ? !self.value.endsWith('/..') : true`,
    `self.type in ['Exact', 'PathPrefix'] || self.type == 'RegularExpression'`,
    `${plain} ? self.value.matches(r"""^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$""") : true`,
  )
  const names = ['redirect', 'rewrite', 'mirror', 'requestHeaders', 'responseHeaders', 'extension']
  const modifier = ruled(
    fields({ type: word('ReplaceFullPath', 'ReplacePrefixMatch'), full: text(1024), prefix: text(1024) }),
    "self.type == 'ReplaceFullPath' ? has(self.full) : true",
    "has(self.prefix) ? self.type == 'ReplacePrefixMatch' : true",
  )
  const filter = ruled(
    fields({ type: word(...names), ...Object.fromEntries(names.map((name) => [name, fields({ path: modifier })])) }),
    ...names.flatMap((name) => [
      `!(has(self.${name}) && self.type != '${name}')`,
      `!(!has(self.${name}) && self.type == '${name}')`,
    ]),
  )
  const filters = ruled(
    list(filter, 16),
    "!(self.exists(f, f.type == 'redirect') && self.exists(f, f.type == 'rewrite'))",
    ...names.map((name) => `self.filter(f, f.type == '${name}').size() <= 1`),
  )
  const backend = ruled(
    fields({ group: text(253), kind: text(63), name: text(253), port: whole, filters }),
    "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true",
  )
  const rule = ruled(
    fields({
      name: text(253),
      matches: list(fields({ path, headers: list(fields({ name: text(256), value: text(4096) }), 16) }), 64),
      filters,
      backends: list(backend, 16),
      request: text(undefined, { pattern: '^([0-9]{1,5}(h|m|s|ms)){1,4}$' }),
      backendRequest: text(undefined, { pattern: '^([0-9]{1,5}(h|m|s|ms)){1,4}$' }),
    }),
    '(has(self.backends) && self.backends.size() > 0) ? (!has(self.filters) || self.filters.all(f, !has(f.redirect))) : true',
    "(has(self.filters) && self.filters.exists_one(f, has(f.rewrite) && has(f.rewrite.path) && f.rewrite.path.type == 'ReplacePrefixMatch' && has(f.rewrite.path.prefix))) ? ((size(self.matches) != 1 || !has(self.matches[0].path) || self.matches[0].path.type != 'PathPrefix') ? false : true) : true",
    "!(has(self.request) && has(self.backendRequest) && duration(self.request) != duration('0s') && duration(self.backendRequest) > duration(self.request))",
  )
  const sum = Array.from({ length: 16 }, (_, i) => `(self.size() > ${i} ? self[${i}].matches.size() : 0)`).join(' + ')
  const parent = fields({ group: text(253), kind: text(63), name: text(253), namespace: text(63), section: text(253) })
  const sameSpace =
    "(((!has(p1.__namespace__) || p1.__namespace__ == '') && (!has(p2.__namespace__) || p2.__namespace__ == '')) || (has(p1.__namespace__) && has(p2.__namespace__) && p1.__namespace__ == p2.__namespace__))"
  const sameParent = `p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name && ${sameSpace}`
  const rules = ruled(
    list(rule, 16),
    `${sum} <= 128`,
    'self.all(l1, !has(l1.name) || self.exists_one(l2, has(l2.name) && l1.name == l2.name))',
  )
  return fields({
    rules,
    parents: ruled(
      list(parent, 32),
      `self.all(p1, self.all(p2, ${sameParent} ? ((!has(p1.section) || p1.section == '') == (!has(p2.section) || p2.section == '')) : true))`,
    ),
  })
}

/** Gateways: each of sixty-four listeners is told from all others. */
function gateway(): JsonSchema {
  const listener = fields({ name: text(253), port: whole, protocol: text(255), hostname: text(253), tls: fields({}) })
  return fields({
    listeners: ruled(
      list(listener, 64),
      "self.all(l, l.protocol in ['HTTP', 'TCP', 'UDP'] ? !has(l.tls) : true)",
      'self.all(l1, self.exists_one(l2, l1.name == l2.name))',
      'self.all(l1, self.exists_one(l2, l1.port == l2.port && l1.protocol == l2.protocol && (has(l1.hostname) && has(l2.hostname) ? l1.hostname == l2.hostname : !has(l1.hostname) && !has(l2.hostname))))',
    ),
    addresses: ruled(
      list(fields({ type: text(253), value: text(253) }), 16),
      "self.all(a1, a1.type == 'IPAddress' && has(a1.value) ? self.exists_one(a2, a2.type == a1.type && has(a2.value) && a2.value == a1.value) : true)",
    ),
  })
}

/** Pools of nodes: requirements and labels, whose keys are looked at by their domains. */
function nodePool(): JsonSchema {
  const reserved =
    "['kubernetes.io/arch', 'kubernetes.io/os', 'topology.kubernetes.io/zone', 'node.kubernetes.io/windows-build']"
  const domain = (key: string): string =>
    `${key} in ${reserved} || ${key}.find("^([^/]+)").endsWith("node.kubernetes.io") || !${key}.find("^([^/]+)").endsWith("kubernetes.io")`
  const key = ruled(text(316), domain('self'), 'self != "kubernetes.io/hostname"')
  const requirement = fields({
    key,
    operator: word('In', 'NotIn', 'Exists', 'Gt', 'Lt'),
    values: list(text()),
    min: whole,
  })
  return fields({
    requirements: ruled(
      list(requirement, 100),
      "self.all(x, x.operator == 'In' ? x.values.size() != 0 : true)",
      "self.all(x, (x.operator == 'Gt' || x.operator == 'Lt') ? (x.values.size() == 1 && int(x.values[0]) >= 0) : true)",
      "self.all(x, (x.operator == 'In' && has(x.min)) ? x.values.size() >= x.min : true)",
    ),
    labels: ruled(map(text(63), 100), `self.all(x, ${domain('x')})`, 'self.all(x, x != "kubernetes.io/hostname")'),
    class: ruled(
      fields({ group: text(), kind: text(), name: text() }),
      'self.group == oldSelf.group',
      "self.kind != ''",
    ),
    budgets: ruled(
      list(fields({ schedule: text(), duration: text() }), 50),
      'self.all(x, has(x.schedule) == has(x.duration))',
    ),
  })
}

/** Resources of providers: what is required unless policies say that nothing is made; the list of them has no end. */
function managed(): JsonSchema {
  const names = ['name', 'region', 'size', 'engine', 'network', 'owner', 'plan', 'zone']
  const given = fields(Object.fromEntries(names.map((name) => [name, text()])))
  const made =
    "'*' in self.managementPolicies || 'Create' in self.managementPolicies || 'Update' in self.managementPolicies"
  return ruled(
    fields({
      managementPolicies: list(word('Observe', 'Create', 'Update', 'Delete', 'LateInitialize', '*')),
      forProvider: given,
      initProvider: given,
    }),
    ...names.map(
      (name) =>
        `!(${made}) || has(self.forProvider.${name}) || (has(self.initProvider) && has(self.initProvider.${name}))`,
    ),
  )
}

/** Services of a mesh: up to 4,096 endpoints with ports by name, settings of ports within subsets without an end, one of several choices. */
function mesh(): JsonSchema {
  const one = (...names: string[]): string => `${names.map((name) => `(has(self.${name})?1:0)`).join('+')}<=1`
  const hash = ruled(
    fields({ header: text(), cookie: fields({}), source: whole, query: text() }),
    one('header', 'cookie', 'source', 'query'),
  )
  const balancing = ruled(fields({ simple: word('RANDOM', 'ROUND_ROBIN'), hash }), one('simple', 'hash'))
  const ports = ruled(
    map(whole, 128),
    "self.all(key, size(key) < 63 && key.matches('^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$'))",
  )
  const endpoint = ruled(
    fields({ address: text(256), network: text(2048), ports }),
    'has(self.address) || has(self.network)',
    "(has(self.address) ? self.address : '').startsWith('unix://') ? !has(self.ports) : true",
  )
  return fields({
    endpoints: list(endpoint, 4096),
    hosts: ruled(list(text(), 256), "self.all(h, h != '*')"),
    subsets: list(
      fields({ name: text(), policy: fields({ balancing, byPort: list(fields({ balancing }), 4096) }) }, ['name']),
    ),
  })
}

/** Scaled objects, certificates and the like: comparisons of fields, of lists and of what was there before. */
function small(): JsonSchema {
  return ruled(
    fields({
      min: whole,
      max: whole,
      secret: ruled(text(253), 'self == oldSelf', "self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')"),
      usages: list(word('signing', 'server auth', 'client auth')),
      issuer: fields({ name: text(), kind: text() }),
      replicas: ruled(
        { 'x-kubernetes-int-or-string': true },
        "type(self) == string ? self.matches('^[0-9]+%$') : self >= 0",
      ),
      expires: text(undefined, { format: 'date-time' }),
      renew: text(undefined, { format: 'duration' }),
      sizes: ruled(list(whole), 'self.all(s, s > 0)', 'self.isSorted()'),
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    }),
    '!has(self.min) || !has(self.max) || self.min <= self.max',
    'has(self.issuer) == has(oldSelf.issuer) && self.issuer == oldSelf.issuer',
    '[has(self.secret), has(self.issuer), has(self.renew)].exists_one(x, x)',
    "'signing' in self.usages || self.usages.exists(u, u.endsWith('auth'))",
    "!has(self.renew) || self.renew >= duration('5m')",
    'self.?min.orValue(0) <= self.?max.orValue(100)',
    'self.sizes.size() >= oldSelf.sizes.size()',
  )
}

// Shapes and limits as in definitions that clusters run: gateway-api, Karpenter, Crossplane's providers, Istio, KEDA, cert-manager.
test.each([
  ['routes', route()],
  ['gateways', gateway()],
  ['pools of nodes', nodePool()],
  ['resources of providers', managed()],
  ['services of a mesh', mesh()],
  ['small ones', small()],
])('Rules in use are not too dear: %s', (_what, spec) => {
  expect(checkRules(inSpec(spec), fieldPath('schema'))).toEqual([])
})
