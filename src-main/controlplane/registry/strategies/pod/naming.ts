import type { PodSpec } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'
import { validateIp } from '../standard-addresses.ts'

const MOST_SERVERS = 3
const MOST_SEARCHES = 32
const MOST_SEARCH_TEXT = 2048

/** Characters that the kernel lets a host's name have. */
const MOST_HOSTNAME = 64

/** A name of the pod's own that takes the place of all others (KEP-4762): one it could not be given is refused. */
export function validateHostname(spec: PodSpec, path: FieldPath): FieldError[] {
  const { hostnameOverride: name, setHostnameAsFQDN, hostNetwork } = spec
  if (!name) return []
  const at = path.child('hostnameOverride')
  const errors: FieldError[] = isDns1123Subdomain(name).map((w) => at.invalid(name, w))
  if (name.length > MOST_HOSTNAME) errors.push(at.tooLong(MOST_HOSTNAME))
  if (setHostnameAsFQDN)
    errors.push(path.child('setHostnameAsFQDN').forbidden('cannot be set when hostnameOverride is set'))
  if (hostNetwork) errors.push(path.child('hostNetwork').forbidden('cannot be set when hostnameOverride is set'))
  return errors
}

/** What a pod adds to its hosts file and resolver (kubernetes.io, "DNS for Services and Pods"). */
export function validateNaming(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const [i, alias] of (spec.hostAliases ?? []).entries()) {
    const at = path.child('hostAliases').index(i)
    errors.push(...validateIp(alias.ip ?? '', at.child('ip')))
    for (const name of alias.hostnames ?? [])
      errors.push(...isDns1123Subdomain(name).map((w) => at.child('hostnames').invalid(name, w)))
  }
  const at = path.child('dnsConfig')
  if (spec.dnsPolicy === 'None') {
    if (!spec.dnsConfig) errors.push(at.required('must provide `dnsConfig` when `dnsPolicy` is None'))
    else if (!spec.dnsConfig.nameservers?.length)
      errors.push(at.child('nameservers').required('must provide at least one DNS nameserver when `dnsPolicy` is None'))
  }
  if (spec.dnsConfig) errors.push(...validateDnsConfig(spec.dnsConfig, at))
  return errors
}

function validateDnsConfig(config: NonNullable<PodSpec['dnsConfig']>, path: FieldPath): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = config
  const errors: FieldError[] = []
  const servers = path.child('nameservers')
  if (nameservers.length > MOST_SERVERS)
    errors.push(servers.invalid(nameservers, `must not have more than ${MOST_SERVERS} nameservers`))
  for (const [i, server] of nameservers.entries()) errors.push(...validateIp(server, servers.index(i)))
  const at = path.child('searches')
  if (searches.length > MOST_SEARCHES)
    errors.push(at.invalid(searches, `must not have more than ${MOST_SEARCHES} search paths`))
  if (searches.join(' ').length > MOST_SEARCH_TEXT)
    errors.push(
      at.invalid(
        searches,
        `must not have more than ${MOST_SEARCH_TEXT} characters (including spaces) in the search list`,
      ),
    )
  for (const [i, search] of searches.entries()) {
    if (search === '.') continue
    // The resolver takes underscores and a closing dot; neither is part of a subdomain.
    const plain = search.replace(/\.$/, '').replaceAll('_', 'a')
    errors.push(...isDns1123Subdomain(plain).map((w) => at.index(i).invalid(search, w)))
  }
  for (const [i, option] of options.entries())
    if (!option.name) errors.push(path.child('options').index(i).required('must not be empty'))
  return errors
}
