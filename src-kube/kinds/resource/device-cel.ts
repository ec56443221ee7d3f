import type { Device, DeviceAttribute } from '#types/resource.k8s.io/v1'
import {
  CelError,
  CelSyntaxError,
  compile,
  DefaultingMap,
  Quantity,
  Semver,
  type Bindings,
  type Program,
  type Value,
} from '../../machinery/cel/index.ts'

/** What a selector of devices judges: whether it is met, or why that cannot be told. */
export type Judgement = { readonly met: boolean } | { readonly error: string }

const programs = new Map<string, Program | CelSyntaxError>()
/** As many expressions as are kept compiled. */
const MOST_PROGRAMS = 1000

/** Throws {@link CelSyntaxError} for what is no expression about a `device`. */
export function compileDeviceSelector(expression: string): Program {
  let known = programs.get(expression)
  if (!known) {
    if (programs.size >= MOST_PROGRAMS) programs.clear()
    programs.set(expression, (known = compiled(expression)))
  }
  if (known instanceof CelSyntaxError) throw known
  return known
}

function compiled(expression: string): Program | CelSyntaxError {
  try {
    return compile(expression, ['device'])
  } catch (error) {
    if (error instanceof CelSyntaxError) return error
    throw error
  }
}

const judged = new WeakMap<Device, Map<string, Judgement>>()

/** Whether a device is one that an expression asks for (kubernetes.io, "Dynamic Resource Allocation: Selectors"). Remembered for each device. */
export function judgeDevice(expression: string, driver: string, device: Device): Judgement {
  let known = judged.get(device)
  if (!known) judged.set(device, (known = new Map<string, Judgement>()))
  let judgement = known.get(expression)
  if (!judgement) known.set(expression, (judgement = judge(expression, driver, device)))
  return judgement
}

function judge(expression: string, driver: string, device: Device): Judgement {
  try {
    const met = compileDeviceSelector(expression).evaluate(bindingsOf(driver, device))
    return typeof met === 'boolean' ? { met } : { error: 'CEL expression must evaluate to bool' }
  } catch (error) {
    if (error instanceof CelError || error instanceof CelSyntaxError) return { error: error.message }
    throw error
  }
}

/** Names are in domains; what has none is in its driver's. Domains that a device does not know are empty. */
function byDomain<T>(driver: string, fields: Record<string, T> | undefined, read: (field: T) => Value): Value {
  const domains = new Map<string, Record<string, Value>>()
  for (const [name, field] of Object.entries(fields ?? {})) {
    const slash = name.indexOf('/')
    const domain = slash < 0 ? driver : name.slice(0, slash)
    const values = domains.get(domain) ?? {}
    domains.set(domain, { ...values, [name.slice(slash + 1)]: read(field) })
  }
  return new DefaultingMap(domains, {})
}

function bindingsOf(driver: string, { attributes, capacity, allowMultipleAllocations = false }: Device): Bindings {
  const device = {
    driver,
    attributes: byDomain(driver, attributes, attributeValue),
    capacity: byDomain(driver, capacity, ({ value }) => new Quantity(String(value))),
    allowMultipleAllocations,
  }
  return new Map<string, Value>([['device', device]])
}

/** The value of an attribute as expressions see it. Throws {@link CelError} for a version that is none. */
function attributeValue({ bool, int, string, version, bools, ints, strings, versions }: DeviceAttribute): Value {
  if (int !== undefined) return BigInt(int)
  if (version !== undefined) return versionOf(version)
  return bool ?? string ?? bools ?? strings ?? ints?.map(BigInt) ?? versions?.map(versionOf) ?? null
}

function versionOf(text: string): Semver {
  const version = Semver.parse(text)
  if (!version) throw new CelError(`parse semantic version: ${JSON.stringify(text)}`)
  return version
}

/** An attribute by its full name (`domain/name`), or by its own in the domain of the driver. */
export function attributeOf(driver: string, { attributes }: Device, name: string): DeviceAttribute | undefined {
  const own = name.startsWith(`${driver}/`) ? attributes?.[name.slice(driver.length + 1)] : undefined
  return attributes?.[name] ?? own
}
