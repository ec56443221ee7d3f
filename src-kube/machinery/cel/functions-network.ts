import { cidrHas, formatIp, isMapped, networkOf, parseCidr, parseIp, type Cidr, type IpAddress } from '../ip-address.ts'
import { CelError } from './errors.ts'
import type { Functions, Overload } from './functions.ts'
import { Opaque, type Value } from './values.ts'

class Ip extends Opaque {
  readonly typeName = 'net.IP'
  readonly ip: IpAddress
  /** As it was written. */
  readonly text: string
  constructor(ip: IpAddress, text = formatIp(ip)) {
    super()
    this.ip = ip
    this.text = text
  }

  override order(other: Opaque): number | undefined {
    return formatIp(this.ip) === formatIp((other as Ip).ip) ? 0 : 1
  }
}

class Network extends Opaque {
  readonly typeName = 'net.CIDR'
  readonly cidr: Cidr
  constructor(cidr: Cidr) {
    super()
    this.cidr = cidr
  }

  override order(other: Opaque): number | undefined {
    return cidrText(this.cidr) === cidrText((other as Network).cidr) ? 0 : 1
  }
}

const cidrText = ({ ip, prefix }: Cidr): string => `${formatIp(ip)}/${prefix}`

function addressOf(text: string): Ip {
  const words = JSON.stringify(text)
  if (text.includes('%')) throw new CelError(`IP address ${words} with zone value is not allowed`)
  const ip = parseIp(text)
  if (!ip)
    throw new CelError(
      `IP Address ${words} parse error during conversion from string: ParseAddr(${words}): unable to parse IP`,
    )
  if (isMapped(ip)) throw new CelError(`IPv4-mapped IPv6 address ${words} is not allowed`)
  return new Ip(ip, text)
}

function networkFrom(text: string): Network {
  const cidr = parseCidr(text)
  const words = JSON.stringify(text)
  if (!cidr)
    throw new CelError(`network address parse error during conversion from string: netip.ParsePrefix(${words})`)
  if (isMapped(cidr.ip)) throw new CelError(`IPv4-mapped IPv6 address ${words} is not allowed`)
  return new Network(cidr)
}

const fromText =
  (make: (text: string) => Value): Overload =>
  (text) =>
    typeof text === 'string' ? make(text) : undefined
const can = (make: (text: string) => Value): Overload =>
  fromText((text) => {
    try {
      make(text)
      return true
    } catch (error) {
      if (error instanceof CelError) return false
      throw error
    }
  })
const onIp =
  (make: (ip: IpAddress) => Value): Overload =>
  (one) =>
    one instanceof Ip ? make(one.ip) : undefined
const onNetwork =
  (make: (cidr: Cidr) => Value): Overload =>
  (one) =>
    one instanceof Network ? make(one.cidr) : undefined

/** Whether an address is in any of these networks. */
const within = (...networks: string[]): Overload => {
  const all = networks.map((text) => parseCidr(text)!)
  return onIp((ip) => all.some((one) => cidrHas(one, ip)))
}

const loopback = ['127.0.0.0/8', '::1/128']
const localUnicast = ['169.254.0.0/16', 'fe80::/10']
const unspecified = ['0.0.0.0/32', '::/128']
const nowhere = within(...unspecified, ...loopback, ...localUnicast, '224.0.0.0/4', 'ff00::/8', '255.255.255.255/32')

/** Addresses and networks ("Common Expression Language in Kubernetes: Kubernetes IP address library", "… CIDR library"). */
export const networkFunctions: Functions = {
  ip: [fromText(addressOf), onNetwork(({ ip }) => new Ip(ip))],
  isIP: [can(addressOf)],
  'ip.isCanonical': [fromText((text) => formatIp(addressOf(text).ip) === text)],
  isCanonical: [(one) => (one instanceof Ip ? formatIp(one.ip) === one.text : undefined)],
  family: [onIp(({ family }) => BigInt(family))],
  isUnspecified: [within(...unspecified)],
  isLoopback: [within(...loopback)],
  isLinkLocalMulticast: [within('224.0.0.0/24', 'ff02::/16')],
  isLinkLocalUnicast: [within(...localUnicast)],
  isGlobalUnicast: [
    (one) => {
      const special = nowhere(one!)
      return special === undefined ? undefined : !special
    },
  ],
  cidr: [fromText(networkFrom)],
  isCIDR: [can(networkFrom)],
  containsIP: [
    (net, other) => {
      const ip = typeof other === 'string' ? addressOf(other) : other
      return net instanceof Network && ip instanceof Ip ? cidrHas(net.cidr, ip.ip) : undefined
    },
  ],
  containsCIDR: [
    (net, other) => {
      const inner = typeof other === 'string' ? networkFrom(other) : other
      return net instanceof Network && inner instanceof Network
        ? cidrHas(net.cidr, inner.cidr.ip, inner.cidr.prefix)
        : undefined
    },
  ],
  masked: [onNetwork(({ ip, prefix }) => new Network({ ip: networkOf(ip, prefix), prefix }))],
  prefixLength: [onNetwork(({ prefix }) => BigInt(prefix))],
  string: [onIp(formatIp), onNetwork(cidrText)],
}
